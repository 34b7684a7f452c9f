# Three identities, each with what its work needs and no more; none of them has a key.

resource "google_service_account" "runtime" {
  account_id   = "${var.name}-runtime"
  display_name = "${var.name}: runs the report; share the spreadsheet with it"
  depends_on   = [terraform_data.apis_are_usable]
}

resource "google_service_account" "build" {
  account_id   = "${var.name}-build"
  display_name = "${var.name}: builds the function's image"
  depends_on   = [terraform_data.apis_are_usable]
}

resource "google_service_account" "scheduler" {
  account_id   = "${var.name}-scheduler"
  display_name = "${var.name}: calls the function on schedule"
  depends_on   = [terraform_data.apis_are_usable]
}

resource "google_project_iam_member" "build_logs" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}

# The platform copies the archive to a bucket of its own, made at the first deployment, and builds from there.
resource "google_project_iam_member" "build_platform_sources" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = google_service_account.build.member
  condition {
    title       = "Sources of functions alone"
    description = "Buckets into which Cloud Functions copies what it builds."
    expression  = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-\")"
  }
}

resource "google_storage_bucket_iam_member" "build_source" {
  bucket = google_storage_bucket.source.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.build.member
}

resource "google_artifact_registry_repository_iam_member" "build_images" {
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}

# The runtime account writes no logs itself: Cloud Run collects what the function prints.
resource "google_secret_manager_secret_iam_member" "runtime_credential" {
  secret_id = local.secret.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.runtime.member
  lifecycle {
    # The function can read one secret or the other at any moment while it moves from one to the other.
    create_before_destroy = true
  }
}

resource "google_secret_manager_secret_iam_member" "runtime_webhook" {
  count     = local.webhook == null ? 0 : 1
  secret_id = local.webhook.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.runtime.member
  lifecycle {
    create_before_destroy = true
  }
}

# A deployment fails if the credential can't be read or the build may not build, and a grant is there for all of Google
# only some time after it was made: a minute as a rule, seven now and then, as IAM's documentation says.
resource "terraform_data" "grants_have_spread" {
  triggers_replace = concat([
    google_artifact_registry_repository_iam_member.build_images.id,
    google_project_iam_member.build_logs.id,
    google_project_iam_member.build_platform_sources.id,
    google_secret_manager_secret_iam_member.runtime_credential.id,
    google_storage_bucket_iam_member.build_source.id,
  ], google_secret_manager_secret_iam_member.runtime_webhook[*].id)
  provisioner "local-exec" {
    command = "sleep ${var.grants_wait_seconds} || ping -n ${var.grants_wait_seconds + 1} 127.0.0.1"
  }
}

# The function's URL is that of a Cloud Run service of the same name, which checks who calls. A function that is replaced
# gets a new service, on which nobody has a grant yet.
resource "google_cloud_run_v2_service_iam_member" "scheduler_calls" {
  location = google_cloudfunctions2_function.report.location
  name     = google_cloudfunctions2_function.report.name
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
  lifecycle {
    replace_triggered_by = [google_cloudfunctions2_function.report.id]
  }
}

resource "google_cloud_run_v2_service_iam_member" "people_call" {
  for_each = var.invokers
  location = google_cloudfunctions2_function.report.location
  name     = google_cloudfunctions2_function.report.name
  role     = "roles/run.invoker"
  member   = each.key
  lifecycle {
    replace_triggered_by = [google_cloudfunctions2_function.report.id]
  }
}
