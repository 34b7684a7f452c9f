# Where it is deployed, how it is called and who is told. What the function itself is told: variables-settings.tf.

variable "project_id" {
  description = "Id of the Google Cloud project that everything goes into."
  type        = string
  nullable    = false
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be a project's id (not its name or number), such as acme-seat-report: 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "region" {
  description = "Region of the function, its source, image, secret and scheduler jobs."
  type        = string
  nullable    = false
  validation {
    condition = can(regex(
      "^(africa|asia|australia|europe|me|northamerica|southamerica|us)-(central|north|northeast|northwest|east|south|southeast|southwest|west)[1-9][0-9]?$",
      var.region
    ))
    error_message = "region must be a Google Cloud region such as europe-west3 (not a zone, a multi-region or another cloud's region)."
  }
}

variable "name" {
  description = "Name of the function; the names of everything else begin with it."
  type        = string
  default     = "seat-report"
  nullable    = false
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,18}[a-z0-9]$", var.name))
    error_message = "name must have 4 to 20 lower-case letters, digits and hyphens and begin with a letter."
  }
}

variable "labels" {
  description = "Labels of everything that can have labels."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "memory" {
  description = "Memory of the function's one instance."
  type        = string
  default     = "1Gi"
  nullable    = false
  validation {
    condition     = contains(["512Mi", "1Gi", "2Gi", "4Gi"], var.memory)
    error_message = "memory must be 512Mi, 1Gi, 2Gi or 4Gi: what one vCPU can have."
  }
}

variable "ingress" {
  description = "From where the function can be reached at all; whoever calls needs the invoker role in any case."
  type        = string
  default     = "ALLOW_ALL"
  nullable    = false
  validation {
    condition     = contains(["ALLOW_ALL", "ALLOW_INTERNAL_ONLY", "ALLOW_INTERNAL_AND_GCLB"], var.ingress)
    error_message = "ingress must be ALLOW_ALL, ALLOW_INTERNAL_ONLY (Cloud Scheduler of the same project still gets in, people don't) or ALLOW_INTERNAL_AND_GCLB."
  }
}

variable "function_timeout_seconds" {
  description = "When the platform ends a request to the function."
  type        = number
  default     = 1770
  nullable    = false
  validation {
    condition     = var.function_timeout_seconds >= 60 && var.function_timeout_seconds <= 1800 && floor(var.function_timeout_seconds) == var.function_timeout_seconds
    error_message = "function_timeout_seconds must be a whole number from 60 to 1800: Cloud Scheduler waits no longer for an answer."
  }
}

variable "attempt_deadline_seconds" {
  description = "How long Cloud Scheduler waits for a run's answer."
  type        = number
  default     = 1800
  nullable    = false
  validation {
    condition     = var.attempt_deadline_seconds <= 1800 && floor(var.attempt_deadline_seconds) == var.attempt_deadline_seconds
    error_message = "attempt_deadline_seconds must be a whole number of at most 1800, the longest that Cloud Scheduler waits."
  }
  validation {
    condition     = var.attempt_deadline_seconds >= var.function_timeout_seconds
    error_message = "attempt_deadline_seconds must not be less than function_timeout_seconds, or Cloud Scheduler gives up on runs that still go on."
  }
}

variable "schedule" {
  description = "When the report is brought up to date, as a cron line: minute, hour, day of the month, month, day of the week."
  type        = string
  default     = "0 6 * * *"
  nullable    = false
  validation {
    condition     = can(regex(local.cron_pattern, var.schedule))
    error_message = "schedule must be a cron line of five fields, such as \"0 6 * * *\" (daily at 06:00) or \"0 6 * * MON\"."
  }
}

variable "watch_schedule" {
  description = "When it is checked that a good run is not too long ago, as a cron line."
  type        = string
  default     = "15 * * * *"
  nullable    = false
  validation {
    condition     = can(regex(local.cron_pattern, var.watch_schedule))
    error_message = "watch_schedule must be a cron line of five fields, such as \"15 * * * *\" (a quarter past every hour)."
  }
}

variable "watch_fresh_within" {
  description = "How old the newest good run may be: the longest pause of `schedule`, and some hours for retries."
  type        = string
  default     = "26h"
  nullable    = false
  validation {
    condition     = can(regex("^[1-9][0-9]{0,3}[hd]$", var.watch_fresh_within))
    error_message = "watch_fresh_within must be a number of hours or days, such as 26h (a daily schedule) or 8d (a weekly one)."
  }
}

variable "time_zone" {
  description = "Time zone of both schedules, by its name in the tz database."
  type        = string
  default     = "Etc/UTC"
  nullable    = false
  validation {
    condition     = can(regex("^(UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2})$", var.time_zone))
    error_message = "time_zone must be a name of the tz database, such as Europe/Berlin; abbreviations such as CET know no summer time."
  }
}

variable "retry_count" {
  description = "How often Cloud Scheduler tries again after a run that failed, or that found another one under way."
  type        = number
  default     = 4
  nullable    = false
  validation {
    condition     = contains([0, 1, 2, 3, 4, 5], var.retry_count)
    error_message = "retry_count must be a whole number from 0 to 5, as Cloud Scheduler allows."
  }
}

variable "paused" {
  description = "Whether both schedules rest; calls by people are answered all the same."
  type        = bool
  default     = false
  nullable    = false
}

variable "invokers" {
  description = "Who may call the function besides its schedule, such as user:ada@example.com or group:finance@example.com."
  type        = set(string)
  default     = []
  nullable    = false
  validation {
    condition = alltrue([
      for member in var.invokers :
      can(regex("^(user|group|serviceAccount):[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$|^domain:[^@[:space:]]+[.][^@[:space:]]+$", member))
    ])
    error_message = "invokers must each be user:, group: or serviceAccount: with an e-mail address, or domain: with a domain; the public (allUsers, allAuthenticatedUsers) can't be let in."
  }
}

variable "notification_emails" {
  description = "E-mail addresses that alerts go to."
  type        = set(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for email in var.notification_emails : can(regex("^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:].]+$", email))])
    error_message = "notification_emails must each be one e-mail address, such as ada@example.com."
  }
  validation {
    condition     = length(var.notification_emails) + length(var.notification_channels) > 0
    error_message = "Give notification_emails or notification_channels: an alert that nobody gets is none."
  }
}

variable "notification_channels" {
  description = "Notification channels that exist already (Slack, PagerDuty and so on), by their ids."
  type        = set(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for id in var.notification_channels : can(regex("^projects/[^/]+/notificationChannels/[0-9]+$", id))])
    error_message = "notification_channels must each look like projects/acme/notificationChannels/123, as `gcloud beta monitoring channels list` shows them."
  }
}

variable "grants_wait_seconds" {
  description = "How long a deployment waits for new grants to be there for all of Google."
  type        = number
  default     = 90
  nullable    = false
  validation {
    condition     = var.grants_wait_seconds >= 0 && floor(var.grants_wait_seconds) == var.grants_wait_seconds
    error_message = "grants_wait_seconds must be a whole number of seconds, not negative."
  }
}

variable "source_versions_days" {
  description = "How long the source of former deployments is kept."
  type        = number
  default     = 90
  nullable    = false
  validation {
    condition     = var.source_versions_days >= 1 && floor(var.source_versions_days) == var.source_versions_days
    error_message = "source_versions_days must be a whole number of days, at least 1."
  }
}

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
  cron_pattern = "^${join(" ", [for item in local._cron_items : "${item}(?:,${item})*"])}$"
}
