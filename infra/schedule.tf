# What the cron line `schedule` means: the longest time between two runs, as far as its fields tell.

locals {
  # One field of a cron line: * or a value or a range, each perhaps with a step, and lists of them.
  _cron_values = [
    "[0-5]?[0-9]",
    "(?:[01]?[0-9]|2[0-3])",
    "(?:[1-9]|0[1-9]|[12][0-9]|3[01])",
    "(?:[1-9]|0[1-9]|1[0-2]|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))",
    "(?:[0-7]|(?i:sun|mon|tue|wed|thu|fri|sat))",
  ]
  _cron_items  = [for value in local._cron_values : "(?:[*]|${value}(?:-${value})?)(?:/[1-9][0-9]?)?"]
  _cron_fields = [for item in local._cron_items : "${item}(?:,${item})*"]
  cron_pattern = "^${join(" ", local._cron_fields)}$"
  # The watch calls often enough for the alert that nothing calls any more.
  watch_cron_pattern = "^${local._cron_fields[0]} [*](?:/[12])? [*] [*] [*]$"

  _fields = can(regex(local.cron_pattern, var.schedule)) ? split(" ", lower(var.schedule)) : ["0", "*", "*", "*", "*"]
  # Days of the month can't be laid out in a week. Taken as every day, they make the pause too short, never too long.
  _weekday_field = local._fields[2] != "*" ? "*" : join("", [
    for part in regexall("[a-z]+|[^a-z]+", local._fields[4]) :
    lookup({ sun = "0", mon = "1", tue = "2", wed = "3", thu = "4", fri = "5", sat = "6" }, part, part)
  ])
  # By field, its first, last and step of each item of its list.
  _ranges = {
    for name, field in { hours = { text = local._fields[1], last = 23 }, weekdays = { text = local._weekday_field, last = 6 } } :
    name => [
      for item in [for text in split(",", field.text) : regex("^([*]|[0-9]+)(?:-([0-9]+))?(?:/([0-9]+))?$", text)] : {
        first = item[0] == "*" ? 0 : tonumber(item[0])
        last  = tonumber(coalesce(item[1], item[0] == "*" || item[2] != null ? field.last : item[0]))
        step  = tonumber(coalesce(item[2], 1))
      }
    ]
  }
  # By field, every value that it allows. 7 is Sunday, as 0 is.
  _allowed = {
    for name, ranges in local._ranges :
    name => distinct(flatten([for range in ranges : [for value in range(24) : name == "weekdays" ? value % 7 : value if value >= range.first && value <= range.last && (value - range.first) % range.step == 0]]))
  }
  _hours_of_week = sort(flatten([for day in local._allowed.weekdays : [for hour in local._allowed.hours : format("%03d", 24 * day + hour)]]))
  _pauses = [
    for index, hour in local._hours_of_week :
    index + 1 < length(local._hours_of_week) ? tonumber(local._hours_of_week[index + 1]) - tonumber(hour) : tonumber(local._hours_of_week[0]) + 168 - tonumber(hour)
  ]
  longest_pause_hours = max(concat([1], local._pauses)...)

  # The alert "no good run in time" must not be raised while the retries of a run that is due still go on.
  least_fresh_hours = local.longest_pause_hours + ceil(local.retry_chain_seconds / 3600)
}
