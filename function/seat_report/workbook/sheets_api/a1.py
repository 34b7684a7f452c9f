"""Columns as people name them."""


def column_letters(index: int) -> str:
    """The letters of a column as people see them: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
