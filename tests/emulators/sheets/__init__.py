"""A local stand-in for the Google Sheets API v4 and the little of Drive that its clients use."""
