"""What a check finds: one fact each, as a line for people."""

import enum
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from seat_report.domain import shortened
from seat_report.errors import ConfigurationError, Fault, RunError

_LONGEST = 2000
_LONGEST_SHOWN = 600


class Verdict(enum.StrEnum):
    """What came of a fact. The values begin the lines."""

    AS_EXPECTED = "ok"
    DIFFERS = "DIFFERS"
    # The configuration is wrong.
    WRONG = "WRONG"
    # There was no time, or something that is needed failed.
    NOT_TRIED = "not tried"
    # Left out, as the settings say.
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """A fact, what was found, and, unless that is as expected, what to do.

    `found` may hold nothing that identifies anybody. What may is in `private`, which is left out where it could reach
    others, and in `shown`, which holds what was answered and is only shown if asked for.
    """

    verdict: Verdict
    fact: str
    expected: str = ""
    found: str = ""
    advice: str = ""
    private: str = ""
    shown: str = ""

    def line(self, *, is_private: bool, with_shown: bool = False) -> str:
        """The finding on one line, whatever it quotes; `is_private` if only those see it who may know everything."""
        parts = [self.fact]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.found:
            parts.append(f"found {self.found}")
        text = ": ".join(filter(None, (parts[0], "; ".join(parts[1:]))))
        if self.advice:
            text += f". {self.advice}."
        if is_private and self.private:
            text += f" ({self.private})"
        line = f"{self.verdict:<9} {shortened(text, _LONGEST)}"
        if is_private and with_shown and self.shown:
            line += f" | {shortened(self.shown, _LONGEST_SHOWN)}"
        return line


EXIT_STATUSES = {Verdict.DIFFERS: 1, Verdict.NOT_TRIED: 1, Verdict.WRONG: 3}


def exit_status(findings: Iterable[Finding]) -> int:
    """0 if all is as expected, 1 if something differs or was not tried, 3 if the configuration is wrong."""
    return max((EXIT_STATUSES.get(finding.verdict, 0) for finding in findings), default=0)


def attempt(fact: str, expected: str, action: Callable[[], object], setting: str = "") -> Iterator[Finding]:
    """The finding of whether an action goes well; `setting` is named in place of SPREADSHEET_ID."""
    try:
        action()
    except ConfigurationError as error:
        for fault in error.faults:
            is_renamed = setting and fault.setting == "SPREADSHEET_ID"
            yield wrong(fact, expected, fault._replace(setting=setting) if is_renamed else fault)
    except RunError as error:
        yield Finding(Verdict.DIFFERS, fact, expected, str(error).rstrip("."), "Run this again")
    else:
        yield Finding(Verdict.AS_EXPECTED, fact, expected, "yes")


def wrong(fact: str, expected: str, fault: Fault) -> Finding:
    """The finding of a fault in the configuration."""
    # What is wrong with it may quote names and ids.
    return Finding(Verdict.WRONG, fact, expected, f"a fault in {fault.setting}", "", f"{fault.wrong}. {fault.remedy}")
