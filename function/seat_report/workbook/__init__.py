"""The spreadsheet: reading tabs, keyed tables and their patches, what each tab holds, and its look."""
