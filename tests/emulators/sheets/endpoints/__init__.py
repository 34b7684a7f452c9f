"""The methods of the API by URL, a resource a module; importing this package registers them all."""

from . import drive, metadata, spreadsheets, values
from .routing import ROUTES, Call, Media, answer, find

__all__ = ["ROUTES", "Call", "Media", "answer", "drive", "find", "metadata", "spreadsheets", "values"]
