# What the project must have switched on. Destroying leaves it on: something else may have come to need it.

resource "google_project_service" "needed" {
  for_each = toset([
    "artifactregistry.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "cloudscheduler.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "sheets.googleapis.com",
    "storage.googleapis.com",
  ])
  service            = each.key
  disable_on_destroy = false
}

# An API that has just been switched on refuses its first requests: everything waits for it, once. Later deployments wait
# again only if an API has been added. Windows has no `sleep`; there `ping` waits as long.
resource "terraform_data" "apis_are_usable" {
  triggers_replace = sort([for api in google_project_service.needed : api.service])
  provisioner "local-exec" {
    command = "sleep ${var.apis_wait_seconds} || ping -n ${var.apis_wait_seconds + 1} 127.0.0.1"
  }
}
