"""Text that is not to be shown."""


class Secret:
    """A credential: wherever it is printed, logged or formatted, it shows that it is one, and nothing of itself.

    No dataclass, as turning one into a dictionary would lay it open.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one place that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(hidden)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)
