"""A1 notation for columns."""


def column_letters(index: int) -> str:
    """The letters of the column at `index`, counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
