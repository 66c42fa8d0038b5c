"""What is missing on the ledger, worked out without a database."""

import inspect
import re
from collections.abc import Sequence
from datetime import timedelta
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain import allocate, posting_plan
from invoicing.domain import money as money_types
from invoicing.domain.allocate import Legs
from invoicing.domain.money import (
    Document,
    Money,
    Piece,
    Plan,
    PlannedLine,
    PostedLine,
    Printed,
)
from invoicing.settlement.types import Bill, Entry, EntryKind, InvoiceStatus, Line
from tests.invoicing.billed_jobs import T0, D, back, paid

KEY = "payment:1"
FIRST, SECOND = 11, 12
ISSUED, DRAFT, VOID = InvoiceStatus.ISSUED, InvoiceStatus.DRAFT, InvoiceStatus.VOID


def money(*pieces: Piece, expected: str | None = None) -> Money:
    quote = None if expected is None else D(expected)
    return Money(KEY, Printed("P-1 · Check"), pieces, fee_expected=quote, reason="Typo")


def document(pk: int, asks: str, status: InvoiceStatus = ISSUED, received: str = "0") -> Document:
    entries = [Entry(1, EntryKind.PAYMENT, D(received))] if D(received) else []
    return Document(pk, status, Bill(status, "USD", [Line(1, "Inspection", D(asks))], entries))


ONE = [Document(FIRST, ISSUED)]
TWO = [document(FIRST, "300.00"), document(SECOND, "100.00")]


def planned(
    about: Money, posted: Sequence[PostedLine] = (), documents: Sequence[Document] = ONE
) -> Plan:
    return posting_plan.plan(about, posted, documents, "USD")


def lines(plan: Plan) -> list[tuple[str, str, int, Legs]]:
    return [(str(x.kind), x.piece.source, x.invoice_id, x.legs) for x in plan.lines]


def as_posted(planned_lines: Sequence[PlannedLine]) -> list[PostedLine]:
    """The same lines, as they are read once they are written."""
    return [
        PostedLine(x.piece.source, x.invoice_id, x.kind, x.legs, x.fee_expected)
        for x in planned_lines
    ]


def was(services: str, fee: str = "0", invoice: int = FIRST, source: str = KEY) -> PostedLine:
    kind = EntryKind.of_money(is_refund=source != KEY, is_back=False)
    return PostedLine(source, invoice, kind, Legs(D(services), D(fee)))


@pytest.mark.parametrize("module", [posting_plan, allocate, money_types])
def test_working_out_reaches_no_table(module: ModuleType) -> None:
    source = inspect.getsource(module)

    assert not re.search(r"^(from|import) (django|\w+\.(models|queries))", source, re.MULTILINE)


# --- lines ----------------------------------------------------------------------------------------


def test_received_money_is_one_entry_with_its_quote() -> None:
    plan = planned(money(paid("329.00", "11.52"), expected="11.52"))

    assert lines(plan) == [("payment", KEY, FIRST, Legs(D("329.00"), D("11.52")))]
    assert plan.lines[0].fee_expected == D("11.52")
    assert plan.flights == []


def test_what_is_posted_already_costs_nothing() -> None:
    assert planned(money(paid("329.00")), [was("329.00")]) == Plan([], [])


def test_less_is_a_reversal_and_more_a_second_line() -> None:
    assert lines(planned(money(paid("90.00")), [was("100.00")])) == [
        ("payment_reversal", KEY, FIRST, Legs(D("10.00")))
    ]
    assert lines(planned(money(paid("120.00")), [was("100.00")])) == [
        ("payment", KEY, FIRST, Legs(D("20.00")))
    ]


def test_fee_reported_as_services_is_reversed_and_posted_again() -> None:
    plan = planned(money(paid("329.00", "11.52")), [was("340.52")])

    assert lines(plan) == [
        ("payment_reversal", KEY, FIRST, Legs(D("11.52"))),
        ("payment", KEY, FIRST, Legs(fee=D("11.52"))),
    ]


def test_money_fills_the_invoices_in_their_order() -> None:
    plan = planned(money(paid("350.00")), documents=TWO)

    assert lines(plan) == [
        ("payment", KEY, FIRST, Legs(D("300.00"), D("0.00"))),
        ("payment", KEY, SECOND, Legs(D("50.00"), D("0.00"))),
    ]


def test_what_is_above_stays_on_the_last_issued_one() -> None:
    documents = [*TWO, document(13, "50.00", DRAFT)]

    plan = planned(money(paid("450.00")), documents=documents)

    assert [(x.invoice_id, x.legs.services) for x in plan.lines] == [
        (FIRST, D("300.00")),
        (SECOND, D("150.00")),
    ]


def test_room_is_reckoned_with_what_is_taken_back_in_the_same_step() -> None:
    """A payment that was all services was fee in part: its services free room on the first."""
    full = [document(FIRST, "300.00", received="300.00"), document(SECOND, "100.00")]

    plan = planned(money(paid("0", "20.00")), [was("20.00")], full)

    assert lines(plan) == [
        ("payment_reversal", KEY, FIRST, Legs(D("20.00"))),
        ("payment", KEY, FIRST, Legs(D(0), D("3.33"))),
        ("payment", KEY, SECOND, Legs(D(0), D("16.67"))),
    ]


def test_with_every_invoice_void_money_goes_to_the_last() -> None:
    documents = [document(FIRST, "300.00", VOID), document(SECOND, "100.00", VOID)]

    plan = planned(money(paid("50.00")), documents=documents)

    assert [x.invoice_id for x in plan.lines] == [SECOND]


def test_a_refund_leaves_the_invoices_that_hold_its_payment_the_last_first() -> None:
    held = [was("300.00"), was("100.00", invoice=SECOND)]

    plan = planned(money(paid("400.00"), back("150.00")), held, TWO)

    assert lines(plan) == [
        ("refund", "refund:1", SECOND, Legs(D("100.00"))),
        ("refund", "refund:1", FIRST, Legs(D("50.00"))),
    ]


def test_a_source_that_is_no_longer_reported_is_posted_to_zero() -> None:
    plan = planned(money(paid("329.00")), [was("329.00"), was("100.00", source="refund:1")])

    assert lines(plan) == [("refund_reversal", "refund:1", FIRST, Legs(D("100.00")))]
    assert plan.lines[0].piece.reason == "Typo"


# --- money under way ------------------------------------------------------------------------------


def test_money_to_come_is_shown_where_something_is_due() -> None:
    documents = [document(FIRST, "300.00", received="300.00"), document(SECOND, "100.00")]

    plan = planned(money(paid("50.00", in_flight=True)), documents=documents)

    assert plan.lines == []
    assert [(x.invoice_id, x.legs) for x in plan.flights] == [(SECOND, Legs(D("50.00"), D(0)))]


def test_refunds_under_way_leave_what_others_did_not_take() -> None:
    held = [was("300.00"), was("100.00", invoice=SECOND)]
    first = back("80.00", source="refund:1", in_flight=True)
    second = back("50.00", source="refund:2", in_flight=True)

    plan = planned(money(paid("400.00"), first, second), held, TWO)

    assert [(x.piece.source, x.invoice_id, x.legs.services) for x in plan.flights] == [
        ("refund:1", SECOND, D("80.00")),
        ("refund:2", SECOND, D("20.00")),
        ("refund:2", FIRST, D("30.00")),
    ]


# --- whether a draft is needed --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pieces", "posted", "seeks"),
    [
        ([paid("10")], [], True),
        ([paid("10")], [was("10")], False),
        ([paid("9")], [was("10")], False),
        ([paid("10", "1")], [was("10")], False),  # a fee goes beside its services
        ([paid("0", "1")], [], True),
        ([paid("10", in_flight=True)], [], True),
        ([paid("10"), back("5", in_flight=True)], [was("10")], False),
        ([back("5")], [], True),
        ([paid("0")], [], False),
        ([], [], False),
    ],
)
def test_an_invoice_is_sought_only_for_money_that_is_on_none(
    pieces: list[Piece], posted: list[PostedLine], seeks: bool
) -> None:
    assert posting_plan.seeks_invoice(money(*pieces), posted, "USD") is seeks


@pytest.mark.parametrize(
    ("amount", "documents", "lacks"),
    [
        ("500.00", ONE, False),  # the only invoice takes all, and is overpaid
        ("10.00", [Document(FIRST, DRAFT)], True),
        ("10.00", [Document(FIRST, VOID)], True),
        ("10.00", [], True),
        ("400.00", TWO, False),
        ("400.01", TWO, True),
        ("300.00", [document(FIRST, "300.00"), document(SECOND, "100.00", DRAFT)], False),
        ("300.01", [document(FIRST, "300.00"), document(SECOND, "100.00", DRAFT)], True),
    ],
)
def test_money_lacks_an_invoice_where_no_issued_one_takes_it(
    amount: str, documents: list[Document], lacks: bool
) -> None:
    assert posting_plan.lacks_invoice(money(paid(amount)), [], documents, "USD") is lacks


def test_money_to_come_only_needs_an_invoice_to_be_shown_on() -> None:
    coming = money(paid("10", in_flight=True))

    assert posting_plan.lacks_invoice(coming, [], [], "USD")
    assert not posting_plan.lacks_invoice(coming, [], [Document(FIRST, DRAFT)], "USD")


# --- any order ------------------------------------------------------------------------------------

cents = st.integers(0, 60_000).map(lambda n: D(n) / 100)
fees = st.integers(0, 2_000).map(lambda n: D(n) / 100)


def pieces_of(source: str) -> st.SearchStrategy[Piece]:
    return st.builds(
        Piece,
        source=st.just(source),
        services=cents,
        fee=fees,
        label=st.just(source),
        happened_at=st.integers(0, 99).map(lambda n: T0 + timedelta(minutes=n)),
        is_refund=st.just(source.startswith("refund")),
        in_flight=st.booleans(),
    )


states = st.tuples(pieces_of(KEY), pieces_of("refund:1"), pieces_of("refund:2"))


@given(
    states=st.lists(states, min_size=1, max_size=6), asks=st.lists(cents, min_size=1, max_size=3)
)
def test_the_ledger_ends_at_the_last_report_in_any_order(
    states: list[tuple[Piece, ...]], asks: list[D]
) -> None:
    documents = [document(n, str(amount)) for n, amount in enumerate(asks)]
    posted: list[PostedLine] = []
    for pieces in states:
        about = money(*pieces, expected="10.00")
        posted += as_posted(planned(about, posted, documents).lines)
        assert planned(about, posted, documents).lines == []

    net: dict[str, Legs] = {}
    for line in posted:
        assert line.legs == line.legs.positive()
        legs = -line.legs if line.kind.is_reversal else line.legs
        net[line.source] = net.get(line.source, Legs()) + legs
    wanted = {p.source: p.legs for p in states[-1] if not p.in_flight and p.legs}
    assert {source: legs for source, legs in net.items() if legs} == wanted
