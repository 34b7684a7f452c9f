"""An answer's JSON as text that takes a byte a character.

Python keeps a text at the width of its widest character: one emoji in one customer's name would make a large workbook,
which is read as some forty million characters, four times as big.
"""

import codecs
import json
import re

_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_ESCAPING = "seat-report-json-escapes"


def text_of(content: bytes) -> str:
    """The JSON with all characters beyond ASCII as escapes; raises UnicodeDecodeError if it is no UTF-8."""
    return content.decode("ascii", _ESCAPING)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Such characters only ever stand within a JSON string, where an escape says the same."""
    if not isinstance(error, UnicodeDecodeError) or (found := _BEYOND_ASCII.match(error.object, error.start)) is None:
        raise error
    return json.dumps(found.group().decode())[1:-1], found.end()


codecs.register_error(_ESCAPING, _escaped)
