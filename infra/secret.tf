# AvePoint's credential. Its value passes through Terraform without being kept: the variable is ephemeral, the argument
# write-only.

locals {
  secret_owned = var.existing_secret == null
  secret = {
    id      = local.secret_owned ? one(google_secret_manager_secret.credential[*].id) : var.existing_secret.id
    project = local.secret_owned ? var.project_id : split("/", var.existing_secret.id)[1]
    name    = local.secret_owned ? one(google_secret_manager_secret.credential[*].secret_id) : split("/", var.existing_secret.id)[3]
    version = local.secret_owned ? one(google_secret_manager_secret_version.credential[*].version) : var.existing_secret.version
  }
}

resource "google_secret_manager_secret" "credential" {
  count     = local.secret_owned ? 1 : 0
  secret_id = "${var.name}-avepoint"
  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }
  depends_on = [terraform_data.apis_are_usable]
}

resource "google_secret_manager_secret_version" "credential" {
  count  = local.secret_owned ? 1 : 0
  secret = google_secret_manager_secret.credential[0].id
  # Only a new version is written. If there is nothing to write, Secret Manager refuses the empty value.
  secret_data_wo         = var.avepoint_credential == null ? "" : trimspace(var.avepoint_credential)
  secret_data_wo_version = tostring(var.avepoint_credential_version)
  lifecycle {
    # A version is never changed: a new one is made, and the function moves to it before the old one is destroyed.
    replace_triggered_by  = [terraform_data.credential_version]
    create_before_destroy = true
  }
}

resource "terraform_data" "credential_version" {
  input = var.avepoint_credential_version
}
