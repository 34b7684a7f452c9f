# The function's settings, under their names in lower case; the table of settings in OPERATIONS.md says more about each.

variable "spreadsheet_id" {
  description = "The spreadsheet: its id, or its address as the browser shows it."
  type        = string
  nullable    = false
  validation {
    condition = can(regex(
      "^[A-Za-z0-9_-]{10,}$|^https://docs[.]google[.]com/spreadsheets/(?:u/[0-9]+/)?d/[A-Za-z0-9_-]{10,}(?:[/?#].*)?$",
      var.spreadsheet_id
    ))
    error_message = "spreadsheet_id must be the spreadsheet's id or its address (https://docs.google.com/spreadsheets/d/...)."
  }
}

variable "tabs" {
  description = "Titles of the tabs."
  type = object({
    customers   = optional(string, "Customers")
    report      = optional(string, "Seat Report")
    by_customer = optional(string, "By Customer")
    billing     = optional(string, "Billing")
    history     = optional(string, "History")
    overview    = optional(string, "Overview")
    not_listed  = optional(string, "Not Listed")
    runs        = optional(string, "Runs")
  })
  default  = {}
  nullable = false
  validation {
    condition     = alltrue([for title in values(var.tabs) : length(trimspace(title)) >= 1 && length(title) <= 100])
    error_message = "tabs must each have a title of 1 to 100 characters."
  }
  validation {
    condition     = length(distinct([for title in values(var.tabs) : lower(trimspace(title))])) == length(values(var.tabs))
    error_message = "tabs must have different titles; Google Sheets compares them whatever their case."
  }
}

variable "tenant_types" {
  description = "Tenant types to ask about."
  type        = set(string)
  default     = ["microsoft-365", "salesforce", "google", "dynamics-365"]
  nullable    = false
  validation {
    condition     = length(var.tenant_types) > 0 && length(setsubtract(var.tenant_types, ["microsoft-365", "salesforce", "google", "dynamics-365"])) == 0
    error_message = "tenant_types must be one or more of microsoft-365, salesforce, google, dynamics-365."
  }
}

variable "avepoint_environment" {
  description = "AvePoint's environment in which the app is registered."
  type        = string
  default     = "commercial"
  nullable    = false
  validation {
    condition     = contains(["commercial", "us-government", "aos2", "fedramp"], var.avepoint_environment)
    error_message = "avepoint_environment must be commercial, us-government, aos2 or fedramp."
  }
}

variable "avepoint_api_url" {
  description = "Another address of the API than the environment's."
  type        = string
  default     = null
  validation {
    condition     = var.avepoint_api_url == null || can(regex("^https://[^/@?#[:space:]]+(?:/[^?#[:space:]]*)?$", var.avepoint_api_url))
    error_message = "avepoint_api_url must be an https:// address without a user, '?', '#' or spaces."
  }
}

variable "avepoint_token_url" {
  description = "Another address for access tokens than the environment's."
  type        = string
  default     = null
  validation {
    condition     = var.avepoint_token_url == null || can(regex("^https://[^/@?#[:space:]]+(?:/[^?#[:space:]]*)?$", var.avepoint_token_url))
    error_message = "avepoint_token_url must be an https:// address without a user, '?', '#' or spaces."
  }
}

variable "avepoint_client_id" {
  description = "Client id of the app registration."
  type        = string
  nullable    = false
  validation {
    condition     = can(regex("^[[:graph:]]{1,256}$", var.avepoint_client_id))
    error_message = "avepoint_client_id must be the client id of the app registration, 1 to 256 characters without spaces."
  }
}

variable "avepoint_credential_kind" {
  description = "What the app registration signs in with."
  type        = string
  default     = "client-secret"
  nullable    = false
  validation {
    condition     = contains(["client-secret", "certificate"], var.avepoint_credential_kind)
    error_message = "avepoint_credential_kind must be client-secret or certificate."
  }
}

variable "avepoint_credential" {
  description = "The client secret, or the certificate and its private key as PEM. Needed the first time and whenever avepoint_credential_version is raised; kept in no state and no plan."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true
  validation {
    condition     = var.avepoint_credential == null || var.existing_secret == null
    error_message = "Give avepoint_credential or existing_secret, not both."
  }
  validation {
    condition = var.avepoint_credential == null || (
      var.avepoint_credential_kind == "certificate"
      ? strcontains(coalesce(var.avepoint_credential, "-"), "-----BEGIN CERTIFICATE-----") && strcontains(coalesce(var.avepoint_credential, "-"), "PRIVATE KEY-----")
      : can(regex("^[[:graph:]]+\\s*$", var.avepoint_credential))
    )
    error_message = "avepoint_credential must be what avepoint_credential_kind says: a client secret is one word; a certificate is PEM text with the certificate and its private key."
  }
}

variable "avepoint_credential_version" {
  description = "Raise it by one to hand over a new avepoint_credential."
  type        = number
  default     = 1
  nullable    = false
  validation {
    condition     = var.avepoint_credential_version >= 1 && floor(var.avepoint_credential_version) == var.avepoint_credential_version
    error_message = "avepoint_credential_version must be a whole number, at least 1."
  }
}

variable "existing_secret" {
  description = "A secret of Secret Manager that holds the credential already, instead of avepoint_credential."
  type = object({
    id      = string
    version = optional(string, "latest")
  })
  default = null
  validation {
    condition = var.existing_secret == null || (
      can(regex("^projects/[^/]+/secrets/[A-Za-z0-9_-]+$", var.existing_secret.id)) && can(regex("^(latest|[1-9][0-9]*)$", var.existing_secret.version))
    )
    error_message = "existing_secret must have an id such as projects/acme/secrets/avepoint (not a regional secret) and a version that is a number or latest."
  }
}

variable "avepoint_credential_expires" {
  description = "The day the client secret ends, for warnings from 30 days ahead; a certificate tells by itself."
  type        = string
  default     = null
  validation {
    condition     = var.avepoint_credential_expires == null || (can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", var.avepoint_credential_expires)) && can(timeadd("${var.avepoint_credential_expires}T00:00:00Z", "0s")))
    error_message = "avepoint_credential_expires must be a day as YYYY-MM-DD."
  }
}

variable "avepoint_seats_contract" {
  description = "Which of the API's two contracts to use."
  type        = string
  default     = "auto"
  nullable    = false
  validation {
    condition     = contains(["auto", "users", "tenants-batch"], var.avepoint_seats_contract)
    error_message = "avepoint_seats_contract must be auto, users or tenants-batch."
  }
}

variable "avepoint_concurrency" {
  description = "Queries in flight at most."
  type        = number
  default     = 16
  nullable    = false
  validation {
    condition     = var.avepoint_concurrency >= 1 && var.avepoint_concurrency <= 128 && floor(var.avepoint_concurrency) == var.avepoint_concurrency
    error_message = "avepoint_concurrency must be a whole number from 1 to 128."
  }
}

variable "avepoint_request_timeout_seconds" {
  description = "How long to wait for one answer of AvePoint."
  type        = number
  default     = 30
  nullable    = false
  validation {
    condition     = var.avepoint_request_timeout_seconds > 0 && var.avepoint_request_timeout_seconds <= 600
    error_message = "avepoint_request_timeout_seconds must be more than 0 and at most 600."
  }
}

variable "run_timeout_seconds" {
  description = "How long a run may take, writing included; 30 seconds less than function_timeout_seconds unless given."
  type        = number
  default     = null
  validation {
    condition     = var.run_timeout_seconds == null || try(var.run_timeout_seconds >= 5 && var.run_timeout_seconds < var.function_timeout_seconds, false)
    error_message = "run_timeout_seconds must be at least 5 and less than function_timeout_seconds: a run must end, and answer, before the platform ends the request."
  }
}

variable "history_months" {
  description = "Months kept in the History tab."
  type        = number
  default     = 24
  nullable    = false
  validation {
    condition     = var.history_months >= 1 && var.history_months <= 120 && floor(var.history_months) == var.history_months
    error_message = "history_months must be a whole number from 1 to 120."
  }
}

variable "available_seats_mean" {
  description = "What AvePoint's \"available\" counts: seats left over (unassigned), or all seats (all)."
  type        = string
  default     = "unassigned"
  nullable    = false
  validation {
    condition     = contains(["unassigned", "all"], var.available_seats_mean)
    error_message = "available_seats_mean must be unassigned or all."
  }
}

variable "billing_basis" {
  description = "Which seats of a month are billed: the last that were right in it (month-end), or the most that any run of it saw (peak)."
  type        = string
  default     = "month-end"
  nullable    = false
  validation {
    condition     = contains(["month-end", "peak"], var.billing_basis)
    error_message = "billing_basis must be month-end or peak."
  }
}

variable "billing_tolerance" {
  description = "Up to how many seats a bill may differ and still agree."
  type        = number
  default     = 0
  nullable    = false
  validation {
    condition     = var.billing_tolerance >= 0 && floor(var.billing_tolerance) == var.billing_tolerance
    error_message = "billing_tolerance must be a whole number of seats, not negative."
  }
}

variable "purchased_seats" {
  description = "Whether to ask as well how many seats each customer has bought at AvePoint: on or off."
  type        = string
  default     = "off"
  nullable    = false
  validation {
    condition     = contains(["on", "off"], var.purchased_seats)
    error_message = "purchased_seats must be \"on\" or \"off\", with the quotation marks."
  }
}

variable "find_customers" {
  description = "Whether to ask as well which customers AvePoint knows and the Customers tab lacks: on or off. The app registration then needs the permission elements.customers.read.all."
  type        = string
  default     = "off"
  nullable    = false
  validation {
    condition     = contains(["on", "off"], var.find_customers)
    error_message = "find_customers must be \"on\" or \"off\", with the quotation marks."
  }
}

variable "notify_webhook_url" {
  description = "Address of a chat's incoming webhook (Google Chat, Slack and compatible) for messages to finance. Needed whenever notify_webhook_version is raised; kept in no state and no plan."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true
  validation {
    condition     = var.notify_webhook_url == null || can(regex("^https://[^[:space:]]+\\s*$", var.notify_webhook_url))
    error_message = "notify_webhook_url must be one https:// address."
  }
  validation {
    condition     = var.notify_webhook_url == null || var.notify_webhook_version > 0
    error_message = "Set notify_webhook_version to 1 to hand over notify_webhook_url for the first time."
  }
}

variable "notify_webhook_version" {
  description = "0 for no webhook; 1 to hand over notify_webhook_url, and one more for each new one."
  type        = number
  default     = 0
  nullable    = false
  validation {
    condition     = var.notify_webhook_version >= 0 && floor(var.notify_webhook_version) == var.notify_webhook_version
    error_message = "notify_webhook_version must be a whole number, not negative."
  }
}

variable "existing_notify_webhook_secret" {
  description = "A secret of Secret Manager that holds the webhook's address already, instead of notify_webhook_url."
  type = object({
    id      = string
    version = optional(string, "latest")
  })
  default = null
  validation {
    condition = var.existing_notify_webhook_secret == null || (
      can(regex("^projects/[^/]+/secrets/[A-Za-z0-9_-]+$", var.existing_notify_webhook_secret.id)) && can(regex("^(latest|[1-9][0-9]*)$", var.existing_notify_webhook_secret.version))
    )
    error_message = "existing_notify_webhook_secret must have an id such as projects/acme/secrets/chat (not a regional secret) and a version that is a number or latest."
  }
  validation {
    condition     = var.existing_notify_webhook_secret == null || var.notify_webhook_version == 0
    error_message = "Give existing_notify_webhook_secret or notify_webhook_version, not both."
  }
}

variable "log_level" {
  description = "From which severity on the function logs; alerts and dashboard need INFO."
  type        = string
  default     = "INFO"
  nullable    = false
  validation {
    condition     = contains(["DEBUG", "INFO"], var.log_level)
    error_message = "log_level must be INFO or DEBUG: with less, the lines are missing that alerts and the dashboard are made from."
  }
}
