# What is deployed: main.py and the package at the archive's root, requirements.txt beside them, nothing else.

locals {
  _function = "${path.module}/../function"
  source_files = merge(
    {
      for file in setunion(fileset(local._function, "main.py"), fileset(local._function, "seat_report/**")) :
      file => "${local._function}/${file}" if !can(regex("(^|/)(__pycache__/|[.])|[.]pyc$", file))
    },
    { "requirements.txt" = "${path.module}/../requirements.txt" }
  )
  # Of the contents, not of the archive: packing the same files with another zip library is no new deployment.
  source_hash = sha256(join("\n", [for file, path in local.source_files : "${file} ${filesha256(path)}"]))
}

data "archive_file" "source" {
  type             = "zip"
  output_path      = "${path.module}/.terraform/${var.name}.zip"
  output_file_mode = "0644"
  dynamic "source" {
    for_each = local.source_files
    content {
      filename = source.key
      content  = file(source.value)
    }
  }
}

resource "google_storage_bucket" "source" {
  #checkov:skip=CKV_GCP_62:It holds nothing but the source; Cloud Audit Logs tell who changed it.
  name                        = "${var.project_id}-${var.name}-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true
  versioning {
    enabled = true
  }
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = var.source_versions_days
    }
  }
  depends_on = [terraform_data.apis_are_usable]
}

resource "google_storage_bucket_object" "source" {
  bucket = google_storage_bucket.source.name
  name   = "${var.name}-${local.source_hash}.zip"
  source = data.archive_file.source.output_path
}

resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84:Images hold source and libraries, no data and no secret; Google's own encryption at rest is enough.
  repository_id = var.name
  description   = "Images that Cloud Functions builds of ${var.name}."
  location      = var.region
  format        = "DOCKER"
  cleanup_policies {
    id     = "keep-newest"
    action = "KEEP"
    most_recent_versions {
      keep_count = 5
    }
  }
  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      older_than = "${var.source_versions_days}d"
    }
  }
  depends_on = [terraform_data.apis_are_usable]
}
