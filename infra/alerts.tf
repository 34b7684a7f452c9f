# Each alert says what to do; its filter uses log lines that seat_report/reporting/logs.py promises. One fault raises one
# alert: a wrong setting, a crash and a failure of AvePoint or the spreadsheet each have their own.

locals {
  _attempt_finished = "type.googleapis.com/google.cloud.scheduler.logging.AttemptFinished"
  _read_logs        = "Read the log: `${local.logs_command}`"
  _list_jobs        = "`gcloud scheduler jobs list --location=${local.scheduler_region} --project=${var.project_id}`"

  # `fields` are shown in the mail. Each combination of their values is a case of its own, with mails of its own, so there
  # is none whose value is another one each time.
  alerts = {
    run_failed = {
      name     = "a run failed"
      severity = "ERROR"
      # The retries of one run are one failure.
      period = "${max(3600, local.retry_chain_seconds)}s"
      filter = "${local.log_filters.finished} AND jsonPayload.outcome=\"failed\" AND (jsonPayload.failure=\"avepoint\" OR jsonPayload.failure=\"spreadsheet\")"
      fields = { failure = "EXTRACT(jsonPayload.failure)" }
      text   = <<-EOT
        A run of **${var.name}** failed. The report keeps the last known numbers, and says when they were verified. What could not be reached: $${log.extracted_label.failure}

        1. Cloud Scheduler tries up to ${var.retry_count} more times. If a later run is good, there is nothing to do.
        2. ${local._read_logs} `detail` says why it failed.
        3. Try again later: `${local.run_command}`
      EOT
    }
    misconfigured = {
      name     = "a setting is wrong"
      severity = "ERROR"
      period   = "86400s"
      filter   = "${local.log_filters.function} AND jsonPayload.message=\"configuration fault\""
      fields   = {}
      text     = <<-EOT
        **${var.name}** can't run: a setting is wrong, or it lacks a permission. The report keeps the last known numbers. This mail comes once a day until it is corrected.

        1. ${local._read_logs} The lines `configuration fault` say which setting is wrong and what to do (`remedy`).
        2. Correct it in terraform.tfvars and run `make deploy`; or share the spreadsheet again; or correct the app registration at AvePoint.
        3. Run: `${local.run_command}`
      EOT
    }
    not_ok_in_a_row = {
      name     = "two runs in a row were not ok"
      severity = "WARNING"
      period   = "43200s"
      # A failed run has its own alert, and so have its retries.
      filter = "${local.log_filters.finished} AND jsonPayload.outcome=\"partial\" AND jsonPayload.not_ok_in_a_row>=2"
      fields = {}
      text   = <<-EOT
        The last two runs of **${var.name}**, or more, were not ok. Some customers' numbers are getting out of date.

        1. Open the spreadsheet: the Overview tab lists what needs attention, and column Detail of the Seat Report says why and what to do.
        2. ${local._read_logs}
        3. Correct it (an ID in the Customers tab, the scope of the app registration at AvePoint), then run again: `${local.run_command}`
      EOT
    }
    no_good_run = {
      name     = "no good run in time"
      severity = "CRITICAL"
      period   = "21600s"
      # 500 is a wrong setting or a crash, which have their own alerts.
      filter = "resource.type=\"cloud_scheduler_job\" AND resource.labels.job_id=\"${google_cloud_scheduler_job.watch.name}\" AND jsonPayload.\"@type\"=\"${local._attempt_finished}\" AND severity>=ERROR AND NOT httpRequest.status=500"
      fields = { answer = "EXTRACT(jsonPayload.debugInfo)" }
      text   = <<-EOT
        There has been no good run of **${var.name}** within ${var.watch_fresh_within}, or this could not be checked. The report is getting out of date, and perhaps nothing runs any more.

        The check's answer: $${log.extracted_label.answer}

        1. ${local._read_logs} The line `health check failed` says what was found.
        2. If the answer was 403, the scheduler may not call any more: run `make deploy`, which grants it again. A new grant answers 403 for some minutes.
        3. Check that the jobs exist and are enabled: ${local._list_jobs}
        4. A partial run is not a good run. If all runs are partial, the Overview tab says what needs attention.
        5. Otherwise run it and read the answer: `${local.invoke_command}`
        6. If the check failed only once, the next one passes and there is nothing to do.
      EOT
    }
    credential_ends = {
      name     = "AvePoint's credential expires within 30 days"
      severity = "WARNING"
      period   = "86400s"
      filter   = "${local.log_filters.finished} AND jsonPayload.credential_days_left<=30"
      fields   = {}
      text     = <<-EOT
        The credential with which **${var.name}** signs in at AvePoint expires within 30 days (`credential_days_left` in the log line `run finished` says when). After that, every run fails.

        1. Make a new client secret or certificate for the app registration in AvePoint Elements. The old one works until it expires.
        2. Hand it over as infra/OPERATIONS.md says under "Rotating the credential", with the new day in `avepoint_credential_expires` if it is a client secret.
        3. Run: `${local.run_command}`
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
        **${var.name}** met an unexpected error, did not start, or was ended by the platform (out of memory, for example). The next run repairs what this one left unfinished.

        1. ${local._read_logs}
        2. "Memory limit exceeded": raise `memory` in terraform.tfvars and run `make deploy`.
        3. If it began with a deployment, roll back as infra/OPERATIONS.md says.
        4. Otherwise Error Reporting has the stack trace; give it to the developers.
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

# A job that is paused or deleted logs nothing, so no log line can tell. The watch calls at least every two hours, and
# each call is counted by Cloud Run itself.
resource "google_monitoring_alert_policy" "silent" {
  display_name          = "${var.name}: nothing calls it"
  severity              = "CRITICAL"
  combiner              = "OR"
  enabled               = !var.paused
  notification_channels = concat([for channel in google_monitoring_notification_channel.email : channel.name], tolist(var.notification_channels))
  conditions {
    display_name = "no request for three hours"
    condition_absent {
      filter   = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}\" AND metric.type=\"run.googleapis.com/request_count\""
      duration = "10800s"
      # One series of all revisions and answers: one of these ends whenever another begins.
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }
  alert_strategy {
    auto_close = "86400s"
  }
  documentation {
    mime_type = "text/markdown"
    subject   = "${var.name}: nothing calls it"
    content   = <<-EOT
      Nothing has called **${var.name}** for three hours, not even its hourly check. The report is not updated, and the other alerts can't be raised.

      1. Check that the jobs exist and are enabled: ${local._list_jobs} `gcloud scheduler jobs resume NAME` enables one again; `make deploy` makes what has been deleted.
      2. Check that the project has billing, and that the function exists: `gcloud functions describe ${var.name} --gen2 --region=${var.region} --project=${var.project_id}`
      3. Run: `${local.run_command}`
      4. If the jobs rest on purpose, set `paused = true` in terraform.tfvars and run `make deploy`: that also turns this alert off.
    EOT
  }
  depends_on = [terraform_data.apis_are_usable]
}
