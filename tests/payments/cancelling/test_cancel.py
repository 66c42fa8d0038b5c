"""Cancelling a job with its money: what was previewed is what happens, to the cent."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from core import clock
from invoicing.domain import client_credit, issuing
from invoicing.models import ClientCredit, Invoice, InvoiceRevision
from invoicing.settlement.types import Word
from payments.cancelling import cancel as cancelling
from payments.cancelling.cancel import Outdated, Plan
from payments.domain import record
from payments.models import Method, Refund
from payments.refunds.verbs import queue_refund
from tests.factories import BrandFactory, ServiceFactory, WorkOrderFactory
from tests.invoicing import issued_invoices as bills
from tests.payments.cancelled_jobs import (
    CREDIT,
    EVERYTHING,
    FEE,
    KEEP,
    NOTHING,
    REFUND,
    D,
    cancel,
    charged,
    confirmed,
    fhi624,
    figures_now,
    paid,
    plan,
    prepaid,
    settled,
)
from tests.payments.refund_requests import card
from workorders.domain import jobs
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import ServiceType, WorkOrder, WorkOrderStatus

# --- FHI624 and its neighbours ----------------------------------------------------------------


def test_fhi624_cancelled_but_not_free(job: WorkOrder) -> None:
    payment = fhi624(job)
    jobs.set_published(job.brand, job.pk, published=True)

    done = cancel(job, plan())

    refund = Refund.objects.get()
    job.refresh_from_db()
    it = settled(job)
    assert (refund.amount, refund.services_amount, refund.fee_amount) == (
        D("211.14"),
        D("204.00"),
        D("7.14"),
    )
    assert (refund.status, refund.payment, refund.reason) == ("queued", payment, "Called off")
    assert done.refunded == D("211.14")
    assert (it.services, it.fee.kept, it.billed) == (D("125.00"), D("4.38"), D("129.38"))
    assert (it.received, it.refunded, it.credits) == (D("340.52"), D("211.14"), D(0))
    assert (it.balance, it.word) == (D(0), Word.PAID)
    assert (job.status, job.reason) == ("cancelled", "Called off")
    assert job.published_at is not None
    revisions = InvoiceRevision.objects.order_by("number")
    assert [(r.number, r.services_total, r.reason) for r in revisions] == [
        (1, D("329.00"), ""),
        (2, D("125.00"), "Called off"),
    ]
    assert job.charges.get().service_type == ServiceType.CANCELLATION


def test_nothing_billed_and_never_paid(job: WorkOrder) -> None:
    cancel(job, plan(NOTHING))

    assert figures_now(job) == ("0.00", "0.00", "0.00", "Nothing due")
    assert not Invoice.objects.exists()


def test_nothing_billed_everything_goes_back_with_its_fee(job: WorkOrder) -> None:
    fhi624(job)

    cancel(job, plan(NOTHING))

    assert figures_now(job) == ("0.00", "340.52", "340.52", "Nothing due")
    assert not cancelling.money_held_unbilled(job.brand).exists()


def test_a_fee_that_nobody_paid_yet_is_due(job: WorkOrder) -> None:
    confirmed(job, "329.00")

    cancel(job, plan())

    assert figures_now(job) == ("125.00", "0.00", "0.00", "Due")
    assert settled(job).amount_due == D("125.00")
    assert Invoice.objects.get().due_on is not None


def test_a_pending_job_issues_only_what_stays_billed(job: WorkOrder) -> None:
    charged(job, "329.00")

    cancel(job, plan())

    assert [r.services_total for r in InvoiceRevision.objects.all()] == [D("125.00")]
    assert figures_now(job) == ("125.00", "0.00", "0.00", "Due")


def test_money_left_with_nothing_billed_is_a_task(job: WorkOrder) -> None:
    fhi624(job)

    done = cancel(job, plan(NOTHING, KEEP))

    job.refresh_from_db()
    it = settled(job)
    assert (it.word, it.balance) == (Word.OVERPAID, D("-329.00"))
    assert [row.work_order for row in cancelling.money_held_unbilled(job.brand)] == [job]
    assert cancelling.holds_unbilled_money(job, it.balance, it.services)
    assert "$329.00 more than is billed stays here" in done.warnings[0]


def test_money_becomes_the_clients_credit(job: WorkOrder) -> None:
    fhi624(job)

    done = cancel(job, plan(money=CREDIT))

    credit = ClientCredit.objects.get()
    assert (credit.amount, done.to_credit, credit.reason) == (
        D("204.00"),
        D("204.00"),
        "Called off",
    )
    # The whole fee stays: nothing was refunded.
    assert figures_now(job) == ("136.52", "340.52", "0.00", "Paid")


def test_everything_remains_and_nothing_goes_back(job: WorkOrder) -> None:
    fhi624(job)

    done = cancel(job, plan(EVERYTHING))

    assert (done.refunds, InvoiceRevision.objects.count()) == ([], 1)
    assert figures_now(job) == ("340.52", "340.52", "0.00", "Paid")


def test_everything_remains_and_what_was_too_much_goes_back(job: WorkOrder) -> None:
    confirmed(job, "300.00")
    paid(job, "400.00", "0.00")

    done = cancel(job, plan(EVERYTHING))

    assert done.refunded == D("100.00")
    assert figures_now(job) == ("300.00", "400.00", "100.00", "Paid")


def test_everything_remains_on_a_pending_job_issues_it(job: WorkOrder) -> None:
    charged(job, "329.00")

    cancel(job, plan(EVERYTHING))

    assert figures_now(job) == ("329.00", "0.00", "0.00", "Due")


def test_a_service_named_cancellation_is_an_ordinary_line(job: WorkOrder) -> None:
    service = ServiceFactory(brand=job.brand, name="Cancellation", service_type="cancellation")
    line = ChargeLine(
        "Cancellation", D("125.00"), service_id=service.pk, service_type=ServiceType.CANCELLATION
    )
    replace_charges(job.brand, job.pk, [line])
    jobs.set_status(job.brand, job.pk, WorkOrderStatus.CONFIRMED)

    job.refresh_from_db()

    assert (job.status, figures_now(job)) == ("confirmed", ("125.00", "0.00", "0.00", "Due"))


# --- money of several kinds -------------------------------------------------------------------


def test_the_newest_payment_goes_back_first(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    now = clock.now()
    old = paid(job, "200.00", "0.00", happened_at=now - timedelta(days=3), paid_at=None)
    new = paid(job, "129.00", "0.00", happened_at=now - timedelta(days=1), paid_at=None)

    done = cancel(job, plan())

    assert [(r.payment, r.services) for r in done.refunds] == [
        (new, D("129.00")),
        (old, D("75.00")),
    ]


def test_what_was_refunded_before_is_not_refunded_again(job: WorkOrder) -> None:
    payment = fhi624(job)
    queue_refund(payment, D("100.00"), reason="Goodwill", by="Dana")

    done = cancel(job, plan())

    assert [(r.services, r.fee) for r in done.refunds] == [(D("104.00"), D("3.64"))]
    assert figures_now(job) == ("129.38", "340.52", "211.14", "Paid")


def test_a_fee_that_was_paid_by_itself_goes_back_with_the_services(job: WorkOrder) -> None:
    confirmed(job, "500.00")
    paid(job, "500.00", "0.00", fee_expected=D("17.95"), uncollected="bill", funding="credit")
    paid(job, "17.95", "17.95", fee_expected=None, uncollected="absorb", method="check")

    cancel(job, plan(NOTHING))

    assert figures_now(job) == ("0.00", "517.95", "517.95", "Nothing due")


def test_a_fee_that_is_due_goes_down_with_what_goes_back(job: WorkOrder) -> None:
    confirmed(job, "500.00")
    paid(job, "500.00", "0.00", fee_expected=D("17.95"), uncollected="bill", funding="credit")

    cancel(job, plan())

    it = settled(job)
    assert (it.balance, it.refunded + it.billed) == (D(0), D("500.00"))


def test_pending_money_is_warned_of_and_stays(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    check = record.Manual(method=Method.CHECK, reference="1234")
    record.record_payment(job.brand, job, D("329.00"), check, by="Dana")

    done = cancel(job, plan(NOTHING))

    assert "$329.00 is under way" in done.warnings[0]
    assert (settled(job).pending, settled(job).balance) == (D("329.00"), D(0))


def test_pending_money_of_a_draft_stays(job: WorkOrder) -> None:
    charged(job, "329.00")
    check = record.Manual(method=Method.CHECK, reference="1234")
    record.record_payment(job.brand, job, D("329.00"), check, by="Dana")

    cancel(job, plan(NOTHING))

    assert (settled(job).pending, settled(job).billed) == (D("329.00"), D(0))


def test_money_whose_outcome_is_unknown_is_warned_of(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    card(job, status="unknown")

    assert "$103.50 may have been charged" in cancelling.preview(job, plan()).warnings[0]


def test_a_disputed_payment_is_warned_of(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    paid(job, status="disputed")

    assert "bank disputes P-1" in cancelling.preview(job, plan()).warnings[0]


def test_a_credit_that_is_not_needed_any_more_is_the_clients_again(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    other = bills.bill(job.client, "100.00")
    credit = bills.credit(other, "60.00")
    client_credit.apply_credit(
        job.brand, credit.pk, Invoice.objects.get(work_order=job).pk, D("60.00")
    )
    paid(job, "269.00", "0.00")

    done = cancel(job, plan(fee="25.00"))

    credit.refresh_from_db()
    assert (done.refunded, credit.used) == (D("269.00"), D("25.00"))
    assert [taken.amount for taken in done.taken_off] == [D("35.00")]
    assert settled(job).balance == 0


def test_a_prepayment_goes_back_to_credit_when_nothing_stays_billed(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    credit = prepaid(job, "300.00")

    cancel(job, plan(NOTHING))

    credit.refresh_from_db()
    assert (credit.used, figures_now(job)) == (D(0), ("0.00", "0.00", "0.00", "Nothing due"))


def test_a_check_over_two_jobs_gives_back_this_jobs_share_only(job: WorkOrder) -> None:
    other: WorkOrder = WorkOrderFactory(brand=job.brand, client=job.client)
    for one in (job, other):
        confirmed(one, "300.00")
    check = record.Manual(method=Method.CHECK, reference="9", is_received=True)
    payment = record.record_check_over(
        job.brand, [(job, D("300.00")), (other, D("300.00"))], check, by="Dana", total=D("600.00")
    )
    record.confirm(payment, by="Dana")

    done = cancel(job, plan(NOTHING))

    assert done.refunded == D("300.00")
    assert figures_now(other) == ("300.00", "300.00", "0.00", "Paid")


# --- bills of several kinds -------------------------------------------------------------------


def test_the_fee_is_on_the_issued_bill_not_on_a_draft_next_to_it(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    paid(job)
    issuing.bill_separately(job.brand, job.pk, [ChargeLine("Sewer scope", D("150.00"))])

    cancel(job, plan())

    assert [i.number for i in Invoice.objects.all()] == ["FHI624"]
    assert figures_now(job) == ("129.38", "340.52", "211.14", "Paid")


def test_two_issued_bills_come_to_the_fee_together(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    issuing.bill_separately(job.brand, job.pk, [ChargeLine("Sewer scope", D("150.00"))])
    issuing.issue_bill(job.brand, job.pk)
    paid(job, "479.00", "0.00")

    done = cancel(job, plan())

    assert done.refunded == D("354.00")
    assert figures_now(job)[0] == "125.00"


def test_after_a_void_the_fee_is_billed_anew(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    issuing.void_invoice(job.brand, Invoice.objects.get().pk, reason="Wrong client")

    cancel(job, plan())

    assert [(i.number, i.status) for i in Invoice.objects.order_by("sequence")] == [
        ("FHI624", "void"),
        ("FHI624-2", "issued"),
    ]
    assert figures_now(job) == ("125.00", "0.00", "0.00", "Due")


def test_a_taxed_fee_is_billed_with_its_tax(job: WorkOrder) -> None:
    fhi624(job)
    fee = ChargeLine("Cancellation", D("100.00"), tax_name="Sales tax", tax_percent=D("8.25"))

    cancel(job, Plan(FEE, REFUND, "Called off", fee))

    assert settled(job).services == D("108.25")


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "field"),
    [
        (plan(reason="  "), "reason"),
        (plan(reason="x" * 501), "reason"),
        (plan(fee="0.00"), "amount"),
        (plan(fee="-5.00"), "amount"),
        (plan(fee="1.001"), "amount"),
        (Plan(FEE, REFUND, "Called off"), "description"),
        (Plan(FEE, REFUND, "Called off", ChargeLine(" ", D("5.00"))), "description"),
    ],
)
def test_a_plan_that_cannot_stand_is_refused_and_nothing_happens(
    how: Plan, field: str, job: WorkOrder
) -> None:
    fhi624(job)

    with pytest.raises(ValidationError) as refused:
        cancelling.cancel_job(job.brand, job.pk, how, expected=None)

    job.refresh_from_db()
    assert list(refused.value.message_dict) == [field]
    assert (job.status, Refund.objects.count(), figures_now(job)[0]) == ("confirmed", 0, "340.52")


def test_a_cancelled_job_is_not_cancelled_again(job: WorkOrder) -> None:
    cancel(job, plan(NOTHING))

    with pytest.raises(ValidationError, match="cancelled already"):
        cancelling.cancel_job(job.brand, job.pk, plan(), expected=None)


def test_what_changed_since_the_preview_is_shown_anew(job: WorkOrder) -> None:
    payment = fhi624(job)
    shown = cancelling.preview(job, plan())
    queue_refund(payment, D("100.00"), reason="Goodwill", by="Billing")

    with pytest.raises(Outdated) as refused:
        cancelling.cancel_job(job.brand, job.pk, plan(), expected=shown.fingerprint)

    assert refused.value.preview.refunded == D("107.64")
    assert Refund.objects.count() == 1


def test_another_brands_job_does_not_exist(job: WorkOrder) -> None:
    with pytest.raises(WorkOrder.DoesNotExist):
        cancelling.cancel_job(BrandFactory(), job.pk, plan(), expected=None)
