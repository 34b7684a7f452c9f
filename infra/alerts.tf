# Each alert says in its text what to do; its filter is made of log lines that seat_report/logs.py promises.

locals {
  _log_of_scheduler = "resource.type=\"cloud_scheduler_job\" AND jsonPayload.\"@type\"=\"type.googleapis.com/google.cloud.scheduler.logging.AttemptFinished\" AND severity>=ERROR"
  _fields = {
    outcome    = "EXTRACT(jsonPayload.outcome)"
    detail     = "EXTRACT(jsonPayload.detail)"
    run_id     = "EXTRACT(jsonPayload.run_id)"
    setting    = "EXTRACT(jsonPayload.setting)"
    wrong      = "EXTRACT(jsonPayload.wrong)"
    debug_info = "EXTRACT(jsonPayload.debugInfo)"
  }
  _read_logs = "Read the log: `${local.logs_command}`"

  alerts = {
    run_failed = {
      name     = "a run failed"
      severity = "ERROR"
      period   = "3600s"
      filter = join(" OR ", [
        "(${local.log_filters.finished} AND jsonPayload.outcome=\"failed\")",
        "(${local.log_filters.function} AND jsonPayload.message=\"configuration fault\")",
        "(${local._log_of_scheduler} AND resource.labels.job_id=\"${var.name}\")",
      ])
      fields = { for name in ["detail", "run_id", "setting", "wrong", "debug_info"] : name => local._fields[name] }
      text   = <<-EOT
        A run of **${var.name}** failed, or the scheduler could not get one done. The report still shows the last known numbers, with when they were right.

        What happened: $${log.extracted_label.detail} $${log.extracted_label.setting} $${log.extracted_label.wrong} $${log.extracted_label.debug_info}

        1. Cloud Scheduler tries up to ${var.retry_count} times more; a run that is good after all needs nothing from you.
        2. ${local._read_logs}
        3. If a setting is wrong, the line `configuration fault` says which and what to do. If AvePoint or the spreadsheet could not be reached, try again later: `${local.run_command}`
        4. If the scheduler was refused (403), apply Terraform again: its right to call has been taken away.
      EOT
    }
    not_ok_in_a_row = {
      name     = "two runs in a row were not ok"
      severity = "WARNING"
      period   = "43200s"
      filter   = "${local.log_filters.finished} AND jsonPayload.not_ok_in_a_row>=2"
      fields   = { for name in ["outcome", "detail", "run_id"] : name => local._fields[name] }
      text     = <<-EOT
        At least two runs of **${var.name}** in a row were partial or failed, so this is no passing disturbance: some customers' numbers are getting old.

        The last one: $${log.extracted_label.outcome}. $${log.extracted_label.detail}

        1. Open the spreadsheet: the Overview tab lists what needs attention, and column Detail of the Seat Report says why and what to do.
        2. ${local._read_logs}
        3. Mend it (an ID in the Customers tab, the scope of the app registration at AvePoint), then run again: `${local.run_command}`
      EOT
    }
    no_good_run = {
      name     = "no good run in time"
      severity = "CRITICAL"
      period   = "21600s"
      filter   = "${local._log_of_scheduler} AND resource.labels.job_id=\"${google_cloud_scheduler_job.watch.name}\""
      fields   = { debug_info = local._fields.debug_info }
      text     = <<-EOT
        There has been no good run of **${var.name}** within ${var.watch_fresh_within}, or that could not be found out: the report is getting old and perhaps nothing is being tried.

        The check's answer: $${log.extracted_label.debug_info}

        1. Is the schedule there and not paused? `gcloud scheduler jobs describe ${var.name} --location=${var.region} --project=${var.project_id}`
        2. ${local._read_logs}
        3. A partial run is no good run. If that is what they all are, the Overview tab says what needs attention.
        4. Otherwise run it by hand and read the answer: `${local.invoke_command}`
        5. If only the check was disturbed once, the next one is good again and needs nothing from you.
      EOT
    }
    credential_ends = {
      name     = "AvePoint's credential ends within 30 days"
      severity = "WARNING"
      period   = "86400s"
      filter   = "${local.log_filters.finished} AND jsonPayload.credential_days_left<=30"
      fields   = { days_left = "EXTRACT(jsonPayload.credential_days_left)" }
      text     = <<-EOT
        The credential with which **${var.name}** signs in at AvePoint ends in $${log.extracted_label.days_left} days. After that every run fails.

        1. Make a new client secret or certificate for the app registration in AvePoint Elements; the old one goes on working until it ends.
        2. Hand it over as infra/README.md says under "Rotating the credential", with the new day in `avepoint_credential_expires` if it is a client secret.
        3. Run once: `${local.run_command}`
      EOT
    }
    crashed = {
      name     = "the function crashed"
      severity = "ERROR"
      period   = "3600s"
      filter = join(" OR ", [
        "(${local.log_filters.function} AND jsonPayload.message=\"unexpected error\")",
        "(${local.log_filters.function} AND logName=\"projects/${var.project_id}/logs/run.googleapis.com%2Fvarlog%2Fsystem\" AND severity>=ERROR)",
      ])
      fields = { run_id = local._fields.run_id }
      text   = <<-EOT
        **${var.name}** met an error that it was not made for, did not start, or was ended by the platform (out of memory, for instance). Nothing half-written stays: the next run plans anew from what the spreadsheet holds.

        1. ${local._read_logs}
        2. "Memory limit exceeded": raise `memory` in terraform.tfvars and apply.
        3. It began with a deployment: roll back as infra/README.md says.
        4. Otherwise Error Reporting has the stack trace; tell the developers, with the run id $${log.extracted_label.run_id}.
      EOT
    }
  }
}

resource "google_monitoring_notification_channel" "email" {
  for_each     = var.notification_emails
  type         = "email"
  display_name = "${var.name}: ${each.key}"
  labels = {
    email_address = each.key
  }
  depends_on = [google_project_service.needed]
}

resource "google_monitoring_alert_policy" "alert" {
  for_each              = local.alerts
  display_name          = "${var.name}: ${each.value.name}"
  severity              = each.value.severity
  combiner              = "OR"
  notification_channels = concat([for channel in google_monitoring_notification_channel.email : channel.name], tolist(var.notification_channels))
  conditions {
    display_name = each.value.name
    condition_matched_log {
      filter           = each.value.filter
      label_extractors = each.value.fields
    }
  }
  alert_strategy {
    auto_close = "86400s"
    notification_rate_limit {
      period = each.value.period
    }
  }
  documentation {
    mime_type = "text/markdown"
    subject   = "${var.name}: ${each.value.name}"
    content   = each.value.text
  }
  depends_on = [google_project_service.needed]
}
