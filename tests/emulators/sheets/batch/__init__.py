"""The requests of spreadsheets.batchUpdate, a family a module; importing this package registers them all."""

from . import charts, copying, dimensions, features, filters, metadata, rules, sorting, tabs, writing
from .registry import HANDLERS, Batch, run

__all__ = [
    "HANDLERS",
    "Batch",
    "charts",
    "copying",
    "dimensions",
    "features",
    "filters",
    "metadata",
    "rules",
    "run",
    "sorting",
    "tabs",
    "writing",
]
