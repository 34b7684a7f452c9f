# How fresh the watch may want the last good run to be follows from the schedule and the retries.

mock_provider "google" {}
mock_provider "archive" {}

variables {
  project_id          = "acme-seat-report"
  region              = "europe-west1"
  spreadsheet_id      = "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"
  avepoint_client_id  = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
  notification_emails = ["ada@example.com"]
}

# What two runs are apart follows from the schedule; the retries of a run come on top.
run "daily_schedule_without_time_for_retries" {
  command = plan
  variables {
    watch_fresh_within = "27h"
  }
  expect_failures = [var.watch_fresh_within]
}

run "weekly_schedule_watched_daily" {
  command = plan
  variables {
    schedule           = "0 6 * * MON"
    watch_fresh_within = "171h"
  }
  expect_failures = [var.watch_fresh_within]
}

run "weekly_schedule" {
  command = plan
  variables {
    schedule           = "0 6 * * MON"
    watch_fresh_within = "172h"
  }
}

run "working_days_watched_daily" {
  command = plan
  variables {
    schedule           = "0 6 * * mon-fri"
    watch_fresh_within = "75h"
  }
  expect_failures = [var.watch_fresh_within]
}

run "three_times_a_day" {
  command = plan
  variables {
    schedule           = "0 6-18/6 * * *"
    watch_fresh_within = "16h"
  }
}

run "fewer_retries_need_less_time" {
  command = plan
  variables {
    retry_count        = 0
    watch_fresh_within = "25h"
  }
}
