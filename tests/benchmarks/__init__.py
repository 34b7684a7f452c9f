"""What is fast, small and careful about the report, measured side by side with the plain ways of doing the same."""
