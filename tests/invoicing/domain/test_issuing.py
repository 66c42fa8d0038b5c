"""Issue by hand, bill again, bill separately, void, change a due date; and who is refused why."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Brand
from invoicing.domain import client_credit, issuing
from invoicing.models import ClientCredit, Invoice
from tests.factories import BrandFactory, WorkOrderFactory
from tests.invoicing.billed_jobs import (
    D,
    add,
    back,
    billed,
    charge,
    confirm,
    figures,
    invoices,
    line,
    paid,
    post,
)
from workorders.domain.charges import charges_fingerprint
from workorders.models import WorkOrder


def void(invoice: Invoice, reason: str = "Wrong client") -> Invoice:
    return issuing.void_invoice(invoice.brand, invoice.pk, reason=reason)


# --- issue ----------------------------------------------------------------------------------------


def test_a_pending_job_is_billed_by_hand(job: WorkOrder, brand: Brand) -> None:
    charge(job, line("329.00"))

    invoice = issuing.issue_bill(brand, job.pk)

    assert (invoice.number, invoice.status) == ("FHI624", "issued")
    confirm(job)
    assert invoices(job) == {"FHI624": "issued"}


def test_nothing_is_billed_twice(job: WorkOrder, brand: Brand) -> None:
    billed(job, "329.00")

    with pytest.raises(ValidationError) as refused:
        issuing.issue_bill(brand, job.pk)

    assert set(refused.value.message_dict) == {"charges"}


def test_another_brands_documents_do_not_exist(job: WorkOrder) -> None:
    invoice = billed(job, "329.00")
    other = BrandFactory()

    with pytest.raises(WorkOrder.DoesNotExist):
        issuing.issue_bill(other, job.pk)
    with pytest.raises(Invoice.DoesNotExist):
        issuing.void_invoice(other, invoice.pk, reason="Mine now")
    assert invoice.due_on is not None
    with pytest.raises(Invoice.DoesNotExist):
        issuing.set_due_date(other, invoice.pk, invoice.due_on, reason="Mine now")


# --- separately -----------------------------------------------------------------------------------


def test_extra_work_gets_an_invoice_of_its_own(job: WorkOrder, brand: Brand) -> None:
    first = billed(job, "329.00")

    draft = issuing.bill_separately(brand, job.pk, [line("100", "Radon")])

    assert (draft.number, draft.status) == ("FHI624-2", "draft")
    assert first.revisions.count() == 1
    assert [c.description for c in job.charges.all()] == ["Inspection", "Radon"]
    # Whatever else comes joins the draft: the issued bill is left alone.
    add(job, line("20", "Mold"))
    assert issuing.issue_bill(brand, job.pk).revisions.get().services_total == D("120")
    assert figures(job)[0] == "449.00"


def test_on_a_job_without_a_bill_they_are_its_first(job: WorkOrder, brand: Brand) -> None:
    assert issuing.bill_separately(brand, job.pk, [line("329.00")]).status == "draft"

    other = WorkOrderFactory(brand=brand, number="FHI625")
    confirm(other)
    assert issuing.bill_separately(brand, other.pk, [line("329.00")]).status == "issued"


def test_billing_nothing_separately_leaves_nothing_behind(job: WorkOrder, brand: Brand) -> None:
    billed(job, "329.00")
    seen = charges_fingerprint(list(job.charges.all()))
    (old,) = job.charges.all()

    for lines, expected in (
        ([], seen),
        ([line("1", charge=old)], seen),
        ([line("1", "")], seen),
        ([line("1")], "outdated"),
        ([line("-500")], seen),
    ):
        with pytest.raises(ValidationError):
            issuing.bill_separately(brand, job.pk, lines, expected=expected)

    assert invoices(job) == {"FHI624": "issued"}
    assert job.charges.count() == 1


# --- due date -------------------------------------------------------------------------------------


def test_a_client_gets_more_time(job: WorkOrder, brand: Brand) -> None:
    invoice = billed(job, "329.00")
    assert invoice.due_on is not None
    later = invoice.due_on + timedelta(days=30)

    issuing.set_due_date(brand, invoice.pk, later, reason="Closing moved")

    invoice.refresh_from_db()
    assert (invoice.due_on, invoice.reason) == (later, "Closing moved")


@pytest.mark.parametrize(
    ("days", "reason", "named"), [(5, " ", "reason"), (-1, "Sooner", "due_on"), (0, "x", "due_on")]
)
def test_a_due_date_that_cannot_be(
    days: int, reason: str, named: str, job: WorkOrder, brand: Brand
) -> None:
    invoice = billed(job, "329.00")
    assert invoice.due_on is not None

    with pytest.raises(ValidationError) as refused:
        issuing.set_due_date(
            brand, invoice.pk, invoice.due_on + timedelta(days=days), reason=reason
        )

    assert set(refused.value.message_dict) == {named}


def test_a_draft_and_a_void_invoice_are_not_due(job: WorkOrder, brand: Brand) -> None:
    charge(job, line("329.00"))
    invoice = Invoice.objects.get()
    day = invoice.happened_at.date() + timedelta(days=30)

    with pytest.raises(ValidationError, match="Issue it first"):
        issuing.set_due_date(brand, invoice.pk, day, reason="More time")
    void(issuing.issue_bill(brand, job.pk))
    with pytest.raises(ValidationError, match="is void"):
        issuing.set_due_date(brand, invoice.pk, day, reason="More time")


# --- void -----------------------------------------------------------------------------------------


def test_a_void_needs_a_reason(job: WorkOrder) -> None:
    invoice = billed(job, "329.00")

    with pytest.raises(ValidationError) as refused:
        void(invoice, " ")

    assert set(refused.value.message_dict) == {"reason"}
    void(invoice)
    assert invoices(job) == {"FHI624": "void"}
    assert figures(job) == ("0.00", "0.00", "0.00", "0.00", "Void")


def test_void_is_refused_while_money_is_held_with_the_way_out(job: WorkOrder) -> None:
    invoice = billed(job, "329.00")
    post(job, paid("10.00"))

    with pytest.raises(ValidationError, match=r"\$10\.00 is held on it\. Refund that first"):
        void(invoice)

    assert invoices(job) == {"FHI624": "issued"}


def test_refunded_money_does_not_prevent_a_void(job: WorkOrder) -> None:
    invoice = billed(job, "329.00")
    post(job, paid("329.00", "11.52"), back("329.00", "11.52"), expected="11.52")

    void(invoice)

    assert figures(job)[3:] == ("0.00", "Void")


def test_a_fee_kept_alone_is_money_held(job: WorkOrder) -> None:
    invoice = billed(job, "329.00")
    post(job, paid("329.00", "11.52"), back("329.00", "0.00"), expected="11.52")

    with pytest.raises(ValidationError, match=r"\$11\.52 is held"):
        void(invoice)


def test_legs_that_cancel_out_only_in_sum_are_refused(job: WorkOrder) -> None:
    invoice = billed(job, "329.00")
    post(job, paid("329.00", "11.52"), back("340.52", "0.00"), expected="11.52")

    with pytest.raises(ValidationError, match="does not match"):
        void(invoice)


@pytest.mark.parametrize("refund", [True, False])
def test_void_is_refused_while_money_is_on_its_way(refund: bool, job: WorkOrder) -> None:
    invoice = billed(job, "329.00")
    if refund:
        post(job, paid("329.00"), back("329.00", in_flight=True))
    else:
        post(job, paid("329.00", in_flight=True))

    with pytest.raises(ValidationError, match="on its way"):
        void(invoice)


def test_void_is_refused_for_what_is_none(job: WorkOrder, brand: Brand) -> None:
    charge(job, line("329.00"))
    with pytest.raises(ValidationError, match="draft is not issued yet"):
        void(Invoice.objects.get())

    invoice = issuing.issue_bill(brand, job.pk)
    void(invoice)
    with pytest.raises(ValidationError, match="void already"):
        void(invoice)


def test_a_void_invoice_gives_its_credits_back_to_the_client(job: WorkOrder, brand: Brand) -> None:
    invoice = billed(job, "329.00")
    credit = ClientCredit.objects.create(
        brand=brand,
        client=job.client,
        kind="prepayment",
        amount=D("300"),
        label="Check 1234",
        happened_at=job.happened_at,
    )
    client_credit.apply_credit(brand, credit.pk, invoice.pk, D("200"))
    client_credit.apply_credit(brand, credit.pk, invoice.pk, D("50"))
    assert figures(job)[3] == "79.00"

    void(invoice)

    credit.refresh_from_db()
    assert client_credit.left_of(credit) == D("300")
    assert figures(job)[3:] == ("0.00", "Void")
    again = issuing.issue_bill(brand, job.pk)
    client_credit.apply_credit(brand, credit.pk, again.pk, D("300"))
    assert figures(job)[3] == "29.00"


def test_an_overpayment_that_left_as_credit_must_come_back_first(
    job: WorkOrder, brand: Brand
) -> None:
    """Nothing is held net, and yet the client has a credit that the invoice gave."""
    invoice = billed(job, "329.00")
    post(job, paid("400.00"))
    credit = client_credit.keep_as_credit(brand, invoice.pk, D("71.00"))
    other = billed(WorkOrderFactory(brand=brand, client=job.client), "71.00")
    client_credit.apply_credit(brand, credit.pk, other.pk, D("71.00"))
    post(job, paid("400.00"), back("400.00"))

    with pytest.raises(ValidationError, match="client’s credit"):
        void(invoice)
