"""The command line's flags, and the service they describe."""

import argparse
from dataclasses import fields
from pathlib import Path

from tests.emulators.avepoint.assertions import certificate_only
from tests.emulators.avepoint.core import AvePoint
from tests.emulators.avepoint.data import Directory
from tests.emulators.avepoint.documents import customers_from_json, fault_from_json
from tests.emulators.avepoint.options import Options
from tests.emulators.avepoint.sample_customers import sample_customers
from tests.emulators.avepoint.tokens import CLIENT_ID, CLIENT_SECRET, AppRegistration
from tests.emulators.clock import SystemClock

_DEFAULTS = Options()


def parser() -> argparse.ArgumentParser:
    """Return the parser of the flags; README.md describes them at length."""
    flags = argparse.ArgumentParser(
        prog="python -m tests.emulators.avepoint", description="A local stand-in for the AvePoint Elements API."
    )
    flags.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    flags.add_argument("--data", type=Path, metavar="FILE", help="customers as JSON instead of the sample ones")
    flags.add_argument("--contract", choices=("users", "tenants-batch", "both"), default=_DEFAULTS.contract)
    flags.add_argument("--absent-status", type=int, choices=(400, 403, 404, 405, 500), default=_DEFAULTS.absent_status)
    flags.add_argument("--absent-as", choices=("json", "html", "empty"), default=_DEFAULTS.absent_as)
    flags.add_argument("--members", choices=("camel-case", "pascal-case"), default=_DEFAULTS.members)
    flags.add_argument("--numbers", choices=("number", "text"), default=_DEFAULTS.numbers)
    flags.add_argument("--counts", choices=("all", "asked", "asked-null"), default=_DEFAULTS.counts)
    flags.add_argument("--unfiltered", choices=("assigned", "available"), default=_DEFAULTS.unfiltered)
    flags.add_argument("--unpurchased", choices=("zero", "no-content", "not-found"), default=_DEFAULTS.unpurchased)
    flags.add_argument("--latency-ms", type=float, default=_DEFAULTS.latency_ms, metavar="MS")
    flags.add_argument("--rate", type=float, metavar="PER_SECOND", help="above it, 429")
    flags.add_argument("--burst", type=int, metavar="REQUESTS")
    flags.add_argument(
        "--counted", choices=("bucket", "fixed-window", "sliding-window"), default=_DEFAULTS.counted, help="by the rate"
    )
    flags.add_argument("--retry-after", choices=("seconds", "date", "none"), default=_DEFAULTS.retry_after)
    flags.add_argument("--token-lifetime-seconds", type=int, default=_DEFAULTS.token_lifetime_seconds, metavar="S")
    flags.add_argument("--token-uses", type=int, metavar="N", help="a token dies after N uses")
    flags.add_argument("--client-id", default=CLIENT_ID)
    flags.add_argument("--client-secret", default=CLIENT_SECRET)
    flags.add_argument(
        "--certificate", type=Path, action="append", default=[], metavar="PEM", help="a registered certificate"
    )
    flags.add_argument("--out-of-scope", action="append", default=[], metavar="CUSTOMER_ID", help="answers 403")
    flags.add_argument("--fault", action="append", default=[], metavar="JSON", help='such as {"kind": "reset"}')
    return flags


def service_of(flags: argparse.Namespace) -> AvePoint:
    """Return the service that the flags describe; raises ValueError or OSError if one of them is wrong."""
    customers = customers_from_json(flags.data.read_bytes()) if flags.data else sample_customers()
    registration = AppRegistration(
        client_id=flags.client_id,
        client_secret=flags.client_secret,
        certificates=[certificate_only(path.read_bytes()) for path in flags.certificate],
    )
    options = Options(**{option.name: getattr(flags, option.name) for option in fields(Options)})
    service = AvePoint(Directory.of(customers), SystemClock(), options, registration)
    for customer_id in flags.out_of_scope:
        if service.directory.find(customer_id) is None:
            raise ValueError(f"--out-of-scope: there is no customer {customer_id}.")
        service.directory.set_scope(customer_id, in_scope=False)
    service.faults.add(*(fault_from_json(text) for text in flags.fault))
    return service
