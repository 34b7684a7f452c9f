"""Whether the real services behave as the code believes: tried with a scratch spreadsheet, told fact by fact."""
