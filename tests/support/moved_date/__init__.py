"""Runs a command on another date: `make test DATE="2028-02-29 23:59"` does it with the tests.

`python -m tests.support.moved_date DATE COMMAND...` starts the command with Python's wall clock moved to that moment,
from where it goes on; time.monotonic() stays as it is. That holds for every Python process that the command starts:
through PYTHONPATH, Python finds sitecustomize.py in this folder and imports it when it starts. Other programs, and
Python in isolated mode (`python -I`), keep the machine's date.
"""
