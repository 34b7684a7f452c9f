"""Seats of every customer, from the AvePoint Elements API into a Google Sheet."""
