locals {
  # The service's own address without a path: the audience that its identity check expects.
  service_url = google_cloudfunctions2_function.report.service_config[0].uri
}

resource "google_cloud_scheduler_job" "report" {
  name             = var.name
  description      = "Brings the seat report up to date."
  schedule         = var.schedule
  time_zone        = var.time_zone
  paused           = var.paused
  attempt_deadline = "${var.attempt_deadline_seconds}s"
  # Four times: 5, 10, 20 and 40 minutes outlast the longest lock that a killed run can leave behind, 3,605 s.
  retry_config {
    retry_count          = var.retry_count
    min_backoff_duration = "300s"
    max_backoff_duration = "3600s"
    max_doublings        = 3
  }
  http_target {
    http_method = "POST"
    uri         = "${local.service_url}/"
    oidc_token {
      service_account_email = google_service_account.scheduler.email
      audience              = local.service_url
    }
  }
  depends_on = [google_cloud_run_v2_service_iam_member.scheduler_calls]
}

# Fails, and so raises an alert, when no run has been good for too long, even if none was ever begun.
resource "google_cloud_scheduler_job" "watch" {
  name             = "${var.name}-watch"
  description      = "Checks that the newest good run is not older than ${var.watch_fresh_within}."
  schedule         = var.watch_schedule
  time_zone        = var.time_zone
  paused           = var.paused
  attempt_deadline = "120s"
  retry_config {
    retry_count          = 0
    min_backoff_duration = "60s"
    max_backoff_duration = "60s"
  }
  http_target {
    http_method = "GET"
    uri         = "${local.service_url}/health?fresh=${var.watch_fresh_within}"
    oidc_token {
      service_account_email = google_service_account.scheduler.email
      audience              = local.service_url
    }
  }
  depends_on = [google_cloud_run_v2_service_iam_member.scheduler_calls]
}
