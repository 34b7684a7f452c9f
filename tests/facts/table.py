"""The table of facts."""

from .cells import CELLS
from .columns import COLUMNS
from .fact import Fact
from .grid import GRID
from .looks import LOOKS

FACTS: tuple[Fact, ...] = (*CELLS, *COLUMNS, *GRID, *LOOKS)
