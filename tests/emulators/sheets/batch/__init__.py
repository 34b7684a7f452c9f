"""The requests of spreadsheets.batchUpdate, a family a module; importing this package registers them all."""

from . import (
    blocks,
    charts,
    copying,
    dimensions,
    features,
    filling,
    filters,
    groups,
    merging,
    metadata,
    rules,
    sorting,
    tables,
    tabs,
    text,
    writing,
)
from .registry import HANDLERS, Batch, run

FAMILIES = (
    blocks,
    charts,
    copying,
    dimensions,
    features,
    filling,
    filters,
    groups,
    merging,
    metadata,
    rules,
    sorting,
    tables,
    tabs,
    text,
    writing,
)

__all__ = ["FAMILIES", "HANDLERS", "Batch", "run"]
