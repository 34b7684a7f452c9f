"""The methods under values: get, update, append, clear, their batches and their forms by data filter."""

from __future__ import annotations

from tests.emulators.sheets import values
from tests.emulators.sheets.addresses import Area, parse
from tests.emulators.sheets.batch.registry import Batch
from tests.emulators.sheets.document import Spreadsheet
from tests.emulators.sheets.errors import ApiError, Json, invalid
from tests.emulators.sheets.metadata import echoed
from tests.emulators.sheets.values import Render

from .routing import Call, answers
from .spreadsheets import areas_of

_ID = r"/v4/spreadsheets/(?P<id>[^/:]+)"
_RENDERING = "majorDimension valueRenderOption dateTimeRenderOption"
_INPUT = "valueInputOption includeValuesInResponse responseValueRenderOption responseDateTimeRenderOption"
_RANGE = _ID + r"/values/(?P<range>.+)"


def _render(call: Call) -> Render:
    """Give how a GET wants its values."""
    message = "BatchGetValuesByDataFilterRequest"
    return Render(
        call.enum(message, "majorDimension", "majorDimension", "ROWS"),
        call.enum(message, "valueRenderOption", "valueRenderOption", "FORMATTED_VALUE"),
        call.enum(message, "dateTimeRenderOption", "dateTimeRenderOption", "SERIAL_NUMBER"),
    )


def _response_render(given: Json, major: str) -> Render:
    return Render(
        major,
        given.get("responseValueRenderOption", "FORMATTED_VALUE"),
        given.get("responseDateTimeRenderOption", "SERIAL_NUMBER"),
    )


def _input_option(value: str) -> str:
    if value in ("", "INPUT_VALUE_OPTION_UNSPECIFIED"):
        raise invalid("'valueInputOption' is required but not specified")
    return value


# --- batches come first: `values:batchGet` is not a range -----------------------------------------------------------


@answers("GET", _ID + "/values:batchGet", writes=False, schema="BatchGetValuesResponse", query=_RENDERING + " ranges")
def batch_get(call: Call) -> Json:
    """Give several ranges in the order asked for; one that can't be read fails all."""
    view = call.store.view(call.path["id"])
    areas = [parse(text, view.spreadsheet) for text in call.query.get("ranges", [])]
    render = _render(call)
    answer: Json = {"spreadsheetId": call.path["id"]}
    if areas:
        answer["valueRanges"] = [values.read(view, area, render) for area in areas]
    return answer


@answers("POST", _ID + "/values:batchGetByDataFilter", writes=False, schema="BatchGetValuesByDataFilterResponse")
def batch_get_by_data_filter(call: Call) -> Json:
    """Give the ranges that filters select, each with the filters that selected it."""
    body = call.checked("BatchGetValuesByDataFilterRequest")
    view = call.store.view(call.path["id"])
    render = Render(
        body.get("majorDimension", "ROWS"),
        body.get("valueRenderOption", "FORMATTED_VALUE"),
        body.get("dateTimeRenderOption", "SERIAL_NUMBER"),
    )
    found: dict[str, Json] = {}
    for data_filter in body.get("dataFilters", []):
        for area in areas_of(data_filter, view.spreadsheet):
            entry = found.setdefault(area.text(), {"valueRange": values.read(view, area, render), "dataFilters": []})
            entry["dataFilters"].append(echoed(data_filter))
    answer: Json = {"spreadsheetId": call.path["id"]}
    if found:
        answer["valueRanges"] = list(found.values())
    return answer


@answers("POST", _ID + "/values:batchUpdate", writes=True, schema="BatchUpdateValuesResponse")
def batch_update(call: Call) -> Json:
    """Write several ranges, all or none."""
    body = call.checked("BatchUpdateValuesRequest")
    option = _input_option(body.get("valueInputOption", ""))

    def work(batch: Batch) -> list[tuple[Area, Json]]:
        done = []
        for index, data in enumerate(body.get("data", [])):
            try:
                area = parse(data.get("range", ""), batch.spreadsheet)
                done.append((area, _write(batch, area, data, option)))
            except ApiError as error:
                raise ApiError(error.code, f"Invalid data[{index}]: {error.message}", error.details) from error
        return done

    done = call.store.change(call.path["id"], call.caller, work)
    return _written(call, body, done)


@answers("POST", _ID + "/values:batchUpdateByDataFilter", writes=True, schema="BatchUpdateValuesByDataFilterResponse")
def batch_update_by_data_filter(call: Call) -> Json:
    """Write to every range that the filters select."""
    body = call.checked("BatchUpdateValuesByDataFilterRequest")
    option = _input_option(body.get("valueInputOption", ""))
    filters: list[Json] = []

    def work(batch: Batch) -> list[tuple[Area, Json]]:
        done = []
        for data in body.get("data", []):
            wanted = data.get("dataFilter", {})
            for area in areas_of(wanted, batch.spreadsheet):
                done.append((area, _write(batch, area, {**data, "range": area.text()}, option)))
                filters.append(echoed(wanted))
        return done

    done = call.store.change(call.path["id"], call.caller, work)
    answer = _written(call, body, done)
    for response, data_filter in zip(answer.get("responses", []), filters, strict=True):
        response.pop("spreadsheetId")
        response["dataFilter"] = data_filter
    return answer


def _write(batch: Batch, area: Area, data: Json, option: str) -> Json:
    given = data.get("values", [])
    return values.write(batch, area, data.get("range", ""), given, data.get("majorDimension", "ROWS"), option)


def _written(call: Call, body: Json, done: list[tuple[Area, Json]]) -> Json:
    """Give the answer of a batch of writes: each one's and the totals, rows and columns counted once."""
    spreadsheet_id = call.path["id"]
    view = call.store.view(spreadsheet_id)
    responses: list[Json] = []
    rows: set[tuple[int, int]] = set()
    columns: set[tuple[int, int]] = set()
    sheets: set[int] = set()
    total = 0
    for (area, counts), data in zip(done, _data_of(body, len(done)), strict=True):
        response = {"spreadsheetId": spreadsheet_id, **counts}
        updated = parse(counts["updatedRange"], view.spreadsheet)
        if body.get("includeValuesInResponse"):
            render = _response_render(body, data.get("majorDimension", "ROWS"))
            response["updatedData"] = values.read(view, updated, render)
        responses.append(response)
        if counts.get("updatedCells"):
            total += counts["updatedCells"]
            sheets.add(area.sheet.sheet_id)
            rows.update((area.sheet.sheet_id, row) for row in range(updated.top, updated.bottom))
            columns.update((area.sheet.sheet_id, column) for column in range(updated.left, updated.right))
    totals = {
        "totalUpdatedRows": len(rows),
        "totalUpdatedColumns": len(columns),
        "totalUpdatedCells": total,
        "totalUpdatedSheets": len(sheets),
    }
    answer: Json = {"spreadsheetId": spreadsheet_id} | {name: count for name, count in totals.items() if count}
    return answer | ({"responses": responses} if responses else {})


def _data_of(body: Json, count: int) -> list[Json]:
    data: list[Json] = body.get("data", [])
    return data if len(data) == count else [{}] * count


@answers("POST", _ID + "/values:batchClear", writes=True, schema="BatchClearValuesResponse")
def batch_clear(call: Call) -> Json:
    """Clear the values of several ranges."""
    body = call.checked("BatchClearValuesRequest")

    def work(batch: Batch) -> list[str]:
        return [values.clear(batch, parse(text, batch.spreadsheet)) for text in body.get("ranges", [])]

    cleared = call.store.change(call.path["id"], call.caller, work)
    answer: Json = {"spreadsheetId": call.path["id"]} | ({"clearedRanges": cleared} if cleared else {})
    return answer


@answers("POST", _ID + "/values:batchClearByDataFilter", writes=True, schema="BatchClearValuesByDataFilterResponse")
def batch_clear_by_data_filter(call: Call) -> Json:
    """Clear the values of every range that the filters select."""
    body = call.checked("BatchClearValuesByDataFilterRequest")

    def work(batch: Batch) -> list[str]:
        areas = [area for wanted in body.get("dataFilters", []) for area in areas_of(wanted, batch.spreadsheet)]
        return [values.clear(batch, area) for area in areas]

    cleared = call.store.change(call.path["id"], call.caller, work)
    answer: Json = {"spreadsheetId": call.path["id"]} | ({"clearedRanges": cleared} if cleared else {})
    return answer


# --- one range ------------------------------------------------------------------------------------------------------


@answers("POST", _RANGE + ":append", writes=True, schema="AppendValuesResponse", query=_INPUT + " insertDataOption")
def append(call: Call) -> Json:
    """Write values under the table in a range."""
    body = call.checked("ValueRange", "data")
    option = _input_option(call.enum("BatchUpdateValuesRequest", "valueInputOption", "valueInputOption", ""))
    insert_option = call.one("insertDataOption", "OVERWRITE")
    if insert_option not in ("OVERWRITE", "INSERT_ROWS"):
        raise invalid(
            "Invalid value at 'insert_data_option' "
            f'(type.googleapis.com/google.apps.sheets.v4.AppendValuesRequest.InsertDataOption), "{insert_option}"'
        )
    asked = call.path["range"]
    render = _answered(call, body)

    def work(batch: Batch) -> Json:
        area = parse(asked, batch.spreadsheet)
        _check_same_range(body, area, asked, batch.spreadsheet)
        major = body.get("majorDimension", "ROWS")
        return values.append(batch, area, body.get("values", []), major, option, insert_option)

    done = call.store.change(call.path["id"], call.caller, work)
    done["updates"] = {
        "spreadsheetId": call.path["id"],
        **done["updates"],
        **_updated_data(call, done["updates"], render),
    }
    return {"spreadsheetId": call.path["id"], **done}


@answers("POST", _RANGE + ":clear", writes=True, schema="ClearValuesResponse")
def clear(call: Call) -> Json:
    """Clear the values of a range."""
    call.checked("ClearValuesRequest")
    asked = call.path["range"]
    cleared = call.store.change(
        call.path["id"], call.caller, lambda batch: values.clear(batch, parse(asked, batch.spreadsheet))
    )
    return {"spreadsheetId": call.path["id"], "clearedRange": cleared}


@answers("GET", _RANGE, writes=False, schema="ValueRange", query=_RENDERING)
def get(call: Call) -> Json:
    """Give a range."""
    view = call.store.view(call.path["id"])
    render = _render(call)
    return values.read(view, parse(call.path["range"], view.spreadsheet), render)


@answers("PUT", _RANGE, writes=True, schema="UpdateValuesResponse", query=_INPUT)
def update(call: Call) -> Json:
    """Write a range."""
    body = call.checked("ValueRange", "data")
    option = _input_option(call.enum("BatchUpdateValuesRequest", "valueInputOption", "valueInputOption", ""))
    asked = call.path["range"]
    render = _answered(call, body)

    def work(batch: Batch) -> Json:
        area = parse(asked, batch.spreadsheet)
        _check_same_range(body, area, asked, batch.spreadsheet)
        return _write(batch, area, {**body, "range": asked}, option)

    done = call.store.change(call.path["id"], call.caller, work)
    return {"spreadsheetId": call.path["id"], **done, **_updated_data(call, done, render)}


def _answered(call: Call, body: Json) -> Render:
    """Give how the values that were written are to be answered."""
    message = "BatchUpdateValuesRequest"
    return Render(
        body.get("majorDimension", "ROWS"),
        call.enum(message, "responseValueRenderOption", "responseValueRenderOption", "FORMATTED_VALUE"),
        call.enum(message, "responseDateTimeRenderOption", "responseDateTimeRenderOption", "SERIAL_NUMBER"),
    )


def _updated_data(call: Call, done: Json, render: Render) -> Json:
    """Give what was written as it reads now, if the call asks for it."""
    if not call.flag("includeValuesInResponse"):
        return {}
    view = call.store.view(call.path["id"])
    return {"updatedData": values.read(view, parse(done["updatedRange"], view.spreadsheet), render)}


def _check_same_range(body: Json, area: Area, asked: str, spreadsheet: Spreadsheet) -> None:
    """Raise ApiError if the body names another range than the URL."""
    own = body.get("range")
    if own is not None and own != asked and parse(own, spreadsheet).text() != area.text():
        raise invalid(f"Request range[{asked}] does not match value's range[{own}]")
