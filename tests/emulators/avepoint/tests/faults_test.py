from collections.abc import Iterable

import pytest

from tests.emulators.avepoint.fault_book import FaultBook, Occasion
from tests.emulators.avepoint.fault_kinds import ANSWERS
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.tests.client import ACME, BATCH, MANY, Client


def struck(book: FaultBook, occasions: Iterable[Occasion]) -> list[bool]:
    """Tell which of the occasions are struck."""
    return [book.take(occasion, ANSWERS) is not None for occasion in occasions]


def seats(customer_id: str = "a", tenant_type: int = 0) -> Occasion:
    """Return a request about a customer and type."""
    return Occasion("seats", customer_id, tenant_type, "users")


def test_always() -> None:
    """A fault without numbers strikes every request."""
    book = FaultBook()
    book.add(Fault(kind="reset"))
    assert struck(book, [seats(), seats("b"), seats("c", 3)]) == [True, True, True]


def test_skip_and_times() -> None:
    """A fault may leave the first requests alone, and stop after some."""
    book = FaultBook()
    book.add(Fault(kind="reset", skip=1, times=2))
    assert struck(book, [seats()] * 5) == [False, True, True, False, False]
    assert [(fault.kind, count) for fault, count in book.standing()] == [("reset", 2)]


def test_each_query() -> None:
    """Counted for each query, every customer and type has its own numbers."""
    book = FaultBook()
    book.add(Fault(kind="reset", times=1, each_query=True))
    assert struck(book, [seats("a"), seats("b"), seats("a"), seats("a", 1), seats("b")]) == [
        True,
        True,
        False,
        True,
        False,
    ]


def test_address() -> None:
    """A fault strikes the customer (a GUID in any case) and type that it names, and counts no other."""
    book, guid = FaultBook(), "8a1b2c3d-0000-4000-8000-a0b0c0d0e0f0"
    book.add(Fault(kind="reset", customer_id=guid.upper(), tenant_type=1, skip=1))
    assert struck(book, [seats(guid, 0), seats("b", 1), seats(guid, 1), seats(guid, 0), seats(guid, 1)]) == [
        False,
        False,
        False,
        False,
        True,
    ]


def test_one_fault_at_a_time() -> None:
    """A request that one fault has struck isn't counted by the next."""
    book = FaultBook()
    book.add(Fault(kind="reset", times=1), Fault(kind="hang", times=1))
    taken = [book.take(seats(), ANSWERS) for _ in range(3)]
    assert [fault.kind if fault else None for fault in taken] == ["reset", "hang", None]


def test_page() -> None:
    """A fault may be about one page."""
    book = FaultBook()
    book.add(Fault(kind="reset", page_index=2))
    pages = [Occasion("seats", "a", 0, "tenants-batch", page_index=page) for page in (1, 2, 3)]
    assert struck(book, pages) == [False, True, False]


def test_absent_contract() -> None:
    """A contract that isn't served is struck only by a fault that names it."""
    book = FaultBook()
    book.add(Fault(kind="reset", times=1))
    absent = Occasion("seats", "a", 0, "users", contract_served=False)
    assert struck(book, [absent, seats()]) == [False, True]
    book.add(Fault(kind="reset", contract="users"))
    assert struck(book, [absent]) == [True]


def test_token_and_seats_apart() -> None:
    """A fault is about one endpoint."""
    book = FaultBook()
    book.add(Fault(kind="reset", endpoint="token"))
    assert struck(book, [seats(), Occasion("token")]) == [False, True]


def test_clear() -> None:
    """Without faults nothing goes wrong."""
    book = FaultBook()
    book.add(Fault(kind="reset"))
    book.clear()
    assert struck(book, [seats()]) == [False]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(kind="flood"), "There is no fault 'flood'"),
        (Fault(kind="status"), "needs a status"),
        (Fault(kind="status", status=200), "needs a status"),
        (Fault(kind="body"), "needs a body"),
        (Fault(kind="count", endpoint="token"), "token endpoint"),
        (Fault(kind="same-page", endpoint="token"), "token endpoint"),
    ],
)
def test_faults_that_make_no_sense(fault: Fault, message: str) -> None:
    """A fault that could never strike is refused when it is set."""
    book = FaultBook()
    with pytest.raises(ValueError, match=message):
        book.add(fault)
    assert book.standing() == []


@pytest.mark.parametrize(
    "numbers", [{"skip": -1}, {"times": 0}, {"seconds": -0.5}, {"retry_after_as": "date", "retry_after": "soon"}]
)
def test_numbers_that_make_no_sense(numbers: dict[str, object]) -> None:
    """A fault's numbers are checked when it is made."""
    with pytest.raises(ValueError, match=r"skip must be|seconds can't be|needs retry_after"):
        Fault(kind="reset", **numbers)  # type: ignore[arg-type]  # wrong on purpose


def test_fault_of_one_customer_over_http(client: Client) -> None:
    """While one customer fails, the others answer."""
    client.service.faults.add(Fault(kind="status", status=503, customer_id=MANY.id, times=1))
    assert [client.seats(customer).status_code for customer in (ACME, MANY, ACME, MANY)] == [200, 503, 200, 200]


def test_faults_come_before_the_token_check(client: Client) -> None:
    """What a gateway says needs no token."""
    client.service.tokens.revoke_all()
    client.service.faults.add(Fault(kind="status", status=502, times=1))
    assert [client.seats().status_code for _ in range(2)] == [502, 401]


def test_content_faults_wait_for_a_good_answer(client: Client) -> None:
    """A fault in the content isn't used up by a request that fails by itself."""
    client.service.faults.add(Fault(kind="shape-null", times=1))
    assert client.seats("44444444-4444-4444-8444-444444444444").status_code == 404
    assert client.seats().json() is None
    assert client.seats().json() is not None


def test_paging_faults_leave_the_other_contract_alone(client: Client) -> None:
    """The contract without pages neither suffers from a paging fault nor uses it up."""
    client.service.faults.add(Fault(kind="empty-page", times=1))
    assert len(client.seats().json()) == 2
    assert client.seats(contract=BATCH).json()["data"] == []
    assert len(client.seats(contract=BATCH).json()["data"]) == 2


def test_log_names_the_fault(client: Client) -> None:
    """The log says which requests were struck, and by what."""
    client.service.faults.add(Fault(kind="status", status=500, times=1))
    client.seats()
    client.seats()
    log = client.service.log.requests("seats")
    assert [(entry.status, entry.fault) for entry in log] == [(500, "status"), (200, None)]
