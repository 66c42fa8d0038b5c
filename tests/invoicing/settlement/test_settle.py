"""The one balance: reference cases to the cent, and properties that hold for any bill."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.split import fee_part
from invoicing.settlement.settle import combine, settle
from invoicing.settlement.types import (
    Bill,
    Entry,
    EntryKind,
    InFlight,
    InvoiceStatus,
    ItemStatus,
    Line,
    Ruling,
    Settlement,
    Uncollected,
    Word,
)

D = Decimal
K = EntryKind


def bill(
    *amounts: str,
    entries: list[Entry] | None = None,
    in_flight: list[InFlight] | None = None,
    rulings: list[Ruling] | None = None,
    uncollected: Uncollected = Uncollected.ABSORB,
    status: InvoiceStatus = InvoiceStatus.ISSUED,
) -> Bill:
    lines = [Line(n, f"line {n}", D(amount)) for n, amount in enumerate(amounts)]
    with_policy = [replace(e, uncollected=uncollected) for e in entries or []]
    return Bill(status, "USD", lines, with_policy, in_flight or [], rulings or [])


def paid(key: int, services: str, fee: str = "0.00", expected: str | None = None) -> Entry:
    quoted = D(expected) if expected is not None else None
    return Entry(key, K.PAYMENT, D(services), D(fee), f"P-{key}", f"payment:{key}", quoted)


def refund(key: int, of: int, services: str, fee: str = "0.00") -> Entry:
    return Entry(key, K.REFUND, D(services), D(fee), f"R-{key}", f"payment:{of}")


def figures(s: Settlement) -> tuple[D, D, D, D, D]:
    return s.billed, s.credits, s.received, s.refunded, s.balance


# Reference cases --------------------------------------------------------------------------------


def test_cancelled_but_not_free() -> None:
    entries = [paid(1, "329.00", "11.52", "11.52"), refund(2, 1, "204.00", "7.14")]

    s = settle(bill("125.00", entries=entries))

    assert figures(s) == (D("129.38"), D("0.00"), D("340.52"), D("211.14"), D("0.00"))
    assert (s.services, s.fee.kept, s.fee.due) == (D("125.00"), D("4.38"), D("0.00"))
    assert s.word == Word.PAID
    assert [(i.covered, i.status) for i in s.items] == [(D("125.00"), ItemStatus.FULLY_PAID)]


def test_cancelled_with_nothing_billed_and_money_still_held_is_overpaid() -> None:
    s = settle(bill(entries=[paid(1, "329.00", "11.52", "11.52")]))

    assert (s.billed, s.balance, s.word) == (D("11.52"), D("-329.00"), Word.OVERPAID)
    assert s.amount_due == 0


def test_a_refund_alone_makes_the_amount_due_again() -> None:
    entries = [paid(1, "329.00", "11.52", "11.52"), refund(2, 1, "100.00", "3.50")]

    s = settle(bill("329.00", entries=entries))

    assert figures(s) == (D("337.02"), D("0.00"), D("340.52"), D("103.50"), D("100.00"))
    assert (s.word, s.fee.uncollected) == (Word.PARTLY_PAID, D("0.00"))


def test_owes_less_takes_a_credit_along() -> None:
    credit = Entry(3, K.CREDIT, D("100.00"), label="CM-000001")
    entries = [paid(1, "329.00", "11.52", "11.52"), refund(2, 1, "100.00", "3.50"), credit]

    s = settle(bill("329.00", entries=entries))

    assert (s.balance, s.word) == (D("0.00"), Word.PAID)


CARD_WITHOUT_FEE = paid(1, "500.00", expected="17.95")


def test_uncollected_fee_is_absorbed_by_default() -> None:
    s = settle(bill("500.00", entries=[CARD_WITHOUT_FEE]))

    assert figures(s) == (D("500.00"), D("0.00"), D("500.00"), D("0.00"), D("0.00"))
    assert (s.word, s.fee.uncollected, s.fee.due) == (Word.PAID, D("17.95"), D("0.00"))


@pytest.mark.parametrize(
    ("policy", "rulings"),
    [(Uncollected.BILL, []), (Uncollected.ABSORB, [Ruling("payment:1", bill=True)])],
)
def test_uncollected_fee_that_is_billed_is_due_and_nothing_says_paid(
    policy: Uncollected, rulings: list[Ruling]
) -> None:
    s = settle(bill("500.00", entries=[CARD_WITHOUT_FEE], rulings=rulings, uncollected=policy))

    assert (s.billed, s.balance, s.amount_due) == (D("517.95"), D("17.95"), D("17.95"))
    assert s.word == Word.FEE_DUE


def test_waiving_beats_the_policy_and_the_last_ruling_counts() -> None:
    rulings = [Ruling("payment:1", bill=True), Ruling("payment:1", bill=False)]

    s = settle(
        bill("500.00", entries=[CARD_WITHOUT_FEE], rulings=rulings, uncollected=Uncollected.BILL)
    )

    assert (s.billed, s.word, s.fee.waived) == (D("500.00"), Word.PAID, D("17.95"))


def test_a_billed_fee_may_be_paid_by_any_method() -> None:
    entries = [CARD_WITHOUT_FEE, paid(2, "0.00", "17.95")]

    s = settle(bill("500.00", entries=entries, uncollected=Uncollected.BILL))

    assert figures(s) == (D("517.95"), D("0.00"), D("517.95"), D("0.00"), D("0.00"))
    assert (s.word, s.fee.kept, s.fee.due) == (Word.PAID, D("17.95"), D("0.00"))


def test_a_billed_fee_is_paid_by_a_check_that_knows_of_no_fee() -> None:
    entries = [CARD_WITHOUT_FEE, paid(2, "17.95")]

    s = settle(bill("500.00", entries=entries, uncollected=Uncollected.BILL))

    assert figures(s) == (D("517.95"), D("0.00"), D("517.95"), D("0.00"), D("0.00"))
    assert (s.word, s.fee.kept, s.fee.due, s.fee.open) == (Word.PAID, D("17.95"), D(0), D(0))
    assert [i.covered for i in s.items] == [D("500.00")]


def test_money_that_came_back_in_again_is_quoted_once() -> None:
    entries = [
        paid(1, "500.00", "17.95", "17.95"),
        Entry(2, K.PAYMENT_REVERSAL, D("500.00"), D("17.95"), "dispute", "payment:1"),
        replace(paid(3, "500.00", "17.95", "17.95"), payment="payment:1"),
    ]

    s = settle(bill("500.00", entries=entries))

    assert (s.fee.expected, s.fee.uncollected, s.word) == (D("17.95"), D(0), Word.PAID)


def test_several_invoices_of_a_job_have_one_settlement() -> None:
    void = settle(bill("329.00", status=InvoiceStatus.VOID))
    again = settle(bill("125.00", entries=[paid(1, "100.00")]))

    both = combine([void, again], "USD")

    assert figures(both) == figures(again)
    assert (both.word, both.status) == (Word.PARTLY_PAID, InvoiceStatus.ISSUED)
    assert combine([void], "USD").word == Word.VOID
    assert combine([], "USD").word == Word.NOTHING_DUE


def test_what_one_bill_holds_too_much_pays_no_other() -> None:
    over = settle(bill("100.00", entries=[paid(1, "200.00")]))
    due = settle(bill("100.00"))
    fee_due = settle(bill("500.00", entries=[CARD_WITHOUT_FEE], uncollected=Uncollected.BILL))

    both = combine([over, due], "USD", ["FHI624", "FHI624-2"])

    assert (both.balance, both.amount_due, both.overpaid) == (D("0.00"), D("100.00"), D("100.00"))
    assert both.word == Word.PARTLY_PAID
    assert combine([over, fee_due], "USD").word == Word.FEE_DUE
    assert combine([over, settle(bill("50.00", entries=[paid(2, "50.00")]))], "USD").word == (
        Word.OVERPAID
    )


def test_a_draft_next_to_an_issued_invoice_is_not_counted() -> None:
    full = settle(bill("100.00", entries=[paid(1, "100.00")]))
    coming = [InFlight("P-2", D("20.00"))]
    draft = settle(bill("50.00", status=InvoiceStatus.DRAFT, in_flight=coming))

    both = combine([full, draft], "USD", ["FHI624", "FHI624-2"])

    assert figures(both) == figures(full)
    assert (both.word, both.amount_due) == (Word.PAID, D("0.00"))
    assert (both.unbilled, both.pending) == (D("50.00"), D("20.00"))
    alone = combine([draft], "USD", ["FHI624"])
    assert (alone.word, alone.billed, alone.amount_due) == (Word.DRAFT, D("50.00"), D("50.00"))


def test_no_fee_is_due_where_no_card_was_used() -> None:
    s = settle(bill("500.00", entries=[paid(1, "500.00")], uncollected=Uncollected.BILL))

    assert (s.billed, s.fee.expected, s.word) == (D("500.00"), D("0.00"), Word.PAID)


def test_a_lost_dispute_is_not_an_uncollected_fee() -> None:
    lost = Entry(2, K.PAYMENT_REVERSAL, D("500.00"), D("0.00"), "dispute", "payment:1")

    s = settle(bill("500.00", entries=[CARD_WITHOUT_FEE, lost], uncollected=Uncollected.BILL))

    assert (s.billed, s.balance, s.word) == (D("500.00"), D("500.00"), Word.DUE)


def test_deposit_and_items() -> None:
    first = [paid(1, "500.00")]
    second = [*first, paid(2, "500.00")]
    some_back = [*second, refund(3, 1, "100.00")]
    all_back = [*some_back, refund(4, 1, "400.00"), refund(5, 2, "500.00")]

    def items(entries: list[Entry]) -> list[tuple[D, ItemStatus]]:
        return [
            (i.covered, i.status) for i in settle(bill("300.00", "700.00", entries=entries)).items
        ]

    assert items([]) == [(D("0.00"), ItemStatus.INVOICED)] * 2
    assert items(first) == [
        (D("150.00"), ItemStatus.DEPOSIT_PAID),
        (D("350.00"), ItemStatus.DEPOSIT_PAID),
    ]
    assert {status for _, status in items(second)} == {ItemStatus.FULLY_PAID}
    assert [covered for covered, _ in items(some_back)] == [D("270.00"), D("630.00")]
    assert items(all_back) == [(D("0.00"), ItemStatus.REFUNDED)] * 2


def test_a_discount_is_spread_over_the_positive_lines() -> None:
    half = settle(bill("300.00", "700.00", "-50.00", entries=[paid(1, "500.00")]))
    full = settle(bill("300.00", "700.00", "-50.00", entries=[paid(1, "950.00")]))

    assert [i.covered for i in half.items] == [D("150.00"), D("350.00"), D("0.00")]
    assert {i.status for i in full.items} == {ItemStatus.FULLY_PAID}
    assert sum(i.covered for i in full.items) == D("950.00")


def test_a_hundred_instalments_fill_each_line_exactly() -> None:
    entries = [paid(n, "1.00") for n in range(1, 101)]

    for count in range(101):
        s = settle(bill("33.34", "33.33", "33.33", entries=entries[:count]))
        assert sum(i.covered for i in s.items) == count
        assert all(i.covered <= i.total for i in s.items)

    assert [i.covered for i in s.items] == [D("33.34"), D("33.33"), D("33.33")]


def test_pending_money_never_counts_and_a_queued_refund_does() -> None:
    flights = [
        InFlight("check 1234", D("50.00"), payment="payment:9"),
        InFlight("R-1", D("100.00"), D("3.50"), "payment:1", is_refund=True),
    ]

    s = settle(bill("329.00", entries=[paid(1, "329.00", "11.52", "11.52")], in_flight=flights))

    assert (s.pending, s.refunded, s.balance) == (D("50.00"), D("103.50"), D("100.00"))


def test_words_of_empty_draft_and_void_bills() -> None:
    assert settle(bill()).word == Word.NOTHING_DUE
    assert settle(bill("10.00", status=InvoiceStatus.DRAFT)).word == Word.DRAFT
    assert settle(bill("10.00")).word == Word.DUE
    void = settle(bill("10.00", status=InvoiceStatus.VOID))
    assert (void.word, void.billed, void.balance) == (Word.VOID, D("0.00"), D("0.00"))


def test_a_fee_refunded_in_a_hundred_steps_adds_up() -> None:
    entries = [paid(1, "100.00", "3.50", "3.50")]
    gone = D("0.00")
    for step in range(1, 101):
        part = fee_part(D(step), D("3.50"), D("100.00"), "USD") - gone
        gone += part
        entries.append(refund(100 + step, 1, "1.00", str(part)))
        s = settle(bill("100.00", entries=entries, uncollected=Uncollected.BILL))
        assert (s.fee.due, s.balance) == (D("0.00"), D(step))

    assert gone == D("3.50")


# Properties -------------------------------------------------------------------------------------

cents = st.integers(0, 100_000).map(lambda n: D(n).scaleb(-2))
signed = st.integers(-20_000, 100_000).map(lambda n: D(n).scaleb(-2))


@st.composite
def entries_of(draw: st.DrawFn) -> list[Entry]:
    made: list[Entry] = []
    for key in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(list(K)))
        of = draw(st.integers(0, 2))
        fee = draw(cents) if kind in (K.PAYMENT, K.REFUND) else D("0.00")
        quoted = draw(st.none() | cents) if kind == K.PAYMENT else None
        made.append(Entry(key, kind, draw(cents), fee, f"row {key}", f"payment:{of}", quoted))
    return made


@given(
    lines=st.lists(signed, max_size=5),
    entries=entries_of(),
    policy=st.sampled_from(list(Uncollected)),
)
def test_the_formula_the_reasons_and_the_items_always_add_up(
    lines: list[D], entries: list[Entry], policy: Uncollected
) -> None:
    s = settle(bill(*map(str, lines), entries=entries, uncollected=policy))

    assert s.billed == s.services + s.fee.kept + s.fee.due
    assert s.balance == s.billed - s.credits - s.received + s.refunded
    for name, value in (
        ("services", s.services),
        ("credits", s.credits),
        ("received", s.received),
        ("refunded", s.refunded),
        ("fee_kept", s.fee.kept),
        ("fee_due", s.fee.due),
        ("fee_expected", s.fee.expected),
        ("fee_uncollected", s.fee.uncollected),
        ("pending", s.pending),
    ):
        assert sum((r.amount for r in s.because[name]), D(0)) == value
    assert s.fee.due >= 0
    assert all(0 <= i.covered <= max(D(0), i.total) for i in s.items)
    assert sum((i.covered for i in s.items), D(0)) <= max(D(0), s.services)


@given(entries=entries_of())
def test_the_order_of_money_makes_no_cent_appear_or_vanish(entries: list[Entry]) -> None:
    first = settle(bill("300.00", "700.00", "-50.00", entries=entries))

    for order in list(permutations(entries))[:24]:
        again = settle(bill("300.00", "700.00", "-50.00", entries=list(order)))
        assert figures(again) == figures(first)
        assert again.items == first.items
        assert (again.word, again.fee.due) == (first.word, first.fee.due)


@given(entries=entries_of())
def test_paid_means_issued_billed_and_balanced(entries: list[Entry]) -> None:
    s = settle(bill("120.00", entries=entries))

    assert (s.word == Word.PAID) == (s.billed > 0 and s.balance == 0)
    assert (s.word == Word.OVERPAID) == (s.balance < 0)


def test_what_is_due_of_a_surplus_is_zero_without_a_sign() -> None:
    over = settle(bill(entries=[paid(1, "500.00")]))

    assert over.balance < 0
    assert (str(over.amount_due), str(combine([over], "USD").amount_due)) == ("0.00", "0.00")
