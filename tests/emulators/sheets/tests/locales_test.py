from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import babel.localedata
import pytest

from tests.emulators.sheets import locales, notation, numbers, typed
from tests.emulators.sheets.locales import Locale
from tests.emulators.sheets.service import Handle

from .book import Book, area, create

Json = dict[str, Any]
TODAY = datetime(2026, 11, 23)  # noqa: DTZ001 - serial dates have no time zone


@contextmanager
def book_in(service: Handle, locale: str) -> Iterator[Book]:
    """Give a new spreadsheet with a locale."""
    with create(service, {"properties": {"locale": locale}, "sheets": [{"properties": {"title": "S"}}]}) as made:
        yield made


def found(name: str) -> Locale:
    locale = locales.find(name)
    assert locale is not None
    return locale


def rule(kind: str, *values: str) -> Json:
    """Ask for a rule over A1:A9."""
    condition = {"type": kind, "values": [{"userEnteredValue": value} for value in values]}
    boolean = {"condition": condition, "format": {"textFormat": {"bold": True}}}
    return {"addConditionalFormatRule": {"rule": {"ranges": [area(0, 9, 0, 1)], "booleanRule": boolean}}}


@pytest.mark.parametrize(
    "locale", ["de_DE", "fr_FR", "es_ES", "pt_BR", "it_IT", "nl_NL", "sv_SE", "ru_RU", "pt_PT", "de"]
)
def test_a_decimal_point_in_a_condition_is_refused_where_a_comma_is_written(service: Handle, locale: str) -> None:
    """0.5 is no number where decimals have a comma; 0,5 is one, and is read back as it was written."""
    with book_in(service, locale) as book:
        refused = "Invalid requests[0].addConditionalFormatRule: Invalid ConditionValue.userEnteredValue: 0.5"
        assert book.refusal(rule("NUMBER_LESS", "0.5")) == refused
        book.reply(rule("NUMBER_LESS", "0,5"))
        book.write("A1", [[0.4], [0.6]])
        assert _bold(book) == [True, False]
        kept = book.tab()["conditionalFormats"][0]["booleanRule"]["condition"]["values"]
        assert kept == [{"userEnteredValue": "0,5"}]


@pytest.mark.parametrize("locale", ["en_US", "de_DE"])
def test_a_formula_in_a_condition_needs_no_decimal_sign(service: Handle, locale: str) -> None:
    """A value may be a formula, which can say a half in any locale."""
    with book_in(service, locale) as book:
        book.reply(rule("NUMBER_LESS", "=1/2"))
        book.write("A1", [[0.4], [0.6]])
        assert _bold(book) == [True, False]


@pytest.mark.parametrize("locale", ["en_US", "en_GB", "ja_JP", "de_CH", "es_MX", "en"])
def test_a_decimal_comma_in_a_condition_is_refused_where_a_point_is_written(service: Handle, locale: str) -> None:
    """0,5 is no number where decimals have a point; 0.5 is one."""
    with book_in(service, locale) as book:
        refused = "Invalid requests[0].addConditionalFormatRule: Invalid ConditionValue.userEnteredValue: 0,5"
        assert book.refusal(rule("NUMBER_LESS", "0,5")) == refused
        book.reply(rule("NUMBER_LESS", "0.5"))
        book.write("A1", [[0.4], [0.6]])
        assert _bold(book) == [True, False]


def _bold(book: Book) -> list[bool]:
    data = book.tab(fields="sheets.data.rowData.values.effectiveFormat.textFormat.bold")["data"][0]
    return [row["values"][0]["effectiveFormat"]["textFormat"]["bold"] for row in data["rowData"]]


@pytest.mark.parametrize(
    ("locale", "refused", "taken"),
    [
        ("de_DE", '=AND($A1>1,$B1="x")', "=AND($A1>0,5;$A1<1)"),
        ("en_US", '=AND($A1>0,5;"x"', "=AND($A1>0.5,$A1<1)"),
        ("en_US", "$A1>0.5", "=AND($A1>0.5;$A1<1)"),
    ],
)
def test_formulas_in_conditions_are_read_in_the_locale(service: Handle, locale: str, refused: str, taken: str) -> None:
    """One that can't be read is refused; one that can decides."""
    with book_in(service, locale) as book:
        assert book.refusal(rule("CUSTOM_FORMULA", refused)).endswith(
            f"Invalid ConditionValue.userEnteredValue: {refused}"
        )
        book.reply(rule("CUSTOM_FORMULA", taken))
        book.write("A1", [[0.4], [0.6]])
        assert _bold(book) == [False, True]


def test_values_of_validation_filters_and_gradients_are_read_in_the_locale(service: Handle) -> None:
    """They are refused as those of rules are."""
    condition = {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "0.5"}]}
    point = {"type": "NUMBER", "value": "0.5", "color": {}}
    gradient = {"ranges": [area(0, 9, 0, 1)], "gradientRule": {"minpoint": {"type": "MIN"}, "maxpoint": point}}
    criteria = {"range": area(0, 9, 0, 1), "criteria": {"0": {"condition": condition}}}
    cell = {"cell": {"dataValidation": {"condition": condition}}, "fields": "dataValidation"}
    with book_in(service, "fr_FR") as book:
        for request in (
            {"setDataValidation": {"range": area(0, 9, 0, 1), "rule": {"condition": condition}}},
            {"repeatCell": {"range": area(0, 9, 0, 1), **cell}},
            {"setBasicFilter": {"filter": criteria}},
            {"addFilterView": {"filter": criteria}},
        ):
            assert book.refusal(request).endswith("Invalid ConditionValue.userEnteredValue: 0.5")
        request = {"addConditionalFormatRule": {"rule": gradient}}
        assert book.refusal(request).endswith("Invalid InterpolationPoint.value: 0.5")
        condition["values"][0]["userEnteredValue"] = point["value"] = "0,5"  # type: ignore[index]
        book.reply({"setBasicFilter": {"filter": criteria}})
        book.reply(request)


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("NUMBER_BETWEEN", ["1"], "ConditionType: NUMBER_BETWEEN requires exactly two ConditionValues."),
        ("BLANK", ["1"], "ConditionType: BLANK requires no ConditionValues."),
        ("TEXT_EQ", [], "ConditionType: TEXT_EQ requires a single ConditionValue."),
        ("ONE_OF_LIST", ["1"], "ConditionType: ONE_OF_LIST is not supported for conditional formatting."),
        ("NUMBER_EQ", ["many"], "Invalid ConditionValue.userEnteredValue: many"),
        ("DATE_BEFORE", ["soon"], "Invalid ConditionValue.userEnteredValue: soon"),
    ],
)
def test_conditions_have_the_values_their_type_needs(book: Book, kind: str, values: list[str], message: str) -> None:
    """How many, and of which kind, is published with each type."""
    assert book.refusal(rule(kind, *values)) == f"Invalid requests[0].addConditionalFormatRule: {message}"


def test_a_list_from_a_range_is_a_formula(book: Book) -> None:
    """The range of a validation rule needs an equals sign, and is read back with dollars."""

    def listed(text: str) -> Json:
        condition = {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": text}]}
        return {"setDataValidation": {"range": area(0, 1, 0, 1), "rule": {"condition": condition}}}

    assert book.refusal(listed("S!B2:B5")).endswith(
        "Invalid ConditionValue.userEnteredValue: S!B2:B5 for ConditionType: ONE_OF_RANGE"
    )
    book.reply(listed("=S!B2:B5"))
    cell = book.tab(fields="sheets.data.rowData.values.dataValidation")["data"][0]["rowData"][0]["values"][0]
    assert cell["dataValidation"]["condition"]["values"] == [{"userEnteredValue": "=S!$B$2:$B$5"}]


@pytest.mark.parametrize(
    ("locale", "entered", "value", "shown"),
    [
        ("de_DE", "=SUM(1;2,5)", 3.5, "3,5"),
        ("de_DE", "=SUM(1,2)", 1.2, "1,2"),
        ("de_DE", "={1\\2,5}", 1, "1"),
        ("de_DE", '=IF(TRUE,"x","y")', "#ERROR! (Formula parse error.)", "#ERROR!"),
        ("de_DE", "=1.5*2", "#ERROR! (Formula parse error.)", "#ERROR!"),
        ("en_US", "=SUM(1,2.5)", 3.5, "3.5"),
        ("de_CH", "=SUM(1,2.5)", 3.5, "3.5"),
    ],
)
@pytest.mark.parametrize("way", ["typed", "written"])
def test_formulas_are_written_in_the_locale(
    service: Handle, locale: str, entered: str, value: Any, shown: str, way: str
) -> None:
    """Separators are the locale's, and stay as they were written, also where they make no sense."""
    with book_in(service, locale) as book:
        if way == "typed":
            book.write("A1", [[entered]], "USER_ENTERED")
        else:
            data = {"rows": [{"values": [{"userEnteredValue": {"formulaValue": entered}}]}], "fields": "*"}
            book.reply({"updateCells": {"start": {"sheetId": 0}, **data}})
        assert book.values("A1", valueRenderOption="UNFORMATTED_VALUE") == [[value]]
        assert book.values("A1") == [[shown]]
        assert book.formulas("A1") == [[entered]]
        cell = book.tab(includeGridData="true")["data"][0]["rowData"][0]["values"][0]
        assert cell["userEnteredValue"] == {"formulaValue": entered}


def test_semicolons_part_arguments_everywhere(book: Book) -> None:
    """Where commas part arguments, a semicolon becomes one."""
    book.write("A1", [["=SUM(1;2)"]], "USER_ENTERED")
    assert (book.values("A1"), book.formulas("A1")) == ([["3"]], [["=SUM(1,2)"]])


def test_another_locale_rewrites_formulas_and_conditions(service: Handle) -> None:
    """What was entered before means the same after a change of the locale."""
    with book_in(service, "en_US") as book:
        book.write("A1", [["=IF(TRUE,0.5,2)"], [0.4], [0.6], [True]], "USER_ENTERED")
        book.batch(rule("NUMBER_LESS", "0.45"), rule("CUSTOM_FORMULA", "=AND(A1>0.55,A1<1)"))
        changed = {"properties": {"locale": "de_DE"}, "fields": "locale"}
        book.reply({"updateSpreadsheetProperties": changed})
        assert book.formulas("A1") == [["=IF(TRUE;0,5;2)"]]
        assert book.values("A1:A4") == [["0,5"], ["0,4"], ["0,6"], ["WAHR"]]
        assert _bold(book) == [False, True, True, False]
        typed_there = [
            item["booleanRule"]["condition"]["values"][0]["userEnteredValue"]
            for item in book.tab()["conditionalFormats"]
        ]
        assert typed_there == ["=AND(A1>0,55;A1<1)", "0,45"]


def test_unknown_locales_are_refused(book: Book) -> None:
    """A locale that there is none of is refused and changes nothing."""
    changed = {"properties": {"locale": "xx_YY"}, "fields": "locale"}
    assert book.refusal({"updateSpreadsheetProperties": changed}).endswith("Unsupported locale: xx_YY")
    assert book.get(fields="properties.locale") == {"properties": {"locale": "en_US"}}


@pytest.mark.parametrize(
    ("locale", "text", "value", "pattern"),
    [
        ("de_DE", "1.234,5", 1234.5, "#,##0.00"),
        ("de_DE", "1.5", 46143, "dd.mm"),
        ("de_DE", "0.5", "0.5", None),
        ("de_DE", "01.05.2020", 43952, "dd.mm.yyyy"),
        ("de_DE", "1. Mai 2020", 43952, "d mmm yyyy"),
        ("de_DE", "2020-01-01", 43831, "yyyy-mm-dd"),
        ("de_DE", "12,50 €", 12.5, '#,##0.00\u00a0"€"'),
        ("de_DE", "12,5 %", 0.125, "0.00%"),
        ("de_DE", "wahr", True, None),
        ("de_DE", "TRUE", True, None),
        ("de_CH", "1'234.5", 1234.5, "#,##0.00"),
        ("fr_FR", "1 234,5", 1234.5, "#,##0.00"),
        ("fr_FR", "12/11/2020", 44147, "dd/mm/yyyy"),
        ("fr_FR", "1.5", "1.5", None),
        ("en_GB", "13/01/2020", 43843, "dd/mm/yyyy"),
        ("en_GB", "£5", 5, '"£"#,##0'),
        ("en_IN", "12,34,567", 1234567, "#,##0"),
        ("en_US", "13/01/2020", "13/01/2020", None),
        ("sv_SE", "10.30", 0.4375, "h.mm"),
        ("sv_SE", "1 234,1234", 1234.1234, "#,##0.00"),
        ("pt_BR", "5 de jan. de 2020", 43835, "d mmm yyyy"),
        ("ru_RU", "ЛОЖЬ", False, None),
        ("ja_JP", "2020年1月5日", 43835, 'yyyy"年"m"月"d"日"'),
        ("ja_JP", "￥500", 500, '"￥"#,##0'),
    ],
)
def test_typing_is_read_in_the_locale(locale: str, text: str, value: Any, pattern: str | None) -> None:
    """Numbers, money, dates and booleans are those of the locale; ISO dates and English booleans count everywhere."""
    read = typed.read(text, TODAY, None, found(locale))
    assert (read.value, (read.number_format or {}).get("pattern")) == (value, pattern)


@pytest.mark.parametrize(
    ("locale", "value", "number_format", "shown"),
    [
        ("de_DE", 1234.5, {"type": "NUMBER", "pattern": "#,##0.00"}, "1.234,50"),
        ("fr_FR", 1234567.5, {"type": "NUMBER", "pattern": "#,##0.0"}, "1\u202f234\u202f567,5"),
        ("de_CH", 1234.5, {"type": "NUMBER", "pattern": "#,##0.00"}, "1’234.50"),
        ("en_IN", 1234567, {"type": "NUMBER", "pattern": "#,##0"}, "12,34,567"),
        ("de_DE", 0.125, {"type": "PERCENT"}, "12,50%"),
        ("de_DE", 5, {"type": "CURRENCY"}, "5,00\u00a0€"),
        ("ja_JP", 5, {"type": "CURRENCY"}, "￥5"),
        ("en_US", 45004, {"type": "DATE"}, "3/19/2023"),
        ("en_GB", 45004, {"type": "DATE"}, "19/03/2023"),
        ("de_DE", 45004, {"type": "DATE"}, "19.03.2023"),
        ("fr_FR", 45004, {"type": "DATE"}, "19/03/2023"),
        ("es_ES", 45004, {"type": "DATE"}, "19/3/2023"),
        ("nl_NL", 45004, {"type": "DATE"}, "19-03-2023"),
        ("sv_SE", 45004, {"type": "DATE"}, "2023-03-19"),
        ("ja_JP", 45004, {"type": "DATE"}, "2023/03/19"),
        ("de_DE", 45004.75, {"type": "DATE_TIME"}, "19.03.2023 18:00:00"),
        ("de_DE", 45004, {"type": "DATE", "pattern": "dddd, d mmmm yyyy"}, "Sonntag, 19 März 2023"),
        ("de_DE", 1 / 3, None, "0,3333333333"),
        ("de_DE", 1.5, {"type": "TEXT"}, "1,5"),
    ],
)
def test_numbers_and_dates_are_shown_in_the_locale(
    locale: str, value: float, number_format: Json | None, shown: str
) -> None:
    """Patterns are US style everywhere; separators, names and what a type without a pattern means are the locale's."""
    assert numbers.show(value, number_format, found(locale)) == shown


@pytest.mark.parametrize(
    ("locale", "shown"),
    [("de_AT", "WAHR"), ("fr_FR", "VRAI"), ("es_ES", "VERDADERO"), ("it_IT", "VERO"), ("ja_JP", "TRUE")],
)
def test_booleans_are_shown_in_the_locale(service: Handle, locale: str, shown: str) -> None:
    """TRUE has the locale's name where Google gives it one."""
    with book_in(service, locale) as book:
        book.write("A1", [[True]])
        assert book.values("A1") == [[shown]]
        assert book.values("A1", valueRenderOption="UNFORMATTED_VALUE") == [[True]]


@pytest.mark.parametrize(
    ("formula", "stored"),
    [
        ("=SUM(1;2,5)", "=SUM(1,2.5)"),
        ("=A1*,5", "=A1*.5"),
        ("={SUM(1;2)\\,5;3}", "={SUM(1,2),.5;3}"),
        ("=T.TEST(A1;2)&\"a;b,c\"&'x;y'!A1", "=T.TEST(A1,2)&\"a;b,c\"&'x;y'!A1"),
        ("=1,5E+3", "=1.5E+3"),
    ],
)
def test_separators_are_exchanged_both_ways(formula: str, stored: str) -> None:
    """What a German formula says is stored with points and commas; texts, names and tabs are left alone."""
    german = found("de_DE")
    assert notation.to_stored(formula, german) == stored
    assert notation.to_local(stored, german) == formula


def test_every_locale_reads_what_it_shows() -> None:
    """A number and a date in the default format are typed back as they are shown, in all locales that there are."""
    names = [name for name in babel.localedata.locale_identifiers() if re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", name)]
    assert len(names) > 400
    for name in names:
        locale = found(name)
        shown = numbers.show(1234.5, {"type": "NUMBER", "pattern": "#,##0.0"}, locale)
        assert typed.read(shown, TODAY, None, locale).value == 1234.5, name
        shown = numbers.show(45004, {"type": "DATE"}, locale)
        assert typed.read(shown, TODAY, None, locale).value == 45004, name
