"""From money to ledger: only differences, in any order, never twice."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from invoicing.domain import client_credit, issuing
from invoicing.domain.money import Piece
from invoicing.models import ClientCredit, Invoice, JobBalance, LedgerEntry, MoneyInFlight
from invoicing.queries.printed import as_printed
from tests.factories import WorkOrderFactory
from tests.invoicing.billed_jobs import (
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

    # The difference; then one line prints what the payment says now (docs/decisions/027).
    assert written(up) == [
        ("payment", "payment:1", D("20.00"), D(0)),
        ("payment_reversal", "payment:1", D("120.00"), D(0)),
        ("payment", "payment:1", D("120.00"), D(0)),
    ]
    assert written(down) == [
        ("payment_reversal", "payment:1", D("30.00"), D(0)),
        ("payment_reversal", "payment:1", D("90.00"), D(0)),
        ("payment", "payment:1", D("90.00"), D(0)),
    ]
    assert down[0].reverses == up[2]
    assert down[0].reason == "Typing mistake"
    assert written(as_printed(LedgerEntry.objects.all())) == written(down[2:])
    assert figures(job)[1:4] == ("90.00", "0.00", "239.00")


def test_services_that_were_fee_move_from_one_leg_to_the_other(job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("340.52"), expected="11.52")

    moved = post(job, paid("329.00", "11.52"), expected="11.52")

    assert written(moved) == [
        ("payment_reversal", "payment:1", D("11.52"), D(0)),
        ("payment", "payment:1", D(0), D("11.52")),
        ("payment_reversal", "payment:1", D("329.00"), D("11.52")),
        ("payment", "payment:1", D("329.00"), D("11.52")),
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
    assert (credit.kind, credit.amount, client_credit.left_of(credit)) == (
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
        assert client_credit.left_of(ClientCredit.objects.get()) == 0
    post(job, came, back("329.00", "11.52"), expected="11.52")

    assert client_credit.left_of(ClientCredit.objects.get()) == 0
    assert figures(job)[3:] == ("0.00", "Void")


def test_a_failed_refund_of_a_void_invoice_gives_the_credit_back(job: WorkOrder) -> None:
    voided(job)
    post(job, paid("329.00"), back("329.00", in_flight=True))

    post(job, paid("329.00"), back("0"))

    assert sum(client_credit.left_of(credit) for credit in ClientCredit.objects.all()) == D(
        "329.00"
    )
    assert figures(job)[3:] == ("0.00", "Void")


def test_money_taken_back_after_its_credit_was_used_shows_what_is_missing(
    job: WorkOrder, brand: Brand
) -> None:
    voided(job)
    post(job, paid("329.00"))
    again = issuing.issue_bill(brand, job.pk)
    client_credit.apply_credit(brand, ClientCredit.objects.get().pk, again.pk, D("300"))

    post(job, paid("0"))

    void, live = settled(job).documents
    assert (void.settlement.balance, live.settlement.balance) == (D("300.00"), D("29.00"))


def test_a_line_printed_again_is_quoted_for_what_it_holds(job: WorkOrder, brand: Brand) -> None:
    """Services that leave one of two bills take its quote along, also where a line is printed."""
    for amount in ("0.01", "0.00"):
        issuing.bill_separately(brand, job.pk, [line(amount)])
        issuing.issue_bill(brand, job.pk)
    post(job, paid("0.03", "0.01"), expected="10.00")

    post(job, paid("0.01", "1.17"), expected="10.00")

    rows = as_printed(LedgerEntry.objects.filter(work_order=job))
    assert [(r.services_amount, r.fee_amount, r.fee_expected) for r in rows] == [
        (D("0.01"), D("1.16"), D("9.99")),
        (D("0.00"), D("0.01"), D("0.01")),
    ]
    assert settled(job).whole.fee.open == D("8.83")
    assert post(job, paid("0.01", "1.17"), expected="10.00") == []


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
def test_the_ledger_follows_the_last_reported_state(
    states: list[tuple[Piece, list[Piece]]],
    bills: list[D],
    void: bool,
    more: D,
    brand: Brand,
) -> None:
    """Any states, in any order, each posted twice, over up to three invoices and a void one."""
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
