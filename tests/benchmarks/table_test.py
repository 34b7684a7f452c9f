from tests.benchmarks.table import Part, Target, amount, number


def test_a_part_is_a_section_with_its_table_and_targets() -> None:
    """Title, table, note and targets are separate Markdown blocks."""
    targets = [Target("slow", 1.2, 1.1, remark="so is the other"), Target("fast", 0.9, 0.8, at_least=True)]
    part = Part("Speed", ("what", "s"), [("one", "2")], "Measured.", targets)
    assert part.markdown().split("\n") == [
        "### Speed",
        "",
        "| what | s |",
        "| --- | ---: |",
        "| one | 2 |",
        "",
        "Measured.",
        "",
        "- slow: 1.20 (≤ 1.10): **missed**; so is the other",
        "- fast: 0.90 (≥ 0.80): met",
        "",
    ]


def test_numbers_have_the_digits_needed_for_comparison() -> None:
    """Three digits, thousands separators, bytes with a unit."""
    assert [number(value) for value in (5, 0.1234, 12.34, 1234.5, float("inf"))] == ["5", "0.12", "12.3", "1,234", "∞"]
    assert [amount(size) for size in (6472, 2_250_000)] == ["6.47 kB", "2.25 MB"]
