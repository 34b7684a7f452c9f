# One bar a day and figure. Two runs on one day show their mean.

locals {
  # By chart: the figures in it, by the legend's words.
  charts = [
    {
      title   = "Customers asked, and failed of them"
      figures = { "ok" = "answered", "failed" = "failed" }
      plot    = "LINE"
    },
    {
      title   = "Duration of a run, seconds"
      figures = { "seconds" = "seconds" }
      plot    = "STACKED_BAR"
    },
    {
      title   = "AvePoint: requests, retries, throttling"
      figures = { "requests" = "requests", "retries" = "retries", "throttled" = "throttled" }
      plot    = "LINE"
    },
    {
      title   = "Assigned seats, of runs without a failed customer"
      figures = { for type in sort(var.tenant_types) : type => "assigned_${replace(type, "-", "_")}" }
      plot    = "STACKED_BAR"
    },
  ]

  _chart_widgets = [
    for chart in local.charts : {
      title = chart.title
      xyChart = {
        dataSets = [
          for legend, figure in chart.figures : {
            plotType       = chart.plot
            targetAxis     = "Y1"
            legendTemplate = legend
            timeSeriesQuery = {
              timeSeriesFilter = {
                filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.figures[figure].name}\" resource.type=\"cloud_run_revision\""
                aggregation = {
                  alignmentPeriod    = "86400s"
                  perSeriesAligner   = "ALIGN_DELTA"
                  crossSeriesReducer = "REDUCE_MEAN"
                }
              }
            }
          }
        ]
      }
    }
  ]

  _runs_widget = {
    title = "Runs by outcome"
    xyChart = {
      dataSets = [
        {
          plotType       = "STACKED_BAR"
          targetAxis     = "Y1"
          legendTemplate = "$${metric.labels.outcome}"
          timeSeriesQuery = {
            timeSeriesFilter = {
              filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.runs.name}\" resource.type=\"cloud_run_revision\""
              aggregation = {
                alignmentPeriod    = "86400s"
                perSeriesAligner   = "ALIGN_DELTA"
                crossSeriesReducer = "REDUCE_SUM"
                groupByFields      = ["metric.label.outcome"]
              }
            }
          }
        }
      ]
    }
  }

  _log_widget = {
    title = "What runs said"
    logsPanel = {
      filter        = local.log_filters.function
      resourceNames = ["projects/${var.project_id}"]
    }
  }

  widgets = concat([local._runs_widget], local._chart_widgets, [local._log_widget])
}

resource "google_monitoring_dashboard" "report" {
  dashboard_json = jsonencode({
    displayName = var.name
    mosaicLayout = {
      columns = 48
      tiles = [
        # Google does not store a position of 0: written out, it would show as a change for ever.
        for index, widget in local.widgets : merge(
          { for axis, position in { xPos = 24 * (index % 2), yPos = 16 * floor(index / 2) } : axis => position if position > 0 },
          { width = 24, height = 16, widget = widget }
        )
      ]
    }
  })
  depends_on = [terraform_data.apis_are_usable]
}
