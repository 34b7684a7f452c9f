"""The methods of the Drive API v3 that clients of spreadsheets use, and the upload that replaces one by a CSV."""

from __future__ import annotations

import copy
import csv
import io
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.emulators.sheets import batch as requests
from tests.emulators.sheets import cells
from tests.emulators.sheets.batch.tabs import new_sheet
from tests.emulators.sheets.document import Spreadsheet, new_spreadsheet_id
from tests.emulators.sheets.engine import Calculator
from tests.emulators.sheets.errors import ApiError, Json, invalid, unsupported
from tests.emulators.sheets.exports import CSV, TSV, XLSX, as_delimited, as_xlsx
from tests.emulators.sheets.masks import ALL, Mask, parse_loosely, project
from tests.emulators.sheets.resource import default_properties
from tests.emulators.sheets.store import File

from .routing import Call, Media, answers

SHEETS = "application/vnd.google-apps.spreadsheet"
_FILES = "/drive/v3/files"
_ID = _FILES + r"/(?P<id>[^/]+)"
_FILE_FIELDS: Mask = {"kind": ALL, "id": ALL, "name": ALL, "mimeType": ALL}
_PERMISSION_FIELDS: Mask = {"kind": ALL, "id": ALL, "type": ALL, "role": ALL}
# What is used here of a file and of a permission.
_TYPES: dict[str, type] = {
    **dict.fromkeys(("name", "mimeType", "type", "role", "emailAddress", "domain"), str),
    **dict.fromkeys(("trashed", "allowFileDiscovery", "pendingOwner"), bool),
    "parents": list,
}
_ROLES = ("owner", "organizer", "fileOrganizer", "writer", "commenter", "reader")


def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


def _file(call: Call, spreadsheet_id: str) -> File:
    file = call.store.files.get(spreadsheet_id)
    if file is None:
        raise ApiError(404, f"File not found: {spreadsheet_id}.")
    return file


def _resource(call: Call, file: File) -> Json:
    spreadsheet = file.spreadsheet
    return {
        "kind": "drive#file",
        "id": spreadsheet.spreadsheet_id,
        "name": spreadsheet.title,
        "mimeType": SHEETS,
        "parents": file.parents or ["root"],
        "trashed": file.trashed,
        "createdTime": _moment(file.created),
        "modifiedTime": _moment(file.modified),
        "webViewLink": f"{call.base_url}/spreadsheets/d/{spreadsheet.spreadsheet_id}/edit",
        "permissions": file.permissions,
        "owners": [item for item in file.permissions if item["role"] == "owner"],
    }


def _shown(call: Call, resource: Json, default: Mask) -> Json:
    text = call.one("fields")
    shown: Json = project(resource, parse_loosely(text) if text else default)
    return shown


def _body(call: Call) -> Json:
    """Give the fields of the body that say something; raises ApiError for one of a wrong type."""
    if call.body is None:
        return {}
    if not isinstance(call.body, dict):
        raise invalid("Parse Error")
    given = {name: item for name, item in call.body.items() if item is not None}
    for name, item in given.items():
        kind = _TYPES.get(name)
        members = item if isinstance(item, list) else []
        if kind and (not isinstance(item, kind) or not all(isinstance(member, str) for member in members)):
            raise invalid(f"Invalid value for: {name}")
    return given


@answers("POST", _FILES, writes=True)
def create(call: Call) -> Json:
    """Create a spreadsheet; files of other kinds are not kept here."""
    given = _body(call)
    if given.get("mimeType") != SHEETS:
        raise unsupported(f"A file of type {given.get('mimeType')}")
    title = given.get("name", "Untitled")
    spreadsheet = Spreadsheet(new_spreadsheet_id(), default_properties(title, {}))
    spreadsheet.sheets.append(new_sheet(spreadsheet, {"sheetId": 0}))
    file = call.store.add(spreadsheet, call.caller)
    file.parents = given.get("parents", [])
    return _shown(call, _resource(call, file), _FILE_FIELDS)


@answers("GET", _FILES, writes=False)
def list_files(call: Call) -> Json:
    """List spreadsheets, the last modified first, a page at a time."""
    tests = _tests(call.one("q"))
    files = [file for file in call.store.files.values() if all(test(file) for test in tests)]
    files.sort(key=lambda file: file.modified, reverse=True)
    start, size = _number(call.one("pageToken"), 0), min(_number(call.one("pageSize"), 100), 1000)
    answer: Json = {
        "kind": "drive#fileList",
        "incompleteSearch": False,
        "files": [_resource(call, file) for file in files[start : start + size]],
    }
    if start + size < len(files):
        answer["nextPageToken"] = str(start + size)
    default = {"kind": ALL, "incompleteSearch": ALL, "nextPageToken": ALL, "files": _FILE_FIELDS}
    return _shown(call, answer, default)


def _number(text: str, default: int) -> int:
    if text and not re.fullmatch(r"[0-9]{1,9}", text):
        raise invalid("Invalid Value")
    return int(text) if text else default


_TERM = re.compile(
    r"""\s*(?:(?P<field>name|mimeType|trashed)\s*(?P<operator>=|!=|contains)\s*(?P<value>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|true|false)
    |(?P<parent>'[^']*'|"[^"]*")\s+in\s+parents|parents\s+in\s+(?P<parent2>'[^']*'|"[^"]*"))\s*""",
    re.VERBOSE,
)


Test = Callable[[File], bool]


def _tests(query: str) -> list[Test]:
    """Read a search query: terms about name, type, parents and trash, joined by `and`."""
    tests = []
    position = 0
    while position < len(query):
        match = _TERM.match(query, position)
        if not match:
            raise invalid("Invalid Value")
        tests.append(_test(match))
        position = match.end()
        joint = re.compile(r"and\b").match(query, position)
        if position < len(query) and not joint:
            raise invalid("Invalid Value")
        position = joint.end() if joint else position
    return tests


def _test(match: re.Match[str]) -> Test:
    parent = match["parent"] or match["parent2"]
    if parent:
        return lambda file: parent[1:-1] in (file.parents or ["root"])
    value: Any = match["value"]
    value = value == "true" if value in ("true", "false") else re.sub(r"\\(.)", r"\1", value[1:-1])
    readers: dict[str, Callable[[File], Any]] = {
        "name": lambda file: file.spreadsheet.title,
        "mimeType": lambda _file: SHEETS,
        "trashed": lambda file: file.trashed,
    }
    read = readers[match["field"]]
    if match["operator"] == "contains":
        return lambda file: str(value).casefold() in str(read(file)).casefold()
    return lambda file: bool(read(file) == value) == (match["operator"] == "=")


@answers("GET", _ID, writes=False)
def get(call: Call) -> Json:
    """Give a file's metadata."""
    return _shown(call, _resource(call, _file(call, call.path["id"])), _FILE_FIELDS)


@answers("PATCH", _ID, writes=True)
def update(call: Call) -> Json:
    """Rename a file, move it, or put it into the trash."""
    given = _body(call)
    file = _file(call, call.path["id"])
    if "name" in given:
        file.spreadsheet = file.spreadsheet.copy()
        file.spreadsheet.properties["title"] = given["name"]
    file.trashed = bool(given.get("trashed", file.trashed))
    added = [part for part in call.one("addParents").split(",") if part]
    removed = call.one("removeParents").split(",")
    file.parents = [parent for parent in file.parents if parent not in removed] + added
    file.modified = call.store.clock.now()
    return _shown(call, _resource(call, file), _FILE_FIELDS)


@answers("DELETE", _ID, writes=True)
def delete(call: Call) -> None:
    """Delete a file for good."""
    _file(call, call.path["id"])
    del call.store.files[call.path["id"]]


@answers("POST", _ID + "/copy", writes=True)
def copy_file(call: Call) -> Json:
    """Copy a spreadsheet with everything in it; ids of tabs and of metadata stay."""
    given = _body(call)
    source = _file(call, call.path["id"]).spreadsheet
    spreadsheet = source.copy()
    spreadsheet.comments = []
    for sheet in spreadsheet.sheets:
        sheet.comment_anchors = []
    spreadsheet.spreadsheet_id = new_spreadsheet_id()
    spreadsheet.properties["title"] = given.get("name") or f"Copy of {source.title}"
    file = call.store.add(spreadsheet, call.caller)
    file.parents = given.get("parents", [])
    return _shown(call, _resource(call, file), _FILE_FIELDS)


@answers("GET", _ID + "/export", writes=False)
def export(call: Call) -> Media:
    """Give a spreadsheet as a file: xlsx whole, or the first tab as CSV or TSV."""
    view = call.store.view(_file(call, call.path["id"]).spreadsheet.spreadsheet_id)
    kind = call.one("mimeType")
    if kind == XLSX:
        return Media(as_xlsx(view), XLSX)
    if kind in (CSV, TSV):
        return Media(as_delimited(view, "," if kind == CSV else "\t").encode(), kind)
    raise unsupported(f"Export as {kind}")


@answers("PUT", r"/upload/drive/v[23]/files/(?P<id>[^/]+)", writes=True, media=True)
@answers("PATCH", r"/upload/drive/v[23]/files/(?P<id>[^/]+)", writes=True, media=True)
def upload(call: Call) -> Json:
    """Replace a spreadsheet by a CSV: one tab, its texts read as typed."""
    if not call.content_type.startswith("text/csv"):
        raise unsupported(f"An upload of type {call.content_type}")
    file = _file(call, call.path["id"])
    rows = list(csv.reader(io.StringIO(call.raw.decode("utf-8-sig"), newline="")))
    properties = copy.deepcopy(file.spreadsheet.properties) | {"timeZone": "America/Los_Angeles"}
    spreadsheet = Spreadsheet(file.spreadsheet.spreadsheet_id, properties)
    grid = {"rowCount": max(1000, len(rows)), "columnCount": max(26, *(len(row) for row in rows), 0)}
    sheet = new_sheet(spreadsheet, {"sheetId": 0, "gridProperties": grid})
    spreadsheet.sheets.append(sheet)
    batch = requests.Batch(spreadsheet, Calculator(), call.caller, call.store.local_time(spreadsheet))
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            sheet.grid.put(row, column, cells.user_entered(sheet.grid.get(row, column), text, spreadsheet, batch.now))
    file.spreadsheet, file.modified = spreadsheet, call.store.clock.now()
    return _resource(call, file) | {"kind": "drive#file", "title": spreadsheet.title}


# --- permissions ----------------------------------------------------------------------------------------------------


@answers("GET", _ID + "/permissions", writes=False)
def list_permissions(call: Call) -> Json:
    """List who may open a file."""
    answer = {"kind": "drive#permissionList", "permissions": _file(call, call.path["id"]).permissions}
    return _shown(call, answer, {"kind": ALL, "permissions": _PERMISSION_FIELDS})


@answers("POST", _ID + "/permissions", writes=True)
def create_permission(call: Call) -> Json:
    """Share a file."""
    given = _body(call)
    file = _file(call, call.path["id"])
    kind, role = given.get("type"), given.get("role")
    if kind not in ("user", "group", "domain", "anyone") or role not in _ROLES:
        raise invalid("The permission type and role fields are required.")
    needed = {"user": "emailAddress", "group": "emailAddress", "domain": "domain"}.get(str(kind))
    if needed and not given.get(needed):
        raise invalid(f"The {needed} field is required for a permission of type {kind}.")
    address = given.get("emailAddress") or given.get("domain") or "anyoneWithLink"
    taken = next((item for item in file.permissions if _address(item) == address), None)
    permission: Json = {
        "kind": "drive#permission",
        "id": taken["id"] if taken else "anyoneWithLink" if kind == "anyone" else str(len(file.permissions) + 10**19),
        "type": kind,
        "role": role,
        "allowFileDiscovery": given.get("allowFileDiscovery", False),
    }
    if needed:
        permission |= {needed: address, "displayName": address.partition("@")[0]}
    file.permissions = [item for item in file.permissions if item is not taken] + [permission]
    return _shown(call, permission, _PERMISSION_FIELDS)


def _address(permission: Json) -> str:
    return str(permission.get("emailAddress") or permission.get("domain") or "anyoneWithLink")


def _permission(call: Call, file: File) -> Json:
    wanted = call.path["permission"]
    for permission in file.permissions:
        if permission["id"] == wanted:
            return permission
    raise ApiError(404, f"Permission not found: {wanted}.")


@answers("PATCH", _ID + r"/permissions/(?P<permission>[^/]+)", writes=True)
def update_permission(call: Call) -> Json:
    """Give somebody another role, or offer them the file."""
    given = _body(call)
    file = _file(call, call.path["id"])
    old = _permission(call, file)
    if given.get("role", "writer") not in _ROLES:
        raise invalid("The specified role is invalid.")
    permission = dict(old)
    permission.update((name, given[name]) for name in ("role", "pendingOwner") if name in given)
    if permission["role"] == "owner" and not call.flag("transferOwnership"):
        raise ApiError(403, "The transferOwnership parameter must be enabled when the permission role is 'owner'.")
    file.permissions = [permission if item is old else item for item in file.permissions]
    return _shown(call, permission, _PERMISSION_FIELDS)


@answers("DELETE", _ID + r"/permissions/(?P<permission>[^/]+)", writes=True)
def delete_permission(call: Call) -> None:
    """Stop sharing a file with somebody."""
    file = _file(call, call.path["id"])
    permission = _permission(call, file)
    if permission["role"] == "owner":
        raise ApiError(403, "The owner of a file cannot be removed.")
    file.permissions = [item for item in file.permissions if item is not permission]


@answers("GET", _ID + "/comments", writes=False)
def list_comments(call: Call) -> Json:
    """List a file's comments: none are kept here, which stock clients ask for when they copy a file."""
    _file(call, call.path["id"])
    return _shown(call, {"kind": "drive#commentList", "comments": []}, ALL)
