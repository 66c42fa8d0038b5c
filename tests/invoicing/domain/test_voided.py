"""Voids and credits whose money went away: no credit from nothing, nothing billed by itself."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import Brand, Role
from invoicing.domain import client_credit, issuing
from invoicing.models import ClientCredit, Invoice, JobBalance
from invoicing.queries import settlements
from invoicing.settlement.types import Word
from payments.domain import record
from tests.factories import WorkOrderFactory
from tests.invoicing.billed_items import bill, cash, give_back
from tests.invoicing.billed_jobs import D, add, charge, figures, invoices, line
from tests.invoicing.browsing import SignIn
from workorders.models import WorkOrder


def void(invoice: Invoice) -> Invoice:
    return issuing.void_invoice(invoice.brand, invoice.pk, reason="Wrong client")


def left(credit: ClientCredit) -> str:
    credit.refresh_from_db()
    return f"{client_credit.left_of(credit):.2f}"


def balance_and_word(job: WorkOrder) -> tuple[str, str]:
    """Balance and word of the whole job, the rollup agreeing."""
    whole = settlements.job_settlement(job).whole
    assert JobBalance.objects.get(work_order=job).balance == whole.balance
    return f"{whole.balance:.2f}", whole.word.value


def test_a_refunded_overpayment_is_no_credit_after_the_void(job: WorkOrder) -> None:
    invoice = bill(job, "329.00")
    payment = cash(job, "429.00")
    credit = client_credit.keep_as_credit(job.brand, invoice.pk, D("100.00"))
    client_credit.apply_credit(job.brand, credit.pk, invoice.pk, D("100.00"))
    give_back(payment, "429.00")

    void(invoice)

    assert left(credit) == "0.00"
    assert balance_and_word(job) == ("0.00", Word.VOID.value)


def test_credit_from_an_overpayment_goes_when_its_payment_bounces(job: WorkOrder) -> None:
    invoice = bill(job, "329.00")
    payment = cash(job, "429.00")
    credit = client_credit.keep_as_credit(job.brand, invoice.pk, D("100.00"))

    record.void(payment, reason="Bounced")

    assert left(credit) == "0.00"
    assert balance_and_word(job) == ("329.00", Word.DUE.value)
    with pytest.raises(ValidationError, match="was refunded"):
        client_credit.unapply_credit(job.brand, credit.pk, invoice.pk, reason="Mine")


def test_no_more_of_it_goes_than_what_left(job: WorkOrder) -> None:
    """A bill that grew is due while the client keeps a credit: that was so on purpose."""
    invoice = bill(job, "329.00")
    payment = cash(job, "429.00")
    credit = client_credit.keep_as_credit(job.brand, invoice.pk, D("100.00"))
    add(job, line("50.00", "Mold"), reason="Found on site")
    assert (left(credit), balance_and_word(job)[0]) == ("100.00", "50.00")

    give_back(payment, "10.00")

    assert (left(credit), balance_and_word(job)[0]) == ("90.00", "50.00")


def test_what_was_used_elsewhere_stays_used_until_it_is_taken_off(job: WorkOrder) -> None:
    invoice = bill(job, "329.00")
    payment = cash(job, "429.00")
    credit = client_credit.keep_as_credit(job.brand, invoice.pk, D("100.00"))
    other = WorkOrderFactory(brand=job.brand, client=job.client)
    target = bill(other, "100.00")
    client_credit.apply_credit(job.brand, credit.pk, target.pk, D("100.00"))
    record.void(payment, reason="Bounced")
    assert (balance_and_word(job)[0], balance_and_word(other)[0]) == ("429.00", "0.00")

    client_credit.unapply_credit(job.brand, credit.pk, target.pk, reason="The money went back")

    assert left(credit) == "0.00"
    assert (balance_and_word(job)[0], balance_and_word(other)[0]) == ("329.00", "100.00")


def test_money_for_a_void_invoice_is_somebodys_task(job: WorkOrder, sign_in: SignIn) -> None:
    void(bill(job, "100.00"))
    csr, page = sign_in(Role.CSR), reverse("work_order", args=[job.brand.slug, job.number])
    assert b"money on a void invoice" not in csr.get(page).content

    payment = cash(job, "100.00")

    assert "$100.00 for FHI624, now the client’s credit." in csr.get(page).content.decode()
    give_back(payment, "100.00")
    assert b"money on a void invoice" not in csr.get(page).content


@pytest.mark.parametrize("by_void", [True, False])
def test_a_void_invoice_is_void_again_once_its_credit_is_free(
    by_void: bool, job: WorkOrder
) -> None:
    void(bill(job, "100.00"))
    payment = cash(job, "100.00")
    credit = ClientCredit.objects.get()
    other = WorkOrderFactory(brand=job.brand, client=job.client)
    target = bill(other, "100.00")
    client_credit.apply_credit(job.brand, credit.pk, target.pk, D("100.00"))
    give_back(payment, "100.00")
    assert balance_and_word(job)[0] == "100.00"

    if by_void:
        void(target)
    else:
        client_credit.unapply_credit(job.brand, credit.pk, target.pk, reason="The money went back")

    assert left(credit) == "0.00"
    assert balance_and_word(job) == ("0.00", Word.VOID.value)


def test_a_voided_charge_is_not_billed_by_itself(job: WorkOrder, brand: Brand) -> None:
    bill(job, "300.00")
    issuing.bill_separately(brand, job.pk, [line("100.00", "B")])
    void(issuing.issue_bill(brand, job.pk))

    draft = issuing.bill_separately(brand, job.pk, [line("40.00", "C")])

    documents = settlements.job_settlement(job).documents
    assert [(d.invoice.pk, f"{d.settlement.billed:.2f}") for d in documents][2:] == [
        (draft.pk, "40.00")
    ]
    assert issuing.issue_bill(brand, job.pk).revisions.get().services_total == D("40")
    assert figures(job)[0] == "340.00"
    # Asked for once more, without a draft, it is what was voided.
    assert issuing.issue_bill(brand, job.pk).revisions.get().services_total == D("100")
    assert invoices(job)["FHI624-4"] == "issued"


@pytest.mark.parametrize("drafted", [False, True])
def test_no_draft_lowers_a_job(drafted: bool, job: WorkOrder, brand: Brand) -> None:
    bill(job, "300.00")
    if drafted:
        issuing.bill_separately(brand, job.pk, [line("20.00", "Radon")])
    before = figures(job)

    with pytest.raises(ValidationError) as refused:
        issuing.bill_separately(brand, job.pk, [line("-50.00", "Discount")])

    assert "credit note" in refused.value.message_dict["charges"][0]
    assert figures(job) == before
    if drafted:
        charges = list(job.charges.all())
        with pytest.raises(ValidationError, match="credit note"):
            charge(
                job,
                line("300.00", charges[0].description, charges[0]),
                line("-20.00", charges[1].description, charges[1]),
            )
