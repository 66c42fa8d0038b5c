"""Cancelling a job whose bill a credit note lowers: nobody gets that amount a second time."""

from decimal import Decimal

import pytest
from django.test import Client as Browser

from accounts.models import Role
from invoicing.domain import client_credit
from invoicing.domain.issuing import Notes
from invoicing.models import ClientCredit, Invoice
from payments.cancelling.preview import Plan, Remains
from payments.refunds.preview import Owes, refund
from tests.factories import MembershipFactory
from tests.html import one_line
from tests.invoicing import issued_invoices as bills
from tests.payments.cancelled_jobs import NOTHING, REFUND, cancel, confirmed, fee_of, settled
from tests.payments.refunds.test_preview import cash
from tests.payments.views.test_cancel import answers, page
from workorders.models import WorkOrder

D = Decimal


def lowered(job: WorkOrder) -> ClientCredit:
    """Paid 329.00, of which 100.00 went back with its note: 229.00 are paid and held."""
    confirmed(job, "329.00")
    row = cash(job, "329.00")
    refund(row, job, D("100.00"), owes=Owes.LESS, reason="Radon was not done", by="Ana")
    return ClientCredit.objects.get()


def called_off(job: WorkOrder, notes: Notes, fee: str = "") -> None:
    remains = Remains.FEE if fee else NOTHING
    cancel(job, Plan(remains, REFUND, "Called off", fee_of(fee) if fee else None, notes))


def what_is_left(credit: ClientCredit) -> tuple[str, Decimal]:
    """The note's status, and what the client may still use."""
    credit.refresh_from_db()
    note = Invoice.objects.get(pk=bills.credit_note_of(credit))
    return str(note.status), client_credit.left_of(credit)


@pytest.mark.parametrize(
    ("notes", "left"), [(Notes.VOID, ("void", D(0))), (Notes.KEEP, ("issued", D("100.00")))]
)
def test_a_note_of_the_bill_that_is_gone(
    notes: Notes, left: tuple[str, Decimal], job: WorkOrder
) -> None:
    credit = lowered(job)

    called_off(job, notes)

    assert what_is_left(credit) == left
    it = settled(job)
    assert (it.received, it.refunded, it.balance) == (D("329.00"), D("329.00"), D("0.00"))


def test_a_note_that_is_still_needed_in_part_stays(job: WorkOrder) -> None:
    credit = lowered(job)

    called_off(job, Notes.VOID, fee="60.00")

    assert what_is_left(credit) == ("issued", D("40.00"))
    assert settled(job).balance == D("0.00")


def test_a_note_from_another_bill_is_the_clients_again(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    credit = bills.credit(bills.bill(job.client, "100.00"), "60.00")
    invoice = Invoice.objects.get(work_order=job)
    client_credit.apply_credit(job.brand, credit.pk, invoice.pk, D("60.00"))

    called_off(job, Notes.VOID)

    assert what_is_left(credit) == ("issued", D("60.00"))


def test_the_page_asks_and_shows_it(job: WorkOrder) -> None:
    credit = lowered(job)
    billing = Browser()
    billing.force_login(MembershipFactory(brand=job.brand, role=Role.BILLING).user)
    asked = answers(notes="void")

    questions = one_line(billing.get(page()).content.decode())
    shown = billing.post(page(), asked)
    expected = shown.context["preview"].fingerprint
    billing.post(page(), asked | {"step": "confirm", "expected": expected})

    assert "What if the bill does not need CM-000001, $100.00, any more?" in questions
    assert "CM-000001 is voided: what it lowered is not billed any more" in shown.content.decode()
    assert what_is_left(credit) == ("void", D(0))


def test_a_csr_is_not_asked(job: WorkOrder) -> None:
    lowered(job)
    csr = Browser()
    csr.force_login(MembershipFactory(brand=job.brand, role=Role.CSR).user)

    assert "notes" not in csr.get(page()).context["form"].fields
