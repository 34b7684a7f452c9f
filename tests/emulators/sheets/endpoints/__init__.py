"""The methods of the API by URL, a resource a module; importing this package registers them all."""

from . import metadata, spreadsheets, values
from .routing import ROUTES, Call, find

__all__ = ["ROUTES", "Call", "find", "metadata", "spreadsheets", "values"]
