locals {
  invoke_command = "curl --fail-with-body --silent --show-error --max-time ${var.attempt_deadline_seconds} --request POST --data \"\" --header \"Authorization: Bearer $(gcloud auth print-identity-token)\" ${local.service_url}/"
  run_command    = "gcloud scheduler jobs run ${var.name} --location=${local.scheduler_region} --project=${var.project_id}"
  logs_command   = "gcloud logging read 'resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}\"' --project=${var.project_id} --freshness=2d --limit=50 --format='value(timestamp,severity,jsonPayload.message,jsonPayload.outcome,jsonPayload.detail,jsonPayload.setting,jsonPayload.wrong,jsonPayload.remedy,textPayload)'"
}

output "url" {
  description = "Where the function is called, by those in `invokers`."
  value       = local.service_url
}

output "service_account" {
  description = "Share the spreadsheet with this address, as an editor."
  value       = google_service_account.runtime.email
}

output "invoke_command" {
  description = "Runs it now and shows the answer."
  value       = local.invoke_command
}

output "run_command" {
  description = "Lets the scheduler run it now, with all its retries."
  value       = local.run_command
}

output "logs_command" {
  description = "Shows the newest log lines."
  value       = local.logs_command
}

output "dashboard_url" {
  description = "Figures of the runs over time."
  value       = "https://console.cloud.google.com/monitoring/dashboards/builder/${reverse(split("/", google_monitoring_dashboard.report.id))[0]}?project=${var.project_id}"
}

output "secret_version" {
  description = "The version of the secret that the function signs in with."
  value       = "${local.secret.id}/versions/${local.secret.version}"
}
