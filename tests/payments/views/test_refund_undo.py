"""The pages of a refund that does not go out: what becomes of its credit note."""

from decimal import Decimal

from django.test import Client as Browser

from invoicing.domain import client_credit
from invoicing.models import ClientCredit, Invoice, InvoiceKind
from payments.models import Refund
from payments.refunds import preview
from payments.refunds.preview import Owes
from tests.factories import WorkOrderFactory
from tests.html import one_line
from tests.payments.cancelled_jobs import confirmed, fhi624
from tests.payments.views.test_refund import billing as billing
from tests.payments.views.test_refund import page
from workorders.models import WorkOrder

D = Decimal


def owed_less(job: WorkOrder) -> Refund:
    return preview.refund(
        fhi624(job), job, D("100.00"), owes=Owes.LESS, reason="Radon was not done", by="Ana"
    )


def test_calling_off_shows_the_note_that_goes_and_the_balance(
    billing: Browser, job: WorkOrder
) -> None:
    url = page("refund_cancel", owed_less(job).pk)

    shown = one_line(billing.get(url).content.decode())
    answer = billing.post(url, {"reason": "By mistake", "shown": _shown(billing, url)})

    message = str(next(iter(billing.get(answer["Location"]).context["messages"])))
    assert "Credit note CM-000001" in shown
    assert "so it is voided with it" in shown
    assert shown.index("Balance now") < shown.index("Balance afterwards")
    assert message == "The refund of $103.50 is called off. FHI624: balance $0.00, paid."
    assert Invoice.objects.get(kind=InvoiceKind.CREDIT_NOTE).status == "void"


def _shown(billing: Browser, url: str) -> str:
    return str(billing.get(url).context["planned"].fingerprint)


def test_calling_off_does_only_what_was_shown(billing: Browser, job: WorkOrder) -> None:
    refund = owed_less(job)

    answer = billing.post(
        page("refund_cancel", refund.pk), {"reason": "By mistake", "shown": "something else"}
    )

    refund.refresh_from_db()
    assert "Somebody changed this in the meantime" in answer.content.decode()
    assert refund.status == "queued"


def test_calling_off_is_refused_while_the_note_pays_another_bill(
    billing: Browser, job: WorkOrder
) -> None:
    refund, credit = owed_less(job), ClientCredit.objects.get()
    other = confirmed(WorkOrderFactory(brand=job.brand, client=job.client, number="FHI9"), "50.00")
    first = Invoice.objects.get(number="FHI624")
    client_credit.unapply_credit(job.brand, credit.pk, first.pk, reason="Use it there")
    second = Invoice.objects.get(work_order=other)
    client_credit.apply_credit(job.brand, credit.pk, second.pk, D("50.00"))
    url = page("refund_cancel", refund.pk)

    for answer in (billing.get(url), billing.post(url, {"reason": "By mistake"})):
        assert "$50.00 of CM-000001, the credit note of this refund" in answer.content.decode()
    refund.refresh_from_db()
    assert refund.status == "queued"


def test_a_failed_refund_says_that_its_note_stays(billing: Browser, job: WorkOrder) -> None:
    refund = owed_less(job)

    shown = one_line(billing.get(page("refund_fail", refund.pk)).content.decode())
    answer = billing.post(page("refund_fail", refund.pk), {"why": "Account closed"})
    job_page = one_line(billing.get(answer["Location"]).content.decode())

    assert "It stays: the client owes less by that." in shown
    assert "-$100.00" in shown or "−$100.00" in shown
    assert "CM-000001 stays: the client owes less, so the money is still theirs." in job_page
