"""An answer's JSON as text that takes a byte a character.

Python keeps a text at the width of its widest character: one emoji in one customer's name would make a large workbook,
which is read as some forty million characters, four times as big.
"""

import codecs
import json
import re
from collections.abc import Iterator

_WINDOW = 256 * 1024
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


def in_ascii(content: bytes) -> Iterator[str]:
    """The JSON piece by piece, all characters beyond ASCII as escapes; raises UnicodeDecodeError if it is no UTF-8.

    In pieces, so that the content can go before they are put together.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(content), _WINDOW):
        piece = decoder.decode(content[start : start + _WINDOW])
        yield piece if piece.isascii() else _BEYOND_ASCII.sub(_escaped, piece)
    yield decoder.decode(b"", final=True)


def _escaped(found: re.Match[str]) -> str:
    """Such characters only ever stand within a JSON string, where an escape says the same."""
    return json.dumps(found.group())[1:-1]
