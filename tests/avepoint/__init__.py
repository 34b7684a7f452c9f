"""Tests of the AvePoint client."""
