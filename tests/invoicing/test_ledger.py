"""From money to ledger: only differences, over invoices, in any order, never twice."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from invoicing.domain import issuing, pool
from invoicing.domain.ledger import Piece
from invoicing.models import ClientCredit, Invoice, JobBalance, LedgerEntry, MoneyInFlight
from tests.factories import BrandFactory, WorkOrderFactory
from tests.invoicing.papers import (
    T0,
    D,
    add,
    back,
    billed,
    charge,
    figures,
    invoices,
    line,
    nets,
    paid,
    post,
    settled,
    written,
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


# --- one invoice ----------------------------------------------------------------------------------


def test_posting_twice_writes_nothing_new(job: WorkOrder) -> None:
    billed(job, "329.00")

    first = post(job, paid("329.00", "11.52"), expected="11.52")
    again = post(job, paid("329.00", "11.52"), expected="11.52")

    assert written(first) == [("payment", "payment:1", D("329.00"), D("11.52"))]
    assert again == []
    assert figures(job) == ("340.52", "340.52", "0.00", "0.00", "Paid")
    assert JobBalance.objects.get(work_order=job).balance == 0


def test_a_corrected_amount_is_a_difference_up_or_down(job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("100.00"))

    up = post(job, paid("120.00"))
    down = post(job, paid("90.00"), reason="Typing mistake")

    assert written(up) == [("payment", "payment:1", D("20.00"), D(0))]
    assert written(down) == [("payment_reversal", "payment:1", D("30.00"), D(0))]
    assert down[0].reverses == up[0]
    assert down[0].reason == "Typing mistake"
    assert figures(job)[1:4] == ("90.00", "0.00", "239.00")


def test_services_that_were_fee_move_from_one_leg_to_the_other(job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("340.52"), expected="11.52")

    moved = post(job, paid("329.00", "11.52"), expected="11.52")

    assert written(moved) == [
        ("payment_reversal", "payment:1", D("11.52"), D(0)),
        ("payment", "payment:1", D(0), D("11.52")),
    ]
    whole = settled(job).whole
    assert (whole.fee.kept, whole.fee.expected, whole.word.value) == (
        D("11.52"),
        D("11.52"),
        "Paid",
    )


def test_a_refund_that_failed_is_reversed(job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("329.00"), back("100.00", in_flight=True))
    assert figures(job)[2:] == ("100.00", "100.00", "Partly paid")
    assert not LedgerEntry.objects.filter(kind="refund").exists()

    post(job, paid("329.00"), back("100.00"))
    assert figures(job)[2:4] == ("100.00", "100.00")
    gone = post(job, paid("329.00"), back("0"))

    assert written(gone) == [("refund_reversal", "refund:1", D("100.00"), D(0))]
    assert not MoneyInFlight.objects.exists()
    assert figures(job)[2:] == ("0.00", "0.00", "Paid")


def test_a_refund_that_nobody_names_any_more_is_reversed(job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("329.00"), back("100.00"))

    gone = post(job, paid("329.00"), reason="It was none")

    assert written(gone) == [("refund_reversal", "refund:1", D("100.00"), D(0))]
    assert gone[0].reason == "It was none"


def test_a_chargeback_lowers_received_and_winning_brings_it_back(job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("329.00", "11.52"), expected="11.52")

    post(job, paid("0"), expected="11.52")
    assert figures(job) == ("329.00", "0.00", "0.00", "329.00", "Due")
    post(job, paid("329.00", "11.52"), expected="11.52")

    assert figures(job) == ("340.52", "340.52", "0.00", "0.00", "Paid")
    assert settled(job).whole.fee.expected == D("11.52")


def test_money_under_way_comes_and_goes(job: WorkOrder) -> None:
    billed(job, "329.00")

    post(job, paid("329.00", in_flight=True))
    row = MoneyInFlight.objects.get()
    assert (settled(job).whole.pending, figures(job)[3]) == (D("329.00"), "329.00")
    post(job, paid("300.00", in_flight=True))
    assert MoneyInFlight.objects.get().pk == row.pk
    assert settled(job).whole.pending == D("300.00")
    post(job, paid("300.00"))

    assert not MoneyInFlight.objects.exists()
    assert figures(job)[1:4] == ("300.00", "0.00", "29.00")


def test_money_above_the_balance_is_overpaid(job: WorkOrder) -> None:
    billed(job, "329.00")

    post(job, paid("400.00"))

    assert figures(job)[3:] == ("-71.00", "Overpaid")
    assert settled(job).whole.amount_due == 0


# --- drafts, nothing, void ------------------------------------------------------------------------


def test_money_for_a_draft_issues_it_first(job: WorkOrder) -> None:
    charge(job, line("329.00"))

    post(job, paid("100.00"))

    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.issued_at) == ("issued", T0)
    assert figures(job)[3:] == ("229.00", "Partly paid")


def test_money_under_way_does_not_issue_a_draft(job: WorkOrder) -> None:
    charge(job, line("329.00"))

    post(job, paid("329.00", in_flight=True))

    assert invoices(job) == {"FHI624": "draft"}


def test_money_for_a_job_without_charges_is_overpaid(job: WorkOrder) -> None:
    post(job, paid("50.00"))

    assert invoices(job) == {"FHI624": "issued"}
    assert figures(job)[3:] == ("-50.00", "Overpaid")

    charge(job, line("329.00"), reason="Booked by phone")
    assert invoices(job) == {"FHI624": "issued"}
    assert figures(job)[3:] == ("279.00", "Partly paid")


def voided(job: WorkOrder) -> Invoice:
    invoice = billed(job, "329.00")
    return issuing.void_invoice(job.brand, invoice.pk, reason="Wrong client")


def test_money_for_a_void_invoice_is_the_clients_credit(job: WorkOrder) -> None:
    voided(job)

    post(job, paid("329.00", "11.52"), expected="11.52")

    credit = ClientCredit.objects.get()
    assert (credit.kind, credit.amount, pool.left_of(credit)) == (
        *("overpayment", D("329.00")),
        D("329.00"),
    )
    assert figures(job)[3:] == ("0.00", "Void")
    assert invoices(job) == {"FHI624": "void"}
    assert post(job, paid("329.00", "11.52"), expected="11.52") == []


@pytest.mark.parametrize("queued_first", [True, False])
def test_and_is_no_credit_any_more_once_it_is_refunded(queued_first: bool, job: WorkOrder) -> None:
    voided(job)
    came = paid("329.00", "11.52")
    post(job, came, expected="11.52")

    if queued_first:
        post(job, came, back("329.00", "11.52", in_flight=True), expected="11.52")
        assert pool.left_of(ClientCredit.objects.get()) == 0
    post(job, came, back("329.00", "11.52"), expected="11.52")

    assert pool.left_of(ClientCredit.objects.get()) == 0
    assert figures(job)[3:] == ("0.00", "Void")


def test_a_failed_refund_of_a_void_invoice_gives_the_credit_back(job: WorkOrder) -> None:
    voided(job)
    post(job, paid("329.00"), back("329.00", in_flight=True))

    post(job, paid("329.00"), back("0"))

    assert sum(pool.left_of(credit) for credit in ClientCredit.objects.all()) == D("329.00")
    assert figures(job)[3:] == ("0.00", "Void")


def test_money_taken_back_after_its_credit_was_used_shows_what_is_missing(
    job: WorkOrder, brand: Brand
) -> None:
    voided(job)
    post(job, paid("329.00"))
    again = issuing.issue_bill(brand, job.pk)
    pool.apply_credit(brand, ClientCredit.objects.get().pk, again.pk, D("300"))

    post(job, paid("0"))

    void, live = settled(job).documents
    assert (void.settlement.balance, live.settlement.balance) == (D("300.00"), D("29.00"))


# --- several invoices -----------------------------------------------------------------------------


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


def test_a_draft_beside_an_issued_one_is_issued_when_money_is_left_for_it(
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


def test_the_quote_is_shared_exactly_however_often_a_payment_is_corrected(two: WorkOrder) -> None:
    """Also where the first money went to one invoice alone."""
    post(two, paid("300.00"), expected="10.50")
    post(two, paid("400.00"), expected="10.50")
    assert settled(two).whole.fee.expected == D("10.50")

    post(two, paid("333.33"), expected="10.50")
    post(two, paid("399.99"), expected="10.50")

    assert settled(two).whole.fee.expected == D("10.50")
    assert settled(two).whole.fee.uncollected == D("10.50")


def test_a_fee_that_comes_later_goes_beside_its_services(two: WorkOrder) -> None:
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


# --- any order ------------------------------------------------------------------------------------

cents = st.integers(0, 60_000).map(lambda n: D(n) / 100)
fees = st.integers(0, 2_000).map(lambda n: D(n) / 100)


def piece(source: str) -> st.SearchStrategy[Piece]:
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


states = st.lists(
    st.tuples(piece("payment:1"), st.lists(st.one_of(piece("refund:1"), piece("refund:2")))),
    min_size=1,
    max_size=6,
)


def last_of(pieces: list[Piece]) -> list[Piece]:
    return list({p.source: p for p in pieces}.values())


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(states=states, bills=st.lists(cents, max_size=3), void=st.booleans(), more=cents)
def test_whatever_is_said_the_ledger_stands_at_the_last_word(
    states: list[tuple[Piece, list[Piece]]],
    bills: list[D],
    void: bool,
    more: D,
    brand: Brand,
) -> None:
    """Any states, in any order, each told twice, over up to three invoices and a void one."""
    job = WorkOrderFactory(brand=brand)
    for amount in bills:
        issuing.bill_separately(brand, job.pk, [line(str(amount))])
        issuing.issue_bill(brand, job.pk)
    if void and bills:
        last = Invoice.objects.filter(work_order=job).latest("sequence")
        issuing.void_invoice(brand, last.pk, reason="By chance")

    for number, (came, refunds) in enumerate(states):
        pieces = [came, *last_of(refunds)]
        post(job, *pieces, expected="10.00")
        assert post(job, *reversed(pieces), expected="10.00") == []
        if number == 0 and more:
            add(job, line(str(more)), reason="By chance")

        here = [p for p in pieces if not p.in_flight]
        assert nets(job) == {p.source: (p.services, p.fee) for p in here if p.services or p.fee}
        flying = [p for p in pieces if p.in_flight and (p.services or p.fee)]
        rows = MoneyInFlight.objects.filter(work_order=job)
        assert {r.source for r in rows} == {p.source for p in flying}
        assert sum(r.services_amount + r.fee_amount for r in rows) == sum(
            p.services + p.fee for p in flying
        )
    entries = LedgerEntry.objects.filter(work_order=job)
    assert all(e.services_amount >= 0 and e.fee_amount >= 0 for e in entries)
    assert all(
        d.settlement.balance >= 0 for d in settled(job).documents if d.invoice.status == "void"
    )
    row, whole = JobBalance.objects.get(work_order=job), settled(job).whole
    assert (row.balance, row.received, row.word) == (whole.balance, whole.received, whole.word)
