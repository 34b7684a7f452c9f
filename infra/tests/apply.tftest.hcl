# One life of a deployment, step by step. Without the credential it is only planned: `terraform test`, unlike
# `terraform apply`, can't apply what leaves an ephemeral variable unset. tests/infra/life_test.py says of each step what
# it may change.

mock_provider "archive" {}

mock_provider "google" {
  mock_resource "google_cloudfunctions2_function" {
    defaults = {
      service_config = { uri = "https://seat-report-abc123-ey.a.run.app" }
    }
  }
}

variables {
  project_id             = "acme-seat-report"
  region                 = "europe-west1"
  spreadsheet_id         = "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"
  avepoint_client_id     = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
  notification_emails    = ["ada@example.com"]
  notify_webhook_version = 1
  grants_wait_seconds    = 0
  apis_wait_seconds      = 0
}

run "first_deployment" {
  command = apply
  variables {
    avepoint_credential = "s3cr3t-value"
    notify_webhook_url  = "https://chat.example.com/hook?key=s3cr3t"
  }
  assert {
    condition     = google_secret_manager_secret_version.credential[0].secret_data == null && google_secret_manager_secret_version.credential[0].secret_data_wo == null
    error_message = "The state holds the credential."
  }
  assert {
    condition     = google_secret_manager_secret_version.webhook[0].secret_data == null && google_secret_manager_secret_version.webhook[0].secret_data_wo == null
    error_message = "The state holds the webhook's address."
  }
  assert {
    condition = [for volume in google_cloudfunctions2_function.report.service_config[0].secret_volumes : volume.versions[0].version] == [
      google_secret_manager_secret_version.credential[0].version, google_secret_manager_secret_version.webhook[0].version
    ]
    error_message = "Another version of the secret is mounted than the one that was written."
  }
}

run "second_deployment" {
  command = plan
}

run "after_a_failed_upgrade" {
  command = plan
  plan_options {
    replace = [google_storage_bucket_object.source]
  }
}

run "function_replaced" {
  command = plan
  plan_options {
    replace = [google_cloudfunctions2_function.report]
  }
}

run "webhook_rotated" {
  command = plan
  variables {
    notify_webhook_version = 2
    notify_webhook_url     = "https://chat.example.com/hook?key=an0ther"
  }
}

run "without_webhook_and_requests" {
  command = plan
  variables {
    notify_webhook_version = 0
    request_schedule       = null
  }
}

run "upgrade_without_the_credential_at_hand" {
  command = plan
  variables {
    invokers = ["user:ada@example.com"]
  }
  assert {
    condition     = output.secret_version == run.first_deployment.secret_version
    error_message = "The secret was written again."
  }
}

run "certificate" {
  command = apply
  variables {
    avepoint_credential_kind    = "certificate"
    avepoint_credential         = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"
    avepoint_credential_version = 2
    notify_webhook_url          = "https://chat.example.com/hook?key=s3cr3t"
  }
  assert {
    condition = (
      google_cloudfunctions2_function.report.service_config[0].environment_variables["AVEPOINT_CERTIFICATE_FILE"] == "/etc/secrets/avepoint/credential"
      && !contains(keys(google_cloudfunctions2_function.report.service_config[0].environment_variables), "AVEPOINT_CLIENT_SECRET_FILE")
    )
    error_message = "The certificate is not told to the function as one."
  }
  assert {
    condition     = output.secret_version != run.first_deployment.secret_version
    error_message = "The new credential was not written."
  }
}

run "existing_secret" {
  command = plan
  variables {
    existing_secret = { id = "projects/acme-secrets/secrets/avepoint" }
  }
  assert {
    condition     = length(google_secret_manager_secret.credential) == 0 && length(google_secret_manager_secret_version.credential) == 0
    error_message = "A secret is made though there is one."
  }
  assert {
    condition     = google_secret_manager_secret_iam_member.runtime_credential.secret_id == "projects/acme-secrets/secrets/avepoint"
    error_message = "The runtime account may not read the existing secret."
  }
  assert {
    condition = [
      for volume in google_cloudfunctions2_function.report.service_config[0].secret_volumes :
      "${volume.project_id} ${volume.secret} ${volume.versions[0].version}"
    ][0] == "acme-secrets avepoint latest"
    error_message = "Another secret is mounted."
  }
}
