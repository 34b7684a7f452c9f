"""What the function takes for granted about Google Sheets.

One table, to be tried against any service that speaks the API: here the local one.
"""

from .client import Client
from .fact import Fact, Tab, difference, tabs_for
from .table import FACTS

__all__ = ["FACTS", "Client", "Fact", "Tab", "difference", "tabs_for"]
