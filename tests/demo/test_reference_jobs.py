"""Every reference case as the demo has it: its figures, its word, and the same on all surfaces."""

from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from django.test import Client as Browser

from accounts.models import Brand, User
from core import clock
from demo import brands, data, staff_actions, todays_jobs
from importing.legacy.figures import as_legacy, restore, stored_row
from importing.loader import Report, load
from invoicing.domain import credit_notes, issuing
from invoicing.models import ClientCredit, Invoice, Item
from invoicing.queries.settlements import job_settlement
from invoicing.settlement.quote import price_list
from invoicing.settlement.types import Settlement
from payments.cancelling import cancel
from payments.models import Payment, PaymentAllocation, Refund
from tests.demo.cases import CASES
from tests.surfaces.surfaces import check_surfaces
from workorders.models import WorkOrder

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
D = Decimal


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[Report]:
    """The reference cases, loaded once for this file and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        now = clock.now()
        brands.create()
        lines = [
            *data.reference(now),
            *todays_jobs.one_check_three_jobs(data.calendars(now)["fhi"]),
        ]
        report = load(data.as_json(line) for line in lines)
        staff_actions.do_all(now)
        yield report
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def browser(loaded: Report) -> Browser:
    client = Browser()
    client.force_login(User.objects.get(email="admin@demo.paystory.test"))
    return client


def the_job(number: str) -> WorkOrder:
    return WorkOrder.objects.select_related("brand").get(number=number)


def settled(number: str) -> Settlement:
    return job_settlement(the_job(number)).whole


@pytest.mark.parametrize("number", CASES)
def test_figures_and_word_are_exact(loaded: Report, number: str) -> None:
    *amounts, word = CASES[number].split(" ", 8)
    services, fee_kept, due, credited, received, refunded, pending, balance = map(D, amounts)

    whole = settled(number)

    assert (whole.services, whole.fee.kept, whole.fee.due) == (services, fee_kept, due)
    assert whole.billed == services + fee_kept + due
    assert (whole.credits, whole.received, whole.refunded) == (credited, received, refunded)
    assert (whole.pending, whole.balance) == (pending, balance)
    assert whole.word.value == word


@pytest.mark.parametrize("number", CASES)
def test_every_surface_says_the_same(loaded: Report, browser: Browser, number: str) -> None:
    check_surfaces(browser, the_job(number))


def test_nothing_was_rejected_and_every_case_is_here(loaded: Report) -> None:
    made = set(WorkOrder.objects.values_list("number", flat=True))

    assert loaded.problems == []
    assert made == set(CASES)


def test_older_figures_that_disagree_are_named(loaded: Report) -> None:
    disagreements = {(d.number, d.figure): str(d) for d in loaded.disagreements}

    assert set(disagreements) == {
        ("RIA2159", "total_with_fees"),
        ("RIA2159", "total_fees"),
        ("RIA2164", "total_with_fees"),
        ("RIA2164", "total_fees"),
    }
    assert disagreements["RIA2164", "total_with_fees"].endswith("(although fees were disabled)")


def test_the_audit_finds_nothing_of_ours(loaded: Report) -> None:
    out = StringIO()

    call_command("audit_balances", stdout=out, stderr=StringIO())  # exit 1 would raise

    assert out.getvalue().endswith(": 0 wrong, 4 reported otherwise by an older system.\n")


# Cancelled -------------------------------------------------------------------------------------


def test_fhi624_was_billed_first_whole_then_for_the_cancellation(loaded: Report) -> None:
    invoice = Invoice.objects.get(number="FHI624")

    bills = invoice.revisions.order_by("number").values_list("services_total", flat=True)

    assert list(bills) == [D("329.00"), D("125.00")]
    refund = Refund.objects.get(work_order=invoice.work_order)
    assert (refund.services_amount, refund.fee_amount) == (D("204.00"), D("7.14"))


def test_money_held_with_nothing_billed_is_a_task(loaded: Report) -> None:
    rows = cancel.money_held_unbilled(Brand.objects.get(slug="fhi"))

    assert [row.work_order.number for row in rows] == ["FHI627"]


def test_only_the_type_makes_a_cancellation_not_the_name(loaded: Report) -> None:
    job = the_job("FHI630")

    assert (job.status, job.charges.get(description="Cancellation").service_type) == (
        "confirmed",
        "standard",
    )
    assert the_job("FHI629").origin == "spectora"


def test_a_hundred_steps_return_the_fee_to_the_cent(loaded: Report) -> None:
    fees = list(Refund.objects.filter(work_order=the_job("FHI633")).order_by("number"))

    assert len(fees) == 100
    assert sum(refund.fee_amount for refund in fees) == D("3.50")
    assert min(refund.fee_amount for refund in fees) >= 0
    assert {refund.services_amount for refund in fees} == {D("1.00")}


# Technology fee --------------------------------------------------------------------------------

# expected, uncollected, waived
FEES = {
    "RIA2138": ("0.00", "0.00", "0.00"),
    "RIA2147": ("17.95", "17.95", "0.00"),
    "RIA2159": ("17.95", "17.95", "0.00"),
    "RIA2160": ("0.00", "0.00", "0.00"),
    "RIA2161": ("0.00", "0.00", "0.00"),
    "RIA2162": ("17.95", "0.00", "0.00"),
    "RIA2163": ("17.95", "17.95", "0.00"),
    "RIA2164": ("0.00", "0.00", "0.00"),
    "RIA2165": ("17.95", "17.95", "0.00"),
    "RIA2166": ("17.95", "17.95", "17.95"),
    "RIA2167": ("17.95", "0.00", "0.00"),
}


@pytest.mark.parametrize("number", FEES)
def test_fees_are_expected_only_where_a_card_of_the_policy_was_used(
    loaded: Report, number: str
) -> None:
    fee = settled(number).fee

    assert (fee.expected, fee.uncollected, fee.waived) == tuple(D(x) for x in FEES[number])


@pytest.mark.parametrize("number", ["RIA2138", "RIA2160", "RIA2161", "RIA2164"])
def test_where_no_fee_is_due_none_is_mentioned_on_top(
    loaded: Report, browser: Browser, number: str
) -> None:
    html = browser.get(f"/b/ria/work-orders/{number}/").content.decode()

    assert "not collected" not in html
    assert "17.95" not in html[html.index("<h1") : html.index('class="columns"')]


def test_an_unpaid_bill_of_ria_has_two_prices(loaded: Report) -> None:
    from invoicing.domain.fees import current_policy

    brand = Brand.objects.get(slug="ria")
    policy = current_policy(brand, clock.now())

    assert [price.total for price in price_list(D("500.00"), policy, "USD")] == [
        D("517.95"),
        D("500.00"),
    ]


# Items -----------------------------------------------------------------------------------------

# paid of each line and how far that is; the discount's line comes last
ITEMS = {
    "FHI641": [("0.00", "invoiced"), ("0.00", "invoiced")],
    "FHI642": [("150.00", "deposit_paid"), ("350.00", "deposit_paid")],
    "FHI643": [("300.00", "fully_paid"), ("700.00", "fully_paid")],
    "FHI644": [("270.00", "deposit_paid"), ("630.00", "deposit_paid")],
    "FHI645": [("0.00", "refunded"), ("0.00", "refunded")],
    "FHI646": [("33.34", "fully_paid"), ("33.33", "fully_paid"), ("33.33", "fully_paid")],
    "FHI648": [("0.00", "invoiced"), ("0.00", "invoiced")],
}


@pytest.mark.parametrize("number", ITEMS)
def test_items_are_covered_exactly(loaded: Report, number: str) -> None:
    rows = Item.objects.filter(work_order=the_job(number)).order_by("charge_id")

    items = [(row.covered, row.status) for row in rows]

    assert items == [(D(covered), status) for covered, status in ITEMS[number]]


def test_a_discount_is_covered_by_itself(loaded: Report) -> None:
    items = settled("FHI647").items

    assert {item.status.value for item in items} == {"fully_paid"}
    assert min(item.covered for item in items) >= 0
    assert sum(item.covered for item in items) == D("950.00")


def test_fulfilment_goes_forward_on_payment_and_stays(loaded: Report) -> None:
    fulfilments = {
        number: set(
            Item.objects.filter(work_order=the_job(number)).values_list("fulfilment", flat=True)
        )
        for number in ("FHI641", "FHI643", "FHI644")
    }

    assert fulfilments == {
        "FHI641": {"invoiced"},
        "FHI643": {"client_paid"},
        "FHI644": {"client_paid"},
    }


def test_a_wire_counts_once_somebody_confirmed_it(loaded: Report) -> None:
    waiting = Payment.objects.get(work_order=the_job("FHI648"))
    seen = Payment.objects.get(work_order=the_job("FHI649"))

    assert (waiting.status, waiting.confirmed_at) == ("pending", None)
    assert (seen.status, seen.confirmed_by) == ("completed", "Ruth Okafor")


def test_one_check_pays_three_jobs(loaded: Report) -> None:
    check = Payment.objects.get(work_order=the_job("FHI718"))

    shares = PaymentAllocation.objects.filter(payment=check).order_by("work_order__number")

    assert check.amount == D("900.00")
    assert [(s.work_order.number, s.services_amount) for s in shares] == [
        ("FHI716", D("300.00")),
        ("FHI717", D("300.00")),
        ("FHI718", D("300.00")),
    ]


# Credits and voids -----------------------------------------------------------------------------


def credit_of(number: str) -> ClientCredit:
    return ClientCredit.objects.get(work_order=the_job(number))


def note_of(number: str) -> Invoice:
    return Invoice.objects.get(work_order=the_job(number), kind="credit_note")


def test_one_credit_note_pays_two_invoices(loaded: Report) -> None:
    credit = credit_of("FHI652")
    lines = note_of("FHI652").revisions.get().lines.values_list("amount", flat=True)

    assert (credit.label, credit.amount, credit.used) == ("CM-000001", D("250.00"), D("250.00"))
    assert sorted(lines) == [D("-270.00"), D("20.00")]
    uses = credit.entries.order_by("happened_at")
    assert [(e.invoice.number, e.services_amount) for e in uses] == [
        ("FHI651", D("150.00")),
        ("FHI652", D("100.00")),
    ]


def test_a_draft_has_a_provisional_number(loaded: Report) -> None:
    note = note_of("FHI663")

    assert (note.status, note.number) == ("draft", "DRAFT-FHI663-1")


def test_a_void_returns_the_credit_that_was_on_it(loaded: Report) -> None:
    credit = credit_of("FHI653")

    assert Invoice.objects.get(number="FHI653").status == "void"
    assert (credit.amount, credit.used, credit.returned) == (D("150.00"), D(0), D(0))


def test_ten_dollars_held_refuse_the_void_with_the_way_out(loaded: Report) -> None:
    invoice = Invoice.objects.get(number="FHI654")

    with pytest.raises(ValidationError, match=r"10\.00 is held on it\. Refund that first"):
        issuing.void_invoice(invoice.brand, invoice.pk, reason="Never should have been")

    invoice.refresh_from_db()
    assert invoice.status == "issued"


def test_a_used_credit_note_is_not_voided_and_an_unused_one_is(loaded: Report) -> None:
    used, unused = note_of("FHI652"), credit_of("FHI657")

    with pytest.raises(ValidationError, match="take it off first"):
        credit_notes.void_credit_note(used.brand, used.pk, reason="Made twice")

    assert (note_of("FHI657").status, unused.amount - unused.used - unused.returned) == (
        "void",
        D(0),
    )


def test_a_lowered_total_is_restored_and_the_way_back_is_open(loaded: Report) -> None:
    job = the_job("FHI658")

    row = stored_row(job.brand, job.pk)

    assert row is not None
    assert as_legacy(restore(row)) == {"total_amount": D("75.00"), "credit_applied": D("25.00")}


def test_prepayments_are_credit_and_no_document(loaded: Report) -> None:
    waiting, used = credit_of("FHI659"), credit_of("FHI660")

    assert (waiting.kind, waiting.amount, waiting.used) == ("prepayment", D("300.00"), D(0))
    assert (used.kind, used.amount, used.used) == ("prepayment", D("300.00"), D("300.00"))
    assert not Invoice.objects.filter(work_order=the_job("FHI660")).exists()


def test_a_negative_total_is_a_credit_note(loaded: Report) -> None:
    credit = credit_of("FHI662")

    assert (credit.kind, credit.amount) == ("credit_note", D("50.00"))
    assert credit.invoice is not None
    assert credit.invoice.kind == "credit_note"


def test_explain_says_why_ria2159_is_paid(loaded: Report) -> None:
    out = StringIO()

    call_command("explain_balance", "RIA2159", stdout=out)

    text = " ".join(out.getvalue().split())
    for words in (
        "Technology fee of P-1 · Visa •1881",
        "expected $17.95, found $0.00",
        "not collected $17.95; policy then: absorb nobody decided otherwise",
        "total with fees $517.95, ours $500.00: disagrees by $17.95",
    ):
        assert words in text
