"""Tests of the Terraform code and of what it deploys."""
