# Each alert says in its text what to do; its filter is made of log lines that seat_report/reporting/logs.py promises.

locals {
  _attempt_finished = "type.googleapis.com/google.cloud.scheduler.logging.AttemptFinished"
  _read_logs        = "Read the log: `${local.logs_command}`"

  # `fields` are shown in the mail. Each combination of their values is a case of its own, with mails of its own, so there
  # is none whose value is another one each time.
  alerts = {
    run_failed = {
      name     = "a run failed"
      severity = "ERROR"
      period   = "3600s"
      filter = join(" OR ", [
        "(${local.log_filters.finished} AND jsonPayload.outcome=\"failed\")",
        "(${local.log_filters.function} AND jsonPayload.message=\"configuration fault\")",
      ])
      fields = { failure = "EXTRACT(jsonPayload.failure)" }
      text   = <<-EOT
        A run of **${var.name}** failed. The report still shows the last known numbers, with when they were right. Kind of failure: $${log.extracted_label.failure}

        1. Cloud Scheduler tries up to ${var.retry_count} times more; if a later run is good, nothing is left to do.
        2. ${local._read_logs}
        3. `configuration`, or no kind at all: the line `configuration fault` says which setting is wrong and what to do.
        4. `avepoint` or `spreadsheet`: it could not be reached, and `detail` says why. Try again later: `${local.run_command}`
        5. `unexpected`: there is a second mail, that the function crashed.
      EOT
    }
    not_ok_in_a_row = {
      name     = "two runs in a row were not ok"
      severity = "WARNING"
      period   = "43200s"
      filter   = "${local.log_filters.finished} AND jsonPayload.not_ok_in_a_row>=2"
      fields   = { outcome = "EXTRACT(jsonPayload.outcome)" }
      text     = <<-EOT
        At least two runs of **${var.name}** in a row were partial or failed, so this is no passing disturbance: some customers' numbers are getting old.

        The last one: $${log.extracted_label.outcome}

        1. Open the spreadsheet: the Overview tab lists what needs attention, and column Detail of the Seat Report says why and what to do.
        2. ${local._read_logs}
        3. Mend it (an ID in the Customers tab, the scope of the app registration at AvePoint), then run again: `${local.run_command}`
      EOT
    }
    no_good_run = {
      name     = "no good run in time"
      severity = "CRITICAL"
      period   = "21600s"
      filter   = "resource.type=\"cloud_scheduler_job\" AND resource.labels.job_id=\"${google_cloud_scheduler_job.watch.name}\" AND jsonPayload.\"@type\"=\"${local._attempt_finished}\" AND severity>=ERROR"
      fields   = { answer = "EXTRACT(jsonPayload.debugInfo)" }
      text     = <<-EOT
        There has been no good run of **${var.name}** within ${var.watch_fresh_within}, or that could not be found out: the report is getting old and perhaps nothing is being tried.

        The check's answer: $${log.extracted_label.answer}

        1. ${local._read_logs} The line `health check failed` says what was found.
        2. The answer was 403: the scheduler may not call any more. Apply Terraform again, it gives the right back.
        3. Is the schedule there, and not paused? `gcloud scheduler jobs describe ${var.name} --location=${var.region} --project=${var.project_id}`
        4. A partial run is no good run. If that is what they all are, the Overview tab says what needs attention.
        5. Otherwise run it by hand and read the answer: `${local.invoke_command}`
        6. If only the check was disturbed once, the next one is good again and needs nothing from you.
      EOT
    }
    credential_ends = {
      name     = "AvePoint's credential ends within 30 days"
      severity = "WARNING"
      period   = "86400s"
      filter   = "${local.log_filters.finished} AND jsonPayload.credential_days_left<=30"
      fields   = {}
      text     = <<-EOT
        The credential with which **${var.name}** signs in at AvePoint ends within 30 days (`credential_days_left` in the log line `run finished` says when). After that every run fails.

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
      fields = {}
      text   = <<-EOT
        **${var.name}** met an error that it was not made for, did not start, or was ended by the platform (out of memory, for instance). Nothing half-written stays: the next run plans anew from what the spreadsheet holds.

        1. ${local._read_logs}
        2. "Memory limit exceeded": raise `memory` in terraform.tfvars and apply.
        3. It began with a deployment: roll back as infra/README.md says.
        4. Otherwise Error Reporting has the stack trace; tell the developers.
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
  depends_on = [terraform_data.apis_are_usable]
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
  depends_on = [terraform_data.apis_are_usable]
}
