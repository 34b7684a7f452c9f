"""Waits that end when they should: an event loop's end some tenths of a millisecond late, and latencies show that."""

import asyncio

# A loop that is behind with its work is no late timer.
_LATEST_SECONDS = 0.001
# How much the last wait counts.
_WEIGHT = 0.1


class Timer:
    """Sets the alarm as much earlier as it went off late lately; so a wait may end some tenths too early, too."""

    def __init__(self) -> None:
        self._lateness = 0.0

    async def wait_until(self, moment: float) -> None:
        """Wait until this moment on the running loop's clock, in seconds."""
        clock = asyncio.get_running_loop().time
        alarm = moment - self._lateness
        if (left := alarm - clock()) > 0:
            await asyncio.sleep(left)
            late = min(clock() - alarm, _LATEST_SECONDS)
            self._lateness += _WEIGHT * (late - self._lateness)
