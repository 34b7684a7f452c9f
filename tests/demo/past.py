"""Runs in past months, so that the demo has data to compare with."""

import logging
from datetime import datetime, timedelta

import structlog

from seat_report.avepoint.client import AvePoint
from seat_report.domain.scope import RunRequest
from seat_report.run import Run
from seat_report.settings import load
from seat_report.workbook.sheets_api.client import connect
from tests.demo.stage import Stage
from tests.support.clocks import ShownClock


def play_months(stage: Stage, count: int, now: datetime) -> None:
    """Run at the end of each of the months before now, with changes at AvePoint in between."""
    settings = load(stage.settings)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    first_of_month = now.replace(day=1, hour=6, minute=0, second=0, microsecond=0)
    ends = []
    for _ in range(count):
        end = first_of_month - timedelta(days=1)
        ends.append(end)
        first_of_month = end.replace(day=1)
    for number, end in enumerate(reversed(ends)):
        clock = ShownClock(end)
        client = connect(settings.sheets_emulator_host)
        avepoint = AvePoint(settings, clock=clock)
        try:
            Run(settings, RunRequest(trigger="schedule"), client=client, avepoint=avepoint, clock=clock).go()
        finally:
            avepoint.close()
            client.session.close()
        stage.avepoint.directory.let_a_month_pass(seed=number)
