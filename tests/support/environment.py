"""The environment that settings are loaded from in tests, and the faults of a changed one."""

import pytest

from seat_report.errors import ConfigurationError, Fault
from seat_report.settings import Settings, load

CLIENT_SECRET = "kept-to-itself"
# What is required, and nothing else.
MINIMAL = {"SPREADSHEET_ID": "sheet-1", "AVEPOINT_CLIENT_ID": "client-1", "AVEPOINT_CLIENT_SECRET": CLIENT_SECRET}
WITHOUT_CREDENTIAL = {"AVEPOINT_CLIENT_SECRET": ""}


def load_with(**changes: str) -> Settings:
    """The settings of a minimal environment with these changes; an empty value is the same as an unset one."""
    return load({**MINIMAL, **changes})


def faults_of(**changes: str) -> ConfigurationError:
    """The error of a minimal environment with these changes."""
    with pytest.raises(ConfigurationError) as caught:
        load_with(**changes)
    return caught.value


def only_fault(**changes: str) -> Fault:
    """The single fault of a minimal environment with these changes."""
    error = faults_of(**changes)
    (fault,) = error.faults
    assert str(error) == str(fault)
    return fault
