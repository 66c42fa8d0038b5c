"""Money over several invoices of a job, and one payment over jobs: who gets which share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Brand
from invoicing.domain import issuing
from invoicing.domain.allocate import Fees, Legs, base_shares, onto_invoices, quote_shares
from invoicing.domain.ledger import held_by
from invoicing.models import LedgerEntry
from tests.factories import BrandFactory, WorkOrderFactory
from tests.invoicing.billed_jobs import (
    D,
    back,
    billed,
    figures,
    invoices,
    line,
    paid,
    post,
    settled,
)
from workorders.models import WorkOrder


@pytest.fixture
def two(job: WorkOrder, brand: Brand) -> WorkOrder:
    """FHI624 of 300.00 and FHI624-2 of 100.00, both issued."""
    billed(job, "300.00")
    issuing.bill_separately(brand, job.pk, [line("100.00", "Radon")])
    issuing.issue_bill(brand, job.pk)
    return job


def of(job: WorkOrder) -> dict[str, str]:
    """Number → received, per invoice."""
    return {d.invoice.number: str(d.settlement.received) for d in settled(job).documents}


def test_a_payment_fills_the_invoices_in_their_order(two: WorkOrder) -> None:
    entries = post(two, paid("350.00", "12.25"), expected="12.25")

    assert of(two) == {"FHI624": "310.50", "FHI624-2": "51.75"}
    assert [(e.services_amount, e.fee_amount, e.fee_expected) for e in entries] == [
        (D("300.00"), D("10.50"), D("10.50")),
        (D("50.00"), D("1.75"), D("1.75")),
    ]
    whole = settled(two).whole
    assert (whole.fee.kept, whole.fee.expected, whole.balance) == (
        *(D("12.25"), D("12.25")),
        D("50.00"),
    )


def test_what_is_above_stays_on_the_last(two: WorkOrder) -> None:
    post(two, paid("450.00"))

    assert of(two) == {"FHI624": "300.00", "FHI624-2": "150.00"}
    assert figures(two)[3:] == ("-50.00", "Overpaid")


def test_a_draft_next_to_an_issued_invoice_is_issued_when_money_is_left_for_it(
    job: WorkOrder, brand: Brand
) -> None:
    billed(job, "300.00")
    issuing.bill_separately(brand, job.pk, [line("100.00", "Radon")])

    post(job, paid("300.00"))
    assert invoices(job) == {"FHI624": "issued", "FHI624-2": "draft"}
    post(job, paid("60.00", key="payment:2"), key="payment:2")

    assert invoices(job) == {"FHI624": "issued", "FHI624-2": "issued"}
    assert of(job) == {"FHI624": "300.00", "FHI624-2": "60.00"}


def test_a_refund_leaves_the_last_invoice_first(two: WorkOrder) -> None:
    came = paid("400.00", "14.00")
    post(two, came, expected="14.00")

    post(two, came, back("150.00", "5.25"), expected="14.00")

    first, second = settled(two).documents
    assert (first.settlement.refunded, second.settlement.refunded) == (D("51.75"), D("103.50"))
    assert figures(two)[2:4] == ("155.25", "150.00")


def test_refunds_under_way_leave_what_others_did_not_take(two: WorkOrder) -> None:
    first = back("80.00", source="refund:1", in_flight=True)
    second = back("50.00", source="refund:2", in_flight=True)

    post(two, paid("400.00"), first, second)

    refunded = {d.invoice.number: d.settlement.refunded for d in settled(two).documents}
    assert refunded == {"FHI624": D("30.00"), "FHI624-2": D("100.00")}


def test_the_quote_is_shared_exactly_however_often_a_payment_is_corrected(two: WorkOrder) -> None:
    """Also where the first money went to one invoice alone."""
    post(two, paid("300.00"), expected="10.50")
    post(two, paid("400.00"), expected="10.50")
    assert settled(two).whole.fee.expected == D("10.50")

    post(two, paid("333.33"), expected="10.50")
    post(two, paid("399.99"), expected="10.50")

    assert settled(two).whole.fee.expected == D("10.50")
    assert settled(two).whole.fee.uncollected == D("10.50")


def test_a_later_fee_is_allocated_to_the_invoice_of_its_services(two: WorkOrder) -> None:
    post(two, paid("300.00"), expected="10.50")

    post(two, paid("300.00", "10.50"), expected="10.50")

    assert of(two) == {"FHI624": "310.50", "FHI624-2": "0.00"}
    assert settled(two).whole.fee.uncollected == 0


def test_money_that_is_all_fee_goes_where_something_is_asked(two: WorkOrder) -> None:
    post(two, paid("300.00"))

    post(two, paid("0", "17.95", key="payment:2"), key="payment:2")

    assert of(two) == {"FHI624": "300.00", "FHI624-2": "17.95"}


def test_one_check_pays_two_jobs(job: WorkOrder, brand: Brand) -> None:
    """Sequences count per source, over jobs."""
    other = WorkOrderFactory(brand=brand, number="FHI625")
    billed(job, "300.00")
    billed(other, "300.00")

    post(job, paid("300.00"))
    post(other, paid("300.00"))

    assert [e.sequence for e in LedgerEntry.objects.order_by("pk")] == [1, 2]
    assert figures(job)[4] == figures(other)[4] == "Paid"


def test_yen_have_no_cents() -> None:
    """Shares of a fee are whole in the currency."""
    brand = BrandFactory(currency="JPY")
    job = WorkOrderFactory(brand=brand)
    billed(job, "1000")
    issuing.bill_separately(brand, job.pk, [line("500", "Radon")])
    issuing.issue_bill(brand, job.pk)

    entries = post(job, paid("1500", "100"), expected="100")

    assert [e.fee_amount for e in entries] == [D("67"), D("33")]


test_yen_have_no_cents = pytest.mark.django_db(test_yen_have_no_cents)


def test_a_smaller_payment_leaves_first_what_still_keeps_it(two: WorkOrder) -> None:
    post(two, paid("400.00"), back("100.00"))

    post(two, paid("350.00"), back("100.00"), reason="Typo")

    assert of(two) == {"FHI624": "250.00", "FHI624-2": "100.00"}
    balances = [(d.settlement.refunded, d.settlement.balance) for d in settled(two).documents]
    assert balances == [(D("0.00"), D("50.00")), (D("100.00"), D("100.00"))]
    post(two, back("100.00"), reason="Bounced")
    assert of(two) == {"FHI624": "0.00", "FHI624-2": "0.00"}


def test_what_is_held_is_less_what_is_on_its_way_back(two: WorkOrder) -> None:
    post(two, paid("400.00"), back("60.00", in_flight=True))

    held = held_by(two, "payment:1")

    assert [legs.services for legs in held.values()] == [D("300.00"), D("40.00")]


# A payment that knows its fee ----------------------------------------------------------------


def test_a_fee_beyond_its_own_goes_where_one_is_missing() -> None:
    due = {1: D("6.10"), 2: D("200.00")}
    fees = Fees(D("6.10"), {1: D("6.10"), 2: D(0)}, {1: D("6.10"), 2: D(0)})

    shares = onto_invoices(Legs(D("200.00"), D("12.20")), due, "USD", fees)

    assert shares == {1: Legs(D(0), D("6.10")), 2: Legs(D("200.00"), D("6.10"))}


def test_services_are_paid_before_fees_and_a_surplus_pays_fees() -> None:
    due = {1: D("106.10"), 2: D("200.00")}
    fees = Fees(D(0), {1: D("6.10"), 2: D(0)}, {1: D("6.10"), 2: D(0)})

    assert onto_invoices(Legs(D("303.00")), due, "USD", fees) == {
        1: Legs(D("103.00"), D(0)),
        2: Legs(D("200.00"), D(0)),
    }
    assert onto_invoices(Legs(D("310.00")), due, "USD", fees)[2] == Legs(D("203.90"), D(0))


def test_a_surplus_is_on_the_last_invoice_and_was_quoted_none() -> None:
    held = {1: Legs(D("300.00")), 2: Legs(D("200.00"))}

    assert base_shares(D("400.00"), held) == {1: D("300.00"), 2: D("100.00")}
    assert quote_shares(D("11.90"), held, "USD", base_shares(D("400.00"), held)) == {
        1: D("8.93"),
        2: D("2.97"),
    }


def test_where_more_fee_came_than_was_quoted_each_has_its_own_first() -> None:
    held = {1: Legs(D(0), D("6.10")), 2: Legs(D("200.00"), D("6.10"))}

    quotes = quote_shares(D("6.10"), held, "USD", {1: D(0), 2: D("200.00")})

    assert quotes == {1: D(0), 2: D("6.10")}


cents = st.integers(0, 50_000).map(lambda n: D(n).scaleb(-2))


@given(
    quote=cents,
    held=st.lists(st.tuples(cents, cents), min_size=1, max_size=4),
    base=cents,
)
def test_a_quote_is_shared_exactly_and_none_lacks_a_fee_that_came(
    quote: D, held: list[tuple[D, D]], base: D
) -> None:
    legs = {n: Legs(*pair) for n, pair in enumerate(held)}
    bases = base_shares(base, legs)

    shares = quote_shares(quote, legs, "USD", bases)

    assert sum(shares.values()) == quote
    assert sum(bases.values()) == min(base, sum(pair[0] for pair in held))
    assert all(D(0) <= bases[n] <= legs[n].services for n in legs)
    came = sum(pair[1] for pair in held)
    if quote >= came:
        assert all(shares[n] >= legs[n].fee for n in legs)
    else:
        assert all(D(0) <= shares[n] <= legs[n].fee for n in legs)


@given(
    money=st.tuples(cents, cents),
    own=cents,
    docs=st.lists(st.tuples(cents, cents, cents), min_size=1, max_size=4),
)
def test_all_of_a_payment_is_put_somewhere(
    money: tuple[D, D], own: D, docs: list[tuple[D, D, D]]
) -> None:
    due = {n: services + asked for n, (services, asked, _) in enumerate(docs)}
    asked = {n: fee for n, (_, fee, _) in enumerate(docs)}
    lacking = {n: fee + more for n, (_, fee, more) in enumerate(docs)}

    shares = onto_invoices(Legs(*money), due, "USD", Fees(own, asked, lacking))

    assert sum(shares.values(), Legs()) == Legs(*money)
    assert all(legs == legs.positive() for legs in shares.values())
