"""Moves the wall clock of the Python process that imports this when it starts; see this folder's `__init__.py`."""

import os
import time

import time_machine

machine_time = time.time()  # noqa: TID251 - what is moved
time_machine.travel(machine_time + float(os.environ["MOVED_DATE_SECONDS"]), tick=True).start()
# Or pytest warns that it comes too late to rewrite the assertions of this plugin of its.
time_machine.__doc__ = "PYTEST_DONT_REWRITE"
