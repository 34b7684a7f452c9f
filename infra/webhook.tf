# The address of a chat's incoming webhook, if there is one. Whoever has it can post, so it is kept like AvePoint's
# credential: in Secret Manager, in no state and no plan.

locals {
  webhook_owned = var.notify_webhook_version > 0
  webhook = local.webhook_owned ? {
    id      = one(google_secret_manager_secret.webhook[*].id)
    project = var.project_id
    name    = one(google_secret_manager_secret.webhook[*].secret_id)
    version = one(google_secret_manager_secret_version.webhook[*].version)
    } : var.existing_notify_webhook_secret == null ? null : {
    id      = var.existing_notify_webhook_secret.id
    project = split("/", var.existing_notify_webhook_secret.id)[1]
    name    = split("/", var.existing_notify_webhook_secret.id)[3]
    version = var.existing_notify_webhook_secret.version
  }
}

resource "google_secret_manager_secret" "webhook" {
  count     = local.webhook_owned ? 1 : 0
  secret_id = "${var.name}-notify-webhook"
  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }
  depends_on = [terraform_data.apis_are_usable]
}

resource "google_secret_manager_secret_version" "webhook" {
  count  = local.webhook_owned ? 1 : 0
  secret = google_secret_manager_secret.webhook[0].id
  # Only a new version is written. If there is nothing to write, Secret Manager refuses the empty value.
  secret_data_wo         = var.notify_webhook_url == null ? "" : trimspace(var.notify_webhook_url)
  secret_data_wo_version = tostring(var.notify_webhook_version)
  lifecycle {
    # A version is never changed: a new one is made, and the function moves to it before the old one is destroyed.
    replace_triggered_by  = [terraform_data.webhook_version]
    create_before_destroy = true
  }
}

resource "terraform_data" "webhook_version" {
  input = var.notify_webhook_version
}
