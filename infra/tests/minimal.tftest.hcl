# With the least that has to be said, everything else is a default that is safe and fit for use.

mock_provider "archive" {}

mock_provider "google" {
  override_during = plan
  mock_resource "google_cloudfunctions2_function" {
    defaults = {
      service_config = { uri = "https://seat-report-abc123-ey.a.run.app" }
    }
  }
  override_resource {
    target = google_service_account.runtime
    values = { member = "serviceAccount:runtime", email = "runtime@example.com" }
  }
  override_resource {
    target = google_service_account.build
    values = { member = "serviceAccount:build", id = "projects/acme-seat-report/serviceAccounts/build" }
  }
  override_resource {
    target = google_service_account.scheduler
    values = { member = "serviceAccount:scheduler", email = "scheduler@example.com" }
  }
  override_resource {
    target = google_secret_manager_secret.credential
    values = { id = "projects/acme-seat-report/secrets/seat-report-avepoint" }
  }
  override_resource {
    target = google_secret_manager_secret_version.credential
    values = { version = "1" }
  }
}

variables {
  project_id          = "acme-seat-report"
  region              = "europe-west1"
  spreadsheet_id      = "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"
  avepoint_client_id  = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
  avepoint_credential = "s3cr3t-value"
  notification_emails = ["ada@example.com"]
}

run "the_least" {
  command = plan

  # Identities
  # Every grant there is, so that a new one has to be written down here too.
  assert {
    condition = toset(concat(
      [for grant in [google_project_iam_member.build_logs, google_project_iam_member.build_platform_sources] : "project ${grant.role} ${grant.member}"],
      ["bucket ${google_storage_bucket_iam_member.build_source.role} ${google_storage_bucket_iam_member.build_source.member}"],
      ["images ${google_artifact_registry_repository_iam_member.build_images.role} ${google_artifact_registry_repository_iam_member.build_images.member}"],
      ["secret ${google_secret_manager_secret_iam_member.runtime_credential.role} ${google_secret_manager_secret_iam_member.runtime_credential.member}"],
      ["service ${google_cloud_run_v2_service_iam_member.scheduler_calls.role} ${google_cloud_run_v2_service_iam_member.scheduler_calls.member}"],
      )) == toset([
      "project roles/logging.logWriter serviceAccount:build",
      "project roles/storage.objectViewer serviceAccount:build",
      "bucket roles/storage.objectViewer serviceAccount:build",
      "images roles/artifactregistry.writer serviceAccount:build",
      "secret roles/secretmanager.secretAccessor serviceAccount:runtime",
      "service roles/run.invoker serviceAccount:scheduler",
    ])
    error_message = "The identities have other access than their work needs."
  }
  assert {
    condition     = google_project_iam_member.build_platform_sources.condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-\")"
    error_message = "The build may read more buckets of the project than those of functions' sources."
  }
  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.people_call) == 0
    error_message = "Somebody may call the function though no invokers were given."
  }
  assert {
    condition     = google_secret_manager_secret_iam_member.runtime_credential.secret_id == "projects/acme-seat-report/secrets/seat-report-avepoint"
    error_message = "The runtime account reads another secret than its own."
  }
  assert {
    condition     = google_storage_bucket.source.public_access_prevention == "enforced" && google_storage_bucket.source.uniform_bucket_level_access
    error_message = "The source bucket is not shut to the public."
  }

  # Function
  assert {
    condition = (
      google_cloudfunctions2_function.report.build_config[0].runtime == "python312"
      && google_cloudfunctions2_function.report.build_config[0].entry_point == "seat_report"
      && google_cloudfunctions2_function.report.build_config[0].service_account == "projects/acme-seat-report/serviceAccounts/build"
    )
    error_message = "The function is built from something else."
  }
  assert {
    condition = (
      google_cloudfunctions2_function.report.service_config[0].max_instance_count == 1
      && google_cloudfunctions2_function.report.service_config[0].available_cpu == "1"
      && google_cloudfunctions2_function.report.service_config[0].max_instance_request_concurrency == 8
      && google_cloudfunctions2_function.report.service_config[0].environment_variables["THREADS"] == "8"
      && google_cloudfunctions2_function.report.service_config[0].service_account_email == "runtime@example.com"
    )
    error_message = "The function has other instances, CPU, concurrency, threads or identity than it was made for."
  }
  assert {
    condition = google_cloudfunctions2_function.report.service_config[0].environment_variables == tomap({
      SPREADSHEET_ID                   = "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"
      CUSTOMERS_TAB                    = "Customers"
      REPORT_TAB                       = "Seat Report"
      BY_CUSTOMER_TAB                  = "By Customer"
      BILLING_TAB                      = "Billing"
      HISTORY_TAB                      = "History"
      OVERVIEW_TAB                     = "Overview"
      NOT_LISTED_TAB                   = "Not Listed"
      RUNS_TAB                         = "Runs"
      TENANT_TYPES                     = "dynamics-365,google,microsoft-365,salesforce"
      AVEPOINT_ENVIRONMENT             = "commercial"
      AVEPOINT_CLIENT_ID               = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
      AVEPOINT_CLIENT_SECRET_FILE      = "/etc/secrets/avepoint/credential"
      AVEPOINT_SEATS_CONTRACT          = "auto"
      AVEPOINT_CONCURRENCY             = "16"
      AVEPOINT_REQUEST_TIMEOUT_SECONDS = "30"
      RUN_TIMEOUT_SECONDS              = "1740"
      HISTORY_MONTHS                   = "24"
      AVAILABLE_SEATS_MEAN             = "unassigned"
      BILLING_BASIS                    = "month-end"
      BILLING_TOLERANCE                = "0"
      PURCHASED_SEATS                  = "off"
      FIND_CUSTOMERS                   = "off"
      LOG_LEVEL                        = "INFO"
      GOOGLE_CLOUD_PROJECT             = "acme-seat-report"
      LOG_EXECUTION_ID                 = "true"
      THREADS                          = "8"
    })
    error_message = "The function's environment is not that of the defaults."
  }
  assert {
    condition = one([
      for volume in google_cloudfunctions2_function.report.service_config[0].secret_volumes :
      "${volume.project_id} ${volume.secret} ${volume.versions[0].version} ${volume.mount_path}/${volume.versions[0].path}"
    ]) == "acme-seat-report seat-report-avepoint 1 /etc/secrets/avepoint/credential"
    error_message = "The credential is not mounted where the setting says."
  }

  # Credential
  assert {
    condition     = google_secret_manager_secret_version.credential[0].secret_data == null && google_secret_manager_secret_version.credential[0].secret_data_wo == null
    error_message = "The plan holds the credential."
  }
  assert {
    condition     = google_secret_manager_secret_version.credential[0].secret_data_wo_version == "1"
    error_message = "The credential's version is not that of the variable."
  }

  # Source
  assert {
    condition     = google_storage_bucket_object.source.name == "seat-report-${local.source_hash}.zip" && can(regex("^[0-9a-f]{64}$", local.source_hash))
    error_message = "The archive's name does not carry the hash of its contents."
  }
  assert {
    condition     = length(setintersection(keys(local.source_files), ["main.py", "requirements.txt", "seat_report/__init__.py"])) == 3
    error_message = "The archive lacks what the function is made of."
  }
  assert {
    condition     = alltrue([for file in keys(local.source_files) : can(regex("^(main[.]py|requirements[.]txt|seat_report/.+)$", file)) && !can(regex("pycache|[.]pyc$", file))])
    error_message = "The archive holds something else than the function."
  }

  # Schedule
  assert {
    condition = (
      google_cloud_scheduler_job.report.schedule == "0 6 * * *"
      && google_cloud_scheduler_job.report.time_zone == "Etc/UTC"
      && google_cloud_scheduler_job.report.http_target[0].uri == "https://seat-report-abc123-ey.a.run.app/"
      && google_cloud_scheduler_job.report.http_target[0].http_method == "POST"
      && google_cloud_scheduler_job.report.retry_config[0].retry_count == 4
    )
    error_message = "The report's job does not run it daily at 06:00 with retries."
  }
  assert {
    condition = alltrue([
      for job in [google_cloud_scheduler_job.report, google_cloud_scheduler_job.request[0], google_cloud_scheduler_job.watch] :
      job.region == "europe-west1" && job.http_target[0].oidc_token[0].audience == "https://seat-report-abc123-ey.a.run.app" && job.http_target[0].oidc_token[0].service_account_email == "scheduler@example.com"
    ])
    error_message = "A job is in another region, its audience is not the service's own address, or another account calls."
  }
  assert {
    condition     = google_cloud_scheduler_job.watch.http_target[0].uri == "https://seat-report-abc123-ey.a.run.app/health?fresh=29h" && google_cloud_scheduler_job.watch.http_target[0].http_method == "GET"
    error_message = "The watch job does not ask for a fresh report."
  }
  assert {
    condition = (
      google_cloud_scheduler_job.request[0].schedule == "*/10 * * * *"
      && google_cloud_scheduler_job.request[0].http_target[0].uri == "https://seat-report-abc123-ey.a.run.app/?if_requested=true"
      && google_cloud_scheduler_job.request[0].http_target[0].http_method == "POST"
      && google_cloud_scheduler_job.request[0].attempt_deadline == google_cloud_scheduler_job.report.attempt_deadline
      && google_cloud_scheduler_job.request[0].retry_config[0].retry_count == 0
    )
    error_message = "The request job does not look for a request every ten minutes, with time for a run."
  }
  assert {
    condition = (
      tonumber(google_cloudfunctions2_function.report.service_config[0].environment_variables["RUN_TIMEOUT_SECONDS"]) < google_cloudfunctions2_function.report.service_config[0].timeout_seconds
      && google_cloudfunctions2_function.report.service_config[0].timeout_seconds <= tonumber(trimsuffix(google_cloud_scheduler_job.report.attempt_deadline, "s"))
      && tonumber(trimsuffix(google_cloud_scheduler_job.report.attempt_deadline, "s")) <= 1800
    )
    error_message = "The deadlines are not in order: run < function <= attempt <= 1800."
  }

  # Monitoring
  assert {
    condition     = toset(keys(google_monitoring_alert_policy.alert)) == toset(["run_failed", "misconfigured", "not_ok_in_a_row", "no_good_run", "credential_ends", "crashed"])
    error_message = "An alert is missing, or one is new and untested."
  }
  assert {
    condition = alltrue([
      for policy in concat(values(google_monitoring_alert_policy.alert), [google_monitoring_alert_policy.silent]) :
      length(policy.notification_channels) == 1 && strcontains(policy.documentation[0].content, "1. ")
    ])
    error_message = "An alert goes to nobody, or does not say what to do."
  }
  assert {
    condition = alltrue([
      for policy in google_monitoring_alert_policy.alert : policy.alert_strategy[0].notification_rate_limit[0].period != null
    ])
    error_message = "An alert has no limit to its mails."
  }
  assert {
    condition     = google_monitoring_notification_channel.email["ada@example.com"].labels["email_address"] == "ada@example.com"
    error_message = "The mail goes elsewhere."
  }
  assert {
    condition = toset(keys(google_logging_metric.figures)) == toset([
      "answered", "failed", "seconds", "requests", "retries", "throttled",
      "assigned_microsoft_365", "assigned_salesforce", "assigned_google", "assigned_dynamics_365",
    ])
    error_message = "The figures that are kept are others."
  }
  assert {
    condition = alltrue([
      for name in concat(["seat-report/runs"], [for metric in google_logging_metric.figures : metric.name]) :
      strcontains(google_monitoring_dashboard.report.dashboard_json, "logging.googleapis.com/user/${name}\\\"")
    ])
    error_message = "The dashboard leaves out a figure."
  }

  # Outputs
  assert {
    condition     = output.service_account == "runtime@example.com" && output.url == "https://seat-report-abc123-ey.a.run.app"
    error_message = "The outputs name another account or address."
  }
  assert {
    condition     = endswith(output.invoke_command, " https://seat-report-abc123-ey.a.run.app/") && strcontains(output.logs_command, "service_name=\"seat-report\"")
    error_message = "The commands are for something else."
  }
}

# Terraform has to be run without the credential at hand once Secret Manager has it.
run "without_the_credential" {
  command = plan
  variables {
    avepoint_credential = null
  }
  assert {
    condition     = google_secret_manager_secret_version.credential[0].secret_data_wo_version == "1"
    error_message = "The secret is left out if its value is not given."
  }
}
