# Figures of every run, out of the log line `run finished`; seat_report/reporting/logs.py lists its fields.

locals {
  _log_of_function = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}\""
  log_filters = {
    function = local._log_of_function
    finished = "${local._log_of_function} AND jsonPayload.message=\"run finished\""
    # Runs that wrote, for all customers and types; of these, runs after which every seat is known.
    whole    = "${local._log_of_function} AND jsonPayload.message=\"run finished\" AND jsonPayload.dry_run=false AND jsonPayload.limited=false"
    complete = "${local._log_of_function} AND jsonPayload.message=\"run finished\" AND jsonPayload.dry_run=false AND jsonPayload.limited=false AND jsonPayload.failed=0 AND jsonPayload.missing=0"
  }
  metrics = merge(
    {
      answered  = { field = "answered", unit = "{customer}", filter = local.log_filters.whole, description = "Customers every query of whom was answered." }
      failed    = { field = "failed", unit = "{customer}", filter = local.log_filters.whole, description = "Customers with at least one query without an answer." }
      seconds   = { field = "seconds", unit = "s", filter = local.log_filters.whole, description = "How long a run took." }
      requests  = { field = "requests", unit = "{request}", filter = local.log_filters.whole, description = "Requests to AvePoint." }
      retries   = { field = "retries", unit = "{request}", filter = local.log_filters.whole, description = "Requests to AvePoint that were repeated." }
      throttled = { field = "throttled", unit = "{request}", filter = local.log_filters.whole, description = "Requests that AvePoint refused for being too many." }
    },
    # A total that lacks a customer would read as a fall.
    {
      for type in [for name in var.tenant_types : replace(name, "-", "_")] : "assigned_${type}" =>
      { field = "assigned_${type}", unit = "{seat}", filter = local.log_filters.complete, description = "Assigned seats of ${type}." }
    }
  )
}

resource "google_logging_metric" "runs" {
  name        = "${var.name}/runs"
  description = "Runs by outcome, those of a part of the customers and dry runs too."
  filter      = local.log_filters.finished
  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
    labels {
      key         = "outcome"
      value_type  = "STRING"
      description = "ok, partial or failed"
    }
  }
  label_extractors = {
    outcome = "EXTRACT(jsonPayload.outcome)"
  }
  depends_on = [terraform_data.apis_are_usable]
}

resource "google_logging_metric" "figures" {
  for_each        = local.metrics
  name            = "${var.name}/${each.key}"
  description     = each.value.description
  filter          = each.value.filter
  value_extractor = "EXTRACT(jsonPayload.${each.value.field})"
  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit
  }
  # The dashboard shows means, which a distribution knows exactly; its buckets can be coarse.
  bucket_options {
    exponential_buckets {
      num_finite_buckets = 20
      growth_factor      = 3
      scale              = 1
    }
  }
  depends_on = [terraform_data.apis_are_usable]
}
