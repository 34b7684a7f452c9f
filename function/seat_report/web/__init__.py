"""The function's HTTP side: what is asked, and how the answer is told."""
