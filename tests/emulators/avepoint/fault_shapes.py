"""Faults in the content of a good answer: shapes, counts, entries, and paging that lies."""

from collections.abc import Callable, Mapping

from tests.emulators.avepoint.contracts import ASSIGNED, AVAILABLE, FIELD_OF_COUNT, Draft
from tests.emulators.avepoint.faults import Fault

Shape = Callable[[Fault, Draft], object]


def _object(_fault: Fault, draft: Draft) -> object:
    """An object where the contract has an array: the entries by number."""
    return draft.around({str(number): entry for number, entry in enumerate(draft.entries)})


def _array(_fault: Fault, draft: Draft) -> object:
    """An array where the contract has an object: around each entry, or instead of the whole."""
    return draft.entries if draft.metadata is not None else [[entry] for entry in draft.entries]


def _nested(_fault: Fault, draft: Draft) -> object:
    """The right content one level too deep."""
    return [draft.entries] if draft.metadata is None else {"data": draft.document()}


def _other_contract(_fault: Fault, draft: Draft) -> object:
    """The entries as they are, but in the other contract's envelope."""
    if draft.metadata is not None:
        return draft.entries
    metadata = {"pageIndex": 1, "pageSize": 50, "totalCount": len(draft.entries)}
    return {"data": draft.entries, "metadata": metadata}


def _text(fault: Fault, _draft: Draft) -> object:
    return "OK" if fault.value is None else fault.value


def _null(_fault: Fault, _draft: Draft) -> object:
    return None


def _null_data(_fault: Fault, draft: Draft) -> object:
    """Null where the entries go."""
    return draft.around(None)


def _no_metadata(_fault: Fault, draft: Draft) -> object:
    return {"data": draft.entries}


def _entry(fault: Fault, draft: Draft) -> object:
    """Something that is no object among the entries."""
    struck = _struck(fault, draft)
    return draft.around([fault.value if entry in struck else entry for entry in draft.entries])


def _count(fault: Fault, draft: Draft) -> object:
    for entry in _struck(fault, draft):
        for name in _count_fields(fault):
            if name in entry:
                entry[name] = fault.value
    return draft.document()


def _count_missing(fault: Fault, draft: Draft) -> object:
    for entry in _struck(fault, draft):
        for name in _count_fields(fault):
            entry.pop(name, None)
    return draft.document()


def _no_id(fault: Fault, draft: Draft) -> object:
    for entry in _struck(fault, draft):
        del entry[draft.id_field]
    return draft.document()


def _id(fault: Fault, draft: Draft) -> object:
    for entry in _struck(fault, draft):
        entry[draft.id_field] = fault.value
    return draft.document()


def _twice(fault: Fault, draft: Draft) -> object:
    draft.entries += [dict(entry) for entry in _struck(fault, draft)]
    return draft.document()


def _twice_different(fault: Fault, draft: Draft) -> object:
    for entry in _struck(fault, draft):
        other = dict(entry)
        for name in (ASSIGNED, AVAILABLE):
            if isinstance(count := other.get(name), int):
                other[name] = count + 7
        draft.entries.append(other)
    return draft.document()


def _extra_fields(_fault: Fault, draft: Draft) -> object:
    for entry in draft.entries:
        entry["region"] = "EU"
        entry["licences"] = [{"sku": "BACKUP", "seats": 3}]
    document = draft.document()
    if isinstance(document, dict):
        document["nextLink"] = None
    return document


def _total_too_big(fault: Fault, draft: Draft) -> object:
    return _with_total(draft, lambda total: total + (fault.value if isinstance(fault.value, int) else 100))


def _total_too_small(_fault: Fault, draft: Draft) -> object:
    return _with_total(draft, lambda total: total // 2)


def _empty_page(_fault: Fault, draft: Draft) -> object:
    draft.entries = []
    return draft.document()


def _same_page(_fault: Fault, draft: Draft) -> object:
    draft.entries = list(draft.first_page)
    return draft.document()


def _list_shrinks(_fault: Fault, draft: Draft) -> object:
    """What a later page shows after a tenant of an earlier one has gone: the rest has moved up by one."""
    draft.entries = draft.entries[1:]
    return _with_total(draft, lambda total: total - 1)


def _list_grows(_fault: Fault, draft: Draft) -> object:
    """What the second page shows after a tenant has come in before: the last of the first page has moved onto it."""
    draft.entries = [*draft.first_page[-1:], *draft.entries]
    return _with_total(draft, lambda total: total + 1)


def _struck(fault: Fault, draft: Draft) -> list[dict[str, object]]:
    """Return the entries that the fault strikes: all, unless it names a tenant."""
    return [entry for entry in draft.entries if fault.tenant_id in (None, entry[draft.id_field])]


def _count_fields(fault: Fault) -> tuple[str, ...]:
    return (ASSIGNED, AVAILABLE) if fault.field == "both" else (FIELD_OF_COUNT[fault.field],)


def _with_total(draft: Draft, change: Callable[[int], int]) -> object:
    metadata = dict(draft.metadata or {})
    total = metadata.get("totalCount")
    metadata["totalCount"] = change(total if isinstance(total, int) else 0)
    draft.metadata = metadata
    return draft.document()


KINDS: Mapping[str, Shape] = {
    "shape-object": _object,
    "shape-array": _array,
    "shape-nested": _nested,
    "shape-other-contract": _other_contract,
    "shape-text": _text,
    "shape-null": _null,
    "shape-null-data": _null_data,
    "entry": _entry,
    "count": _count,
    "count-missing": _count_missing,
    "id": _id,
    "no-id": _no_id,
    "twice": _twice,
    "twice-different": _twice_different,
    "extra-fields": _extra_fields,
}

# These strike only answers of the contract that has pages.
PAGING_KINDS: Mapping[str, Shape] = {
    "no-metadata": _no_metadata,
    "total-too-big": _total_too_big,
    "total-too-small": _total_too_small,
    "empty-page": _empty_page,
    "same-page": _same_page,
    "list-shrinks": _list_shrinks,
    "list-grows": _list_grows,
}
