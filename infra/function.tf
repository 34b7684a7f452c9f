locals {
  # Requests that one instance serves at once: a run, and beside it health checks and the answer that a run is under way.
  concurrency         = 8
  credential_folder   = "/etc/secrets/avepoint"
  webhook_folder      = "/etc/secrets/notify-webhook"
  credential_setting  = var.avepoint_credential_kind == "certificate" ? "AVEPOINT_CERTIFICATE_FILE" : "AVEPOINT_CLIENT_SECRET_FILE"
  run_timeout_seconds = coalesce(var.run_timeout_seconds, var.function_timeout_seconds - 30)
  settings = {
    SPREADSHEET_ID                   = var.spreadsheet_id
    CUSTOMERS_TAB                    = var.tabs.customers
    REPORT_TAB                       = var.tabs.report
    BY_CUSTOMER_TAB                  = var.tabs.by_customer
    BILLING_TAB                      = var.tabs.billing
    HISTORY_TAB                      = var.tabs.history
    OVERVIEW_TAB                     = var.tabs.overview
    NOT_LISTED_TAB                   = var.tabs.not_listed
    RUNS_TAB                         = var.tabs.runs
    TENANT_TYPES                     = join(",", sort(var.tenant_types))
    AVEPOINT_ENVIRONMENT             = var.avepoint_environment
    AVEPOINT_API_URL                 = var.avepoint_api_url
    AVEPOINT_TOKEN_URL               = var.avepoint_token_url
    AVEPOINT_CLIENT_ID               = var.avepoint_client_id
    (local.credential_setting)       = "${local.credential_folder}/credential"
    AVEPOINT_CREDENTIAL_EXPIRES      = var.avepoint_credential_expires
    AVEPOINT_SEATS_CONTRACT          = var.avepoint_seats_contract
    AVEPOINT_CONCURRENCY             = tostring(var.avepoint_concurrency)
    AVEPOINT_REQUEST_TIMEOUT_SECONDS = tostring(var.avepoint_request_timeout_seconds)
    RUN_TIMEOUT_SECONDS              = tostring(local.run_timeout_seconds)
    HISTORY_MONTHS                   = tostring(var.history_months)
    AVAILABLE_SEATS_MEAN             = var.available_seats_mean
    BILLING_BASIS                    = var.billing_basis
    BILLING_TOLERANCE                = tostring(var.billing_tolerance)
    PURCHASED_SEATS                  = var.purchased_seats
    FIND_CUSTOMERS                   = var.find_customers
    NOTIFY_WEBHOOK_URL_FILE          = local.webhook == null ? null : "${local.webhook_folder}/url"
    LOG_LEVEL                        = var.log_level
  }
  # What the function and the server around it read besides the settings.
  platform = {
    GOOGLE_CLOUD_PROJECT = var.project_id
    LOG_EXECUTION_ID     = "true"
    THREADS              = tostring(local.concurrency)
  }
}

resource "google_cloudfunctions2_function" "report" {
  #checkov:skip=CKV_GCP_124:People call the URL from anywhere; Cloud Run admits only identities with the invoker role, and `ingress` can close it.
  name        = var.name
  location    = var.region
  description = "Assigned and available seats of every customer, from AvePoint into a Google Sheet."

  build_config {
    runtime           = "python312"
    entry_point       = "seat_report"
    service_account   = google_service_account.build.id
    docker_repository = google_artifact_registry_repository.images.id
    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.source.name
        # After a failed upgrade Terraform believes that it succeeded. Replacing the object then changes only this.
        generation = google_storage_bucket_object.source.generation
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.runtime.email
    available_cpu                    = "1"
    available_memory                 = var.memory
    timeout_seconds                  = var.function_timeout_seconds
    max_instance_count               = 1
    max_instance_request_concurrency = local.concurrency
    ingress_settings                 = var.ingress
    environment_variables            = merge({ for name, value in local.settings : name => value if value != null }, local.platform)
    secret_volumes {
      project_id = local.secret.project
      secret     = local.secret.name
      mount_path = local.credential_folder
      versions {
        version = local.secret.version
        path    = "credential"
      }
    }
    dynamic "secret_volumes" {
      for_each = local.webhook == null ? [] : [local.webhook]
      content {
        project_id = secret_volumes.value.project
        secret     = secret_volumes.value.name
        mount_path = local.webhook_folder
        versions {
          version = secret_volumes.value.version
          path    = "url"
        }
      }
    }
  }

  depends_on = [terraform_data.grants_have_spread]
}
