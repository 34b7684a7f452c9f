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
  description = "Region of the function, its source, image and secrets, and of the scheduler jobs unless scheduler_region says otherwise."
  type        = string
  nullable    = false
  validation {
    condition     = can(regex(local.region_pattern, var.region))
    error_message = "region must be a Google Cloud region such as europe-west1 (not a zone, a multi-region or another cloud's region)."
  }
}

variable "scheduler_region" {
  description = "Region of the scheduler jobs, if Cloud Scheduler is not available in `region`; `gcloud scheduler locations list` shows where it is."
  type        = string
  default     = null
  validation {
    condition     = var.scheduler_region == null || can(regex(local.region_pattern, var.scheduler_region))
    error_message = "scheduler_region must be a Google Cloud region such as europe-west1."
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
  validation {
    condition = length(var.labels) <= 60 && alltrue([
      for key, value in var.labels :
      can(regex("^[\\p{Ll}\\p{Lo}][\\p{Ll}\\p{Lo}\\p{N}_-]{0,62}$", key)) && !startswith(key, "goog") && can(regex("^[\\p{Ll}\\p{Lo}\\p{N}_-]{0,63}$", value))
    ])
    error_message = "labels must be at most 60, with keys and values of at most 63 lower-case letters, digits, '_' and '-'; a key begins with a letter, and not with goog."
  }
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
    condition     = can(regex(local.watch_cron_pattern, var.watch_schedule))
    error_message = "watch_schedule must be a cron line that calls at least every two hours on every day, such as \"15 * * * *\" (a quarter past every hour): an alert is raised if nothing calls for three hours."
  }
}

variable "request_schedule" {
  description = "When to look for a tick in \"Run now\" in the spreadsheet, as a cron line; null for never."
  type        = string
  default     = "*/10 * * * *"
  validation {
    condition     = var.request_schedule == null || can(regex(local.cron_pattern, var.request_schedule))
    error_message = "request_schedule must be a cron line of five fields, such as \"*/10 * * * *\" (every ten minutes), or null."
  }
}

variable "watch_fresh_within" {
  description = "How old the newest good run may be: the longest pause of `schedule`, and the time that retries take. The default adds an hour for the day on which clocks go back."
  type        = string
  default     = "29h"
  nullable    = false
  validation {
    condition     = can(regex("^[1-9][0-9]{0,3}[hd]$", var.watch_fresh_within))
    error_message = "watch_fresh_within must be a number of hours or days, such as 29h (a daily schedule) or 8d (a weekly one)."
  }
  validation {
    condition     = try(tonumber(regex("^[0-9]+", var.watch_fresh_within)) * (endswith(var.watch_fresh_within, "d") ? 24 : 1) >= local.least_fresh_hours, false)
    error_message = "watch_fresh_within must be at least ${local.least_fresh_hours}h: two runs of the schedule are up to ${local.longest_pause_hours} hours apart, and the attempts of one run take up to ${local.retry_chain_seconds} seconds. With less, the alert is raised while a run is still being tried."
  }
}

variable "time_zone" {
  description = "Time zone of the schedules, by its name in the tz database."
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
  description = "Whether all schedules rest; calls by people are answered all the same."
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

variable "apis_wait_seconds" {
  description = "How long the first deployment waits until APIs that it has switched on can be used."
  type        = number
  default     = 60
  nullable    = false
  validation {
    condition     = var.apis_wait_seconds >= 0 && floor(var.apis_wait_seconds) == var.apis_wait_seconds
    error_message = "apis_wait_seconds must be a whole number of seconds, not negative."
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
  region_pattern = "^(africa|asia|australia|europe|me|northamerica|southamerica|us)-(central|north|northeast|northwest|east|south|southeast|southwest|west)[1-9][0-9]?$"
}
