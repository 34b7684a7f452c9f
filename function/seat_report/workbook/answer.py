"""An answer's JSON as text that takes a byte a character.

Python keeps a text at the width of its widest character: one emoji in one customer's name would make a large workbook,
which is read as some forty million characters, four times as big.
"""

import codecs
import json
import re
from collections.abc import Iterable

# What is read at a time.
CHUNK = 256 * 1024
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


def text_of(chunks: Iterable[bytes]) -> str:
    """The JSON that comes in these chunks, all characters beyond ASCII as escapes.

    Raises UnicodeDecodeError if it is no UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    text = ""
    for chunk in chunks:
        piece = decoder.decode(chunk)
        # Grows in place, where joining a list would need the memory twice.
        text += piece if piece.isascii() else _BEYOND_ASCII.sub(_escaped, piece)
    return text + decoder.decode(b"", final=True)


def _escaped(found: re.Match[str]) -> str:
    """Such characters only ever stand within a JSON string, where an escape says the same."""
    return json.dumps(found.group())[1:-1]
