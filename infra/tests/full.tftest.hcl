# With everything said otherwise than by default, it reaches where it belongs.

mock_provider "archive" {}

mock_provider "google" {
  override_during = plan
  mock_resource "google_cloudfunctions2_function" {
    defaults = {
      service_config = { uri = "https://seats-abc123-uc.a.run.app" }
    }
  }
}

variables {
  project_id                       = "acme-seats"
  region                           = "us-central1"
  scheduler_region                 = "us-east4"
  name                             = "seats"
  labels                           = { team = "finance", kosten_stelle = "", "größe" = "42" }
  memory                           = "2Gi"
  ingress                          = "ALLOW_INTERNAL_ONLY"
  function_timeout_seconds         = 900
  attempt_deadline_seconds         = 900
  run_timeout_seconds              = 840
  schedule                         = "30 5-7/2 1,15 JAN-jun MON,5"
  watch_schedule                   = "*/20 */2 * * *"
  request_schedule                 = "*/5 7-18 * * MON-FRI"
  watch_fresh_within               = "8d"
  time_zone                        = "America/Argentina/Buenos_Aires"
  retry_count                      = 0
  paused                           = true
  invokers                         = ["user:ada@example.com", "group:finance@example.com", "serviceAccount:bot@acme.iam.gserviceaccount.com", "domain:example.com"]
  notification_emails              = ["ada@example.com", "bob@example.com"]
  notification_channels            = ["projects/acme-seats/notificationChannels/123"]
  source_versions_days             = 10
  spreadsheet_id                   = "https://docs.google.com/spreadsheets/u/1/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit#gid=0"
  tabs                             = { customers = "Kunden", report = "Lizenzen", by_customer = "Je Kunde", billing = "Abrechnung", history = "Verlauf", overview = "Übersicht", not_listed = "Fehlend", runs = "Läufe" }
  tenant_types                     = ["google", "salesforce"]
  avepoint_environment             = "us-government"
  avepoint_api_url                 = "https://api.example.com/base"
  avepoint_token_url               = "https://identity.example.com/connect/token"
  avepoint_client_id               = "client"
  avepoint_credential              = "s3cr3t-value"
  avepoint_credential_version      = 7
  avepoint_credential_expires      = "2027-06-30"
  avepoint_seats_contract          = "tenants-batch"
  avepoint_concurrency             = 4
  avepoint_request_timeout_seconds = 12.5
  history_months                   = 36
  available_seats_mean             = "all"
  billing_basis                    = "peak"
  billing_tolerance                = 3
  purchased_seats                  = "on"
  find_customers                   = "on"
  notify_webhook_url               = "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=k&token=t"
  notify_webhook_version           = 2
  log_level                        = "DEBUG"
}

run "everything" {
  command = plan

  # Settings
  assert {
    condition = google_cloudfunctions2_function.report.service_config[0].environment_variables == tomap({
      SPREADSHEET_ID                   = "https://docs.google.com/spreadsheets/u/1/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit#gid=0"
      CUSTOMERS_TAB                    = "Kunden"
      REPORT_TAB                       = "Lizenzen"
      BY_CUSTOMER_TAB                  = "Je Kunde"
      BILLING_TAB                      = "Abrechnung"
      HISTORY_TAB                      = "Verlauf"
      OVERVIEW_TAB                     = "Übersicht"
      NOT_LISTED_TAB                   = "Fehlend"
      RUNS_TAB                         = "Läufe"
      TENANT_TYPES                     = "google,salesforce"
      AVEPOINT_ENVIRONMENT             = "us-government"
      AVEPOINT_API_URL                 = "https://api.example.com/base"
      AVEPOINT_TOKEN_URL               = "https://identity.example.com/connect/token"
      AVEPOINT_CLIENT_ID               = "client"
      AVEPOINT_CLIENT_SECRET_FILE      = "/etc/secrets/avepoint/credential"
      AVEPOINT_CREDENTIAL_EXPIRES      = "2027-06-30"
      AVEPOINT_SEATS_CONTRACT          = "tenants-batch"
      AVEPOINT_CONCURRENCY             = "4"
      AVEPOINT_REQUEST_TIMEOUT_SECONDS = "12.5"
      RUN_TIMEOUT_SECONDS              = "840"
      HISTORY_MONTHS                   = "36"
      AVAILABLE_SEATS_MEAN             = "all"
      BILLING_BASIS                    = "peak"
      BILLING_TOLERANCE                = "3"
      PURCHASED_SEATS                  = "on"
      FIND_CUSTOMERS                   = "on"
      NOTIFY_WEBHOOK_URL_FILE          = "/etc/secrets/notify-webhook/url"
      LOG_LEVEL                        = "DEBUG"
      GOOGLE_CLOUD_PROJECT             = "acme-seats"
      LOG_EXECUTION_ID                 = "true"
      THREADS                          = "8"
    })
    error_message = "A setting does not reach the function."
  }
  assert {
    condition = (
      google_cloudfunctions2_function.report.service_config[0].available_memory == "2Gi"
      && google_cloudfunctions2_function.report.service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY"
      && google_cloudfunctions2_function.report.service_config[0].timeout_seconds == 900
    )
    error_message = "Memory, ingress or time-out does not reach the function."
  }
  assert {
    condition     = google_secret_manager_secret_version.credential[0].secret_data_wo_version == "7"
    error_message = "The credential's version does not reach the secret."
  }
  assert {
    condition = google_secret_manager_secret_version.webhook[0].secret_data_wo_version == "2" && [
      for volume in google_cloudfunctions2_function.report.service_config[0].secret_volumes : "${volume.secret} ${volume.mount_path}/${volume.versions[0].path}"
    ] == ["seats-avepoint /etc/secrets/avepoint/credential", "seats-notify-webhook /etc/secrets/notify-webhook/url"]
    error_message = "The webhook's address is not mounted where the setting says."
  }

  # Schedules
  assert {
    condition = (
      google_cloud_scheduler_job.report.schedule == "30 5-7/2 1,15 JAN-jun MON,5"
      && google_cloud_scheduler_job.report.attempt_deadline == "900s"
      && google_cloud_scheduler_job.report.retry_config[0].retry_count == 0
      && google_cloud_scheduler_job.watch.schedule == "*/20 */2 * * *"
      && google_cloud_scheduler_job.request[0].schedule == "*/5 7-18 * * MON-FRI"
      && google_cloud_scheduler_job.watch.http_target[0].uri == "https://seats-abc123-uc.a.run.app/health?fresh=8d"
    )
    error_message = "The schedules are not those given."
  }
  assert {
    condition     = alltrue([for job in [google_cloud_scheduler_job.report, google_cloud_scheduler_job.request[0], google_cloud_scheduler_job.watch] : job.paused && job.region == "us-east4" && job.time_zone == "America/Argentina/Buenos_Aires"])
    error_message = "A job does not rest, or has another region or time zone."
  }
  assert {
    condition     = google_monitoring_alert_policy.silent.enabled == false
    error_message = "The alert that nothing calls is on though all jobs rest."
  }
  assert {
    condition = alltrue([
      for text in concat([output.run_command], [for policy in google_monitoring_alert_policy.alert : policy.documentation[0].content]) :
      !strcontains(text, "gcloud scheduler") || (strcontains(text, "--location=us-east4") && !strcontains(text, "--location=us-central1"))
    ])
    error_message = "A command looks for the jobs in another region."
  }

  # People
  assert {
    condition     = toset([for grant in google_cloud_run_v2_service_iam_member.people_call : "${grant.role} ${grant.member}"]) == toset([for member in var.invokers : "roles/run.invoker ${member}"])
    error_message = "Others than the invokers may call, or they may do more."
  }
  assert {
    condition = alltrue([
      for policy in concat(values(google_monitoring_alert_policy.alert), [google_monitoring_alert_policy.silent]) :
      length(policy.notification_channels) == 3 && contains(policy.notification_channels, "projects/acme-seats/notificationChannels/123")
    ])
    error_message = "An alert does not go to everybody."
  }
  assert {
    condition     = setintersection(keys(google_logging_metric.figures), ["assigned_google", "assigned_salesforce", "assigned_microsoft_365"]) == toset(["assigned_google", "assigned_salesforce"])
    error_message = "The figures are not those of the types asked about."
  }
}
