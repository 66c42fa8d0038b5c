"""The technology fee's leg: quotes follow posted money, and no cent received is missing."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from invoicing.settlement.fee import expected_of, open_fees, shared_rulings
from invoicing.settlement.settle import settle
from invoicing.settlement.types import (
    Bill,
    Entry,
    EntryKind,
    InvoiceStatus,
    Line,
    Ruling,
    Uncollected,
)

D = Decimal
K = EntryKind
ABSORB = Uncollected.ABSORB
cents = st.integers(1, 50_000).map(lambda n: D(n).scaleb(-2))


def entry(key: int, kind: EntryKind, services: str, fee: str = "0.00", quote: str = "") -> Entry:
    quoted = D(quote) if quote else None
    money = D(services), D(fee)
    return Entry(key, kind, *money, "P-1", "payment:1", quoted, Uncollected.BILL)


def bill(*entries: Entry, services: str = "500.00", rulings: tuple[Ruling, ...] = ()) -> Bill:
    lines = [Line(1, "Inspection", D(services))]
    return Bill(InvoiceStatus.ISSUED, "USD", lines, entries, (), rulings)


@given(fee=cents, backs=st.lists(st.tuples(cents, cents, st.booleans()), max_size=5))
def test_a_payment_that_brought_its_whole_fee_lacks_none_ever(
    fee: D, backs: list[tuple[D, D, bool]]
) -> None:
    gone = [
        entry(n, K.REFUND if refunded else K.PAYMENT_REVERSAL, str(services), str(back))
        for n, (services, back, refunded) in enumerate(backs, start=2)
    ]

    s = settle(bill(entry(1, K.PAYMENT, "500.00", str(fee), str(fee)), *gone))

    assert s.fee.uncollected == s.fee.due == 0
    assert s.fee.kept >= 0
    assert s.fee.expected in (0, s.fee.kept)


def test_what_it_lacked_goes_with_the_services() -> None:
    came = entry(1, K.PAYMENT, "500.00", "10.00", "17.95")

    s = settle(bill(came, entry(2, K.REFUND, "100.00", "2.00")))

    assert (s.fee.expected, s.fee.kept, s.fee.due) == (D("14.36"), D("8.00"), D("6.36"))


def test_a_payment_posted_again_is_quoted_for_its_new_amount() -> None:
    rows = [
        entry(1, K.PAYMENT, "500.00", quote="10.00"),
        entry(2, K.PAYMENT_REVERSAL, "100.00"),
        entry(3, K.PAYMENT_REVERSAL, "400.00"),
        entry(4, K.PAYMENT, "400.00", quote="10.00"),
    ]

    assert settle(bill(*rows[:2])).fee.due == D("8.00")
    assert settle(bill(*rows)).fee.due == D("10.00")


def test_what_a_dispute_leaves_of_a_quote() -> None:
    came, lost = (D("500.00"), D("17.95")), (D("96.53"), D("3.47"))

    assert expected_of(D("17.95"), came, lost, "USD") == D("14.48")
    assert expected_of(D("17.95"), came, came, "USD") == 0


def test_more_fee_refunded_than_received_is_no_fee_and_a_note() -> None:
    rows = [
        entry(1, K.PAYMENT, "500.00", "17.95", "17.95"),
        entry(2, K.REFUND, "100.00", "3.59"),
        entry(3, K.PAYMENT_REVERSAL, "500.00", "17.95"),
    ]

    s = settle(bill(*rows))

    assert (s.billed, s.balance, s.fee.kept) == (D("500.00"), D("603.59"), D(0))
    assert [row.note for row in s.because["fee_kept"]] == ["more of it was refunded than received"]


def test_waived_twice_counts_twice_until_it_is_billed() -> None:
    came = entry(1, K.PAYMENT, "500.00", quote="17.95")
    waived = [Ruling("payment:1", bill=False, amount=D(n)) for n in ("8.97", "8.98")]

    assert settle(bill(came, rulings=(waived[0],))).fee.due == D("8.98")
    assert settle(bill(came, rulings=tuple(waived))).fee.due == 0
    billed = (*waived, Ruling("payment:1", bill=True))
    assert settle(bill(came, rulings=billed)).fee.due == D("17.95")


def test_what_was_waived_is_shared_by_what_is_open() -> None:
    rulings = (Ruling("payment:1", bill=False, amount=D("12.95")),)
    first = bill(
        entry(1, K.PAYMENT, "200.00", quote="7.18"),
        replace(entry(2, K.PAYMENT, "5.00"), payment="payment:2"),
        services="200.00",
        rulings=rulings,
    )
    second = bill(entry(3, K.PAYMENT, "300.00", quote="10.77"), services="300.00", rulings=rulings)

    shared = shared_rulings([first, second], settle)

    assert [b.rulings[-1].amount for b in shared] == [D("2.18"), D("10.77")]
    assert [settle(b).balance for b in shared] == [0, 0]


# What a quote was made for -------------------------------------------------------------------


def measured(key: int, services: str, fee: str, quote: str, base: str) -> Entry:
    """A card payment of its own, quoted for ``base`` of its services."""
    row = entry(key, K.PAYMENT, services, fee, quote)
    return replace(row, payment=f"payment:{key}", fee_base=D(base))


def test_a_surplus_carries_no_fee_and_leaves_first() -> None:
    came = measured(1, "600.00", "0.00", "17.95", "500.00")
    back = replace(entry(2, K.REFUND, "82.05"), payment="payment:1")

    before, after = settle(bill(came)), settle(bill(came, back))

    # The surplus pays the fee that is billed, and is none of what was quoted.
    assert (before.billed, before.balance, before.fee.due) == (D("517.95"), D("-82.05"), D(0))
    assert (after.billed, after.balance, after.fee.open) == (D("517.95"), D(0), D(0))


def test_services_that_go_back_take_their_part_of_what_is_missing() -> None:
    came = measured(1, "600.00", "0.00", "17.95", "500.00")
    back = replace(entry(2, K.REFUND, "200.00"), payment="payment:1")

    assert settle(bill(came, back)).fee.due == D("14.36")


def test_a_fee_beyond_its_own_quote_pays_what_another_card_lacked() -> None:
    rows = [
        measured(1, "200.00", "0.00", "6.10", "200.00"),
        measured(2, "200.00", "12.20", "6.10", "200.00"),
    ]

    for policy in Uncollected:
        s = settle(bill(*(replace(row, uncollected=policy) for row in rows), services="400.00"))

        assert (s.billed, s.balance, s.fee.kept) == (D("412.20"), D(0), D("12.20"))
        assert (s.fee.due, s.fee.open) == (D(0), D(0))
        assert open_fees(s, ()) == []


def test_it_pays_what_is_billed_first_then_what_was_absorbed() -> None:
    absorbed = replace(measured(1, "200.00", "0.00", "6.10", "200.00"), uncollected=ABSORB)
    due = measured(2, "100.00", "0.00", "3.20", "100.00")
    more = measured(3, "100.00", "8.20", "3.20", "100.00")

    s = settle(bill(absorbed, due, more, services="400.00"))

    assert (s.fee.due, s.fee.open) == (D(0), D("4.30"))
    assert [(row.payment, row.amount, row.asked) for row in open_fees(s, ())] == [
        ("payment:1", D("4.30"), D(0))
    ]


def test_a_fee_that_was_waived_is_not_paid_by_another() -> None:
    waived = Ruling("payment:1", bill=False)
    rows = [
        measured(1, "200.00", "0.00", "6.10", "200.00"),
        measured(2, "200.00", "12.20", "6.10", "200.00"),
    ]

    s = settle(bill(*rows, services="400.00", rulings=(waived,)))

    assert (s.fee.uncollected, s.fee.waived, s.fee.open) == (D("6.10"), D("6.10"), D(0))


@given(
    asked=cents,
    surplus=cents,
    quote=st.integers(1, 5_000).map(lambda n: D(n).scaleb(-2)),
    gone=cents,
)
def test_whatever_leaves_of_a_surplus_the_fee_stays(
    asked: D, surplus: D, quote: D, gone: D
) -> None:
    came = measured(1, str(asked + surplus), "0.00", str(quote), str(asked))
    back = replace(entry(2, K.REFUND, str(min(gone, surplus))), payment="payment:1")

    s = settle(bill(came, back, services=str(asked)))

    assert s.fee.expected == quote
    assert s.billed == asked + quote
    assert s.balance == s.billed - s.received + s.refunded
