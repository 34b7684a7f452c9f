"""`python -m tests.support.moved_date DATE COMMAND...`: run a command on another date, perhaps a random one."""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.support.moved_date.moments import parse, pick

_HERE = Path(__file__).parent
_SECONDS = "MOVED_DATE_SECONDS"


def main() -> int:
    """Run the command; gives its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.moved_date", description=__doc__)
    parser.add_argument("--make", default="test", metavar="TARGET", help="to name in what is printed")
    parser.add_argument("date", help="such as '2028-02-29 23:59 America/St_Johns', or random")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    now = time.time()  # noqa: TID251 - what is moved
    date = pick(random.Random(), datetime.fromtimestamp(now, UTC).date()) if asked.date == "random" else asked.date
    try:
        moment, zone = parse(date)
    except ValueError as error:
        parser.error(str(error))
    sys.stdout.write(f'To repeat this run on the same date: make {asked.make} DATE="{date}"\n')
    sys.stdout.flush()
    environment = {
        **os.environ,
        # This process may itself be moved.
        _SECONDS: str(moment.timestamp() - now + float(os.environ.get(_SECONDS, "0"))),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(_HERE), os.environ.get("PYTHONPATH")))),
        **({"TZ": zone} if zone else {}),
    }
    # pytest deletes temporary folders that are days old; on a later date that would be those of other runs, too.
    with tempfile.TemporaryDirectory(prefix="moved-date-") as folder:
        return subprocess.call(asked.command, env={**environment, "PYTEST_DEBUG_TEMPROOT": folder})


if __name__ == "__main__":
    sys.exit(main())
