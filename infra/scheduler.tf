locals {
  # The service's own address without a path: the audience that its identity check expects.
  service_url      = google_cloudfunctions2_function.report.service_config[0].uri
  scheduler_region = coalesce(var.scheduler_region, var.region)

  # Four times: 5, 10, 20 and 40 minutes outlast the longest lock that a killed run can leave behind, 3,605 s.
  _first_pause  = 300
  _pause_limit  = 3600
  _retry_pauses = [for retry in range(var.retry_count) : min(local._pause_limit, local._first_pause * pow(2, retry))]
  # From the first attempt's start to the last attempt's end, if every one takes as long as it may.
  retry_chain_seconds = (var.retry_count + 1) * var.attempt_deadline_seconds + sum(concat([0], local._retry_pauses))
}

resource "google_cloud_scheduler_job" "report" {
  name             = var.name
  region           = local.scheduler_region
  description      = "Brings the seat report up to date."
  schedule         = var.schedule
  time_zone        = var.time_zone
  paused           = var.paused
  attempt_deadline = "${var.attempt_deadline_seconds}s"
  retry_config {
    retry_count          = var.retry_count
    min_backoff_duration = "${local._first_pause}s"
    max_backoff_duration = "${local._pause_limit}s"
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

# Runs if somebody has ticked "Run now" in the spreadsheet, and does nothing otherwise.
resource "google_cloud_scheduler_job" "request" {
  count            = var.request_schedule == null ? 0 : 1
  name             = "${var.name}-request"
  region           = local.scheduler_region
  description      = "Runs the seat report if somebody has asked for it in the spreadsheet."
  schedule         = var.request_schedule
  time_zone        = var.time_zone
  paused           = var.paused
  attempt_deadline = "${var.attempt_deadline_seconds}s"
  # The next call comes soon, and the tick stays until a run has begun.
  retry_config {
    retry_count          = 0
    min_backoff_duration = "60s"
    max_backoff_duration = "60s"
  }
  http_target {
    http_method = "POST"
    uri         = "${local.service_url}/?if_requested=true"
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
  region           = local.scheduler_region
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
