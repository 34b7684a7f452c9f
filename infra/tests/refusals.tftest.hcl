# What can't be right is refused before anything is done, by the variable that it is about. Each run gives several
# variables a wrong value at once, and every one of them has to complain.

mock_provider "google" {}
mock_provider "archive" {}

variables {
  project_id          = "acme-seat-report"
  region              = "europe-west1"
  spreadsheet_id      = "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"
  avepoint_client_id  = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
  notification_emails = ["ada@example.com"]
}

run "refused_1" {
  command = plan
  variables {
    # project by name
    project_id = "Acme Seats"
    # zone for scheduler region
    scheduler_region = "europe-west1-b"
    # label with capitals
    labels = { Team = "finance" }
    # request cron of day 32
    request_schedule = "0 6 32 * *"
    # unknown basis
    billing_basis = "average"
    # negative tolerance
    billing_tolerance = -1
    # yes for on
    purchased_seats = "yes"
    # bool for on
    find_customers = true
    # negative webhook version
    notify_webhook_version = -1
    # negative wait for APIs
    apis_wait_seconds = -1
    # zone for region
    region = "europe-west1-a"
    # long name
    name = "seat-report-of-our-customers"
    # memory for more cpus
    memory = "8Gi"
    # unknown ingress
    ingress = "ALLOW_NONE"
    # function timeout beyond scheduler
    function_timeout_seconds = 3600
    # cron of four fields
    schedule = "0 6 * *"
    # cron of minute 60
    watch_schedule = "60 * * * *"
    # time zone abbreviation with offset
    time_zone = "GMT+2"
    # too many retries
    retry_count = 6
    # everybody invokes
    invokers = ["allUsers"]
    # email without domain
    notification_emails = ["ada"]
    # negative wait
    grants_wait_seconds = -1
    # negative retention
    source_versions_days = -1
    # published spreadsheet
    spreadsheet_id = "https://docs.google.com/spreadsheets/d/e/2PACX-1vQabc/pubhtml"
    # equal tabs
    tabs = { customers = "seat report" }
    # no tenant types
    tenant_types = []
    # unknown environment
    avepoint_environment = "prod"
    # api in plain http
    avepoint_api_url = "http://api.example.com"
    # token url with user
    avepoint_token_url = "https://user@example.com"
    # client id with space
    avepoint_client_id = "client id"
    # unknown credential kind
    avepoint_credential_kind = "password"
    # credential version 0
    avepoint_credential_version = 0
    # no such day
    avepoint_credential_expires = "2027-02-30"
    # unknown contract
    avepoint_seats_contract = "v2"
    # no concurrency
    avepoint_concurrency = 0
    # no request time
    avepoint_request_timeout_seconds = 0
    # negative history
    history_months = -1
    # unknown meaning
    available_seats_mean = "some"
    # log level without runs
    log_level = "WARNING"
  }
  expect_failures = [
    var.project_id,
    var.region,
    var.scheduler_region,
    var.labels,
    var.request_schedule,
    var.billing_basis,
    var.billing_tolerance,
    var.purchased_seats,
    var.find_customers,
    var.notify_webhook_version,
    var.apis_wait_seconds,
    var.name,
    var.memory,
    var.ingress,
    var.function_timeout_seconds,
    var.schedule,
    var.watch_schedule,
    var.time_zone,
    var.retry_count,
    var.invokers,
    var.notification_emails,
    var.grants_wait_seconds,
    var.source_versions_days,
    var.spreadsheet_id,
    var.tabs,
    var.tenant_types,
    var.avepoint_environment,
    var.avepoint_api_url,
    var.avepoint_token_url,
    var.avepoint_client_id,
    var.avepoint_credential_kind,
    var.avepoint_credential_version,
    var.avepoint_credential_expires,
    var.avepoint_seats_contract,
    var.avepoint_concurrency,
    var.avepoint_request_timeout_seconds,
    var.history_months,
    var.available_seats_mean,
    var.log_level,
  ]
}

run "refused_2" {
  command = plan
  variables {
    # project by number
    project_id = "123456789012"
    # another clouds region
    region = "eu-west-1"
    # attempt beyond scheduler
    attempt_deadline_seconds = 1801
    # cron of hour 24
    schedule = "0 24 * * *"
    # watch on working days only
    watch_schedule = "15 * * * MON-FRI"
    # label with a reserved key
    labels = { goog-cost = "1" }
    # half a seat
    billing_tolerance = 0.5
    # webhook without a version
    notify_webhook_url = "https://chat.example.com/hook"
    # time zone in words
    time_zone = "Berlin time"
    # everybody with an account invokes
    invokers = ["allAuthenticatedUsers"]
    # email with name
    notification_emails = ["Ada <ada@example.com>"]
    # spreadsheet elsewhere
    spreadsheet_id = "https://example.com/spreadsheets/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"
    # tab without title
    tabs = { runs = " " }
    # unknown tenant type
    tenant_types = ["office-365"]
    # certificate without key
    avepoint_credential_kind = "certificate"
    avepoint_credential      = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"
    # day in another form
    avepoint_credential_expires = "30.06.2027"
    # half a query
    avepoint_concurrency = 1.5
  }
  expect_failures = [
    var.project_id,
    var.region,
    var.attempt_deadline_seconds,
    var.watch_schedule,
    var.labels,
    var.billing_tolerance,
    var.notify_webhook_url,
    var.schedule,
    var.time_zone,
    var.invokers,
    var.notification_emails,
    var.spreadsheet_id,
    var.tabs,
    var.tenant_types,
    var.avepoint_credential,
    var.avepoint_credential_expires,
    var.avepoint_concurrency,
  ]
}

run "refused_3" {
  command = plan
  variables {
    # multi region
    region = "EU"
    # attempt before function
    attempt_deadline_seconds = 600
    # cron of day 0
    schedule = "0 6 0 * *"
    # invoker without kind
    invokers = ["ada@example.com"]
    # nobody to tell
    notification_emails = []
    # secret of several lines
    avepoint_credential = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"
  }
  expect_failures = [
    var.region,
    var.attempt_deadline_seconds,
    var.schedule,
    var.invokers,
    var.notification_emails,
    var.avepoint_credential,
  ]
}

run "refused_4" {
  command = plan
  variables {
    # run as long as function
    run_timeout_seconds = 1770
    # cron in words
    schedule = "every day 06:00"
    # channel by name
    notification_channels = ["ops"]
    # two credentials
    avepoint_credential = "s3cr3t-value"
    existing_secret     = { id = "projects/acme/secrets/avepoint" }
  }
  expect_failures = [
    var.run_timeout_seconds,
    var.schedule,
    var.notification_channels,
    var.avepoint_credential,
  ]
}

run "refused_5" {
  command = plan
  variables {
    # run of no time
    run_timeout_seconds = 0
    # cron with seconds
    schedule = "0 0 6 * * *"
    # existing secret by name
    existing_secret = { id = "avepoint" }
  }
  expect_failures = [
    var.run_timeout_seconds,
    var.schedule,
    var.existing_secret,
  ]
}

run "refused_6" {
  command = plan
  variables {
    # existing regional secret
    existing_secret = { id = "projects/acme/locations/europe-west1/secrets/avepoint" }
    # webhook in plain http
    notify_webhook_url = "http://chat.example.com/hook"
    # webhook secret by name
    existing_notify_webhook_secret = { id = "chat" }
    # fresh without unit
    watch_fresh_within = "26"
  }
  expect_failures = [
    var.existing_secret,
    var.notify_webhook_url,
    var.existing_notify_webhook_secret,
    var.watch_fresh_within,
  ]
}

run "refused_7" {
  command = plan
  variables {
    # fresh within nothing
    watch_fresh_within = "0h"
  }
  expect_failures = [
    var.watch_fresh_within,
  ]
}

run "webhook_twice" {
  command = plan
  variables {
    notify_webhook_version         = 1
    existing_notify_webhook_secret = { id = "projects/acme/secrets/chat" }
  }
  expect_failures = [var.existing_notify_webhook_secret]
}
