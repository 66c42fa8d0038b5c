"""The pages of refunds, as a billing clerk uses them."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand, Role
from core import moments
from core.refusal import field_of
from invoicing.domain import issuing
from invoicing.models import ClientCredit, Invoice, InvoiceKind
from invoicing.queries.settlements import job_settlement
from payments.domain import record
from payments.models import Method, Payment, Refund
from payments.refunds import preview
from payments.refunds.preview import Changed, Owes
from payments.refunds.verbs import queue_refund
from tests.factories import BrandFactory, MembershipFactory, WorkOrderFactory
from tests.html import one_line
from tests.payments.cancelled_jobs import confirmed, fhi624, paid
from tests.payments.conftest import together
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import WorkOrder

D = Decimal


@pytest.fixture
def billing(brand: Brand) -> Browser:
    client = Browser()
    client.force_login(MembershipFactory(brand=brand, role=Role.BILLING).user)
    return client


def page(name: str = "refund_new", *args: Any) -> str:
    return reverse(name, args=["fhi", *(args or ("FHI624-P-1",))])


def figures(job: WorkOrder) -> tuple[str, ...]:
    """(billed, credits, received, refunded, balance)"""
    it = job_settlement(job).whole
    return tuple(map(str, (it.billed, it.credits, it.received, it.refunded, it.balance)))


def filled(services: str = "100.00", **rest: str) -> dict[str, str]:
    return {"services": services, "how": "queue", "reason": "Radon was not done", **rest}


def confirm(billing: Browser, form: dict[str, str]) -> Any:
    shown = billing.post(page(), form)
    return billing.post(page(), form | {"shown": shown.context["preview"].fingerprint})


# --- the question -----------------------------------------------------------------------------


def test_a_refund_that_leaves_the_services_due(billing: Browser, job: WorkOrder) -> None:
    fhi624(job)

    shown = billing.post(page(), filled(owes="again"))
    nothing_yet = Refund.objects.exists()
    answer = confirm(billing, filled(owes="again"))

    refund = Refund.objects.get()
    message = str(next(iter(billing.get(answer["Location"]).context["messages"])))
    assert "Refund $103.50" in shown.content.decode()
    assert not nothing_yet
    assert (refund.services_amount, refund.fee_amount, refund.status) == (
        D("100.00"),
        D("3.50"),
        "queued",
    )
    assert figures(job) == ("337.02", "0.00", "340.52", "103.50", "100.00")
    assert message == (
        "$103.50 is queued to go back to Visa •4242. FHI624: balance $100.00, partly paid."
    )


def test_owes_less_gets_a_credit_note_in_the_same_breath(billing: Browser, job: WorkOrder) -> None:
    fhi624(job)

    confirm(billing, filled(owes="less"))

    note = Invoice.objects.get(kind=InvoiceKind.CREDIT_NOTE)
    credit = ClientCredit.objects.get()
    assert (note.status, note.number, note.reason) == (
        "issued",
        "CM-000001",
        "Radon was not done",
    )
    assert (credit.amount, credit.used) == (D("100.00"), D("100.00"))
    assert figures(job) == ("337.02", "100.00", "340.52", "103.50", "0.00")


def test_a_surplus_is_simply_returned(billing: Browser, job: WorkOrder) -> None:
    fhi624(job)
    replace_charges(job.brand, job.pk, [ChargeLine("Fee", D("125.00"))], reason="Cancelled")

    asked = billing.get(page())
    answer = billing.post(page(), filled("204.00", shown=asked.context["preview"].fingerprint))

    html = asked.content.decode()
    assert 'value="204.00"' in html
    assert "Refund $211.14" in html
    assert "owes" not in asked.context["form"].fields
    assert answer.status_code == 302
    assert figures(job) == ("129.38", "0.00", "340.52", "211.14", "0.00")


def test_beyond_the_surplus_only_the_rest_is_asked_about(job: WorkOrder) -> None:
    payment = fhi624(job)
    replace_charges(job.brand, job.pk, [ChargeLine("Fee", D("125.00"))], reason="Cancelled")

    shown_before = preview.preview_refund(payment, job, D("250.00"))
    preview.refund(payment, job, D("250.00"), owes=Owes.LESS, reason="Goodwill", by="Ana")

    assert shown_before.asks == D("46.00")
    assert shown_before.after[Owes.LESS].balance == 0
    assert shown_before.after[Owes.AGAIN].balance == D("46.00")
    assert ClientCredit.objects.get().amount == D("46.00")
    assert job_settlement(job).whole.balance == 0


def test_the_question_must_be_answered(billing: Browser, job: WorkOrder) -> None:
    payment = fhi624(job)

    shown = billing.post(page(), filled())
    with pytest.raises(ValidationError) as refused:
        preview.refund(payment, job, D("100.00"), owes=None, reason="Why not", by="Ana")

    assert list(shown.context["form"].errors) == ["owes"]
    assert field_of(refused.value) == "owes"
    assert not Refund.objects.exists()


def test_taxed_bills_are_credited_with_their_tax(job: WorkOrder) -> None:
    line = ChargeLine("Inspection", D("200.00"), tax_name="Sales tax", tax_percent=D("8.25"))
    replace_charges(job.brand, job.pk, [line])
    issuing.issue_bill(job.brand, job.pk)
    payment = paid(job, "216.50", "0.00")

    preview.refund(payment, job, D("50.00"), owes=Owes.LESS, reason="Late", by="Ana")

    assert figures(job) == ("216.50", "50.00", "216.50", "50.00", "0.00")


def test_nothing_stays_of_a_refund_whose_credit_note_is_refused(job: WorkOrder) -> None:
    payment = fhi624(job)
    preview.refund(payment, job, D("300.00"), owes=Owes.LESS, reason="Half", by="Ana")
    more = paid(job, "100.00", "0.00")
    replace_charges(job.brand, job.pk, [ChargeLine("Other", D("400.00"))], reason="More")

    with pytest.raises(ValidationError) as refused:
        preview.refund(more, job, D("100.00"), owes=Owes.LESS, reason="x" * 501, by="Ana")

    assert field_of(refused.value) == "reason"
    assert Refund.objects.count() == 1


def test_the_share_of_one_job_goes_back(billing: Browser, job: WorkOrder) -> None:
    other: WorkOrder = WorkOrderFactory(brand=job.brand, client=job.client, number="FHI625")
    for one in (job, other):
        confirmed(one, "300.00")
    check = record.Manual(method=Method.CHECK, reference="9")
    shares = [(job, D("300.00")), (other, D("300.00"))]
    payment = record.record_check_over(job.brand, shares, check, by="Ana", total=D("600.00"))
    record.confirm(payment, by="Ana")

    confirm(billing, filled(owes="again", job=str(other.pk)))

    assert (figures(job)[3], figures(other)[3]) == ("0.00", "100.00")


def test_money_that_is_all_fee_goes_back_as_fee(billing: Browser, job: WorkOrder) -> None:
    confirmed(job, "500.00")
    paid(job, "500.00", "0.00", fee_expected=D("17.95"), uncollected="bill", funding="credit")
    paid(job, "17.95", "17.95", method="check", uncollected="absorb")
    url = page("refund_new", "FHI624-P-2")

    asked = billing.get(url)
    form = {"how": "queue", "reason": "Waived after all", "services": ""}
    answer = billing.post(url, form | {"shown": asked.context["preview"].fingerprint})

    refund = Refund.objects.get()
    assert "technology fee only" in one_line(asked.content.decode())
    assert answer.status_code == 302
    assert (refund.services_amount, refund.fee_amount) == (D(0), D("17.95"))


# --- the form ---------------------------------------------------------------------------------


def test_done_at_the_provider_is_completed_with_its_reference(
    billing: Browser, job: WorkOrder
) -> None:
    fhi624(job)
    done = {
        "how": "done",
        "reference": "re_123",
        "done_on": moments.today("America/Boise").isoformat(),
    }

    confirm(billing, filled(owes="again", **done))

    refund = Refund.objects.get()
    assert (refund.status, refund.provider_refund_id) == ("completed", "re_123")
    assert refund.completed_at is not None


def test_another_amount_than_was_shown_is_shown_first(billing: Browser, job: WorkOrder) -> None:
    fhi624(job)
    shown = billing.get(page()).context["preview"].fingerprint

    answer = billing.post(page(), filled("50.00", owes="again", shown=shown))

    html = answer.content.decode()
    assert "Nothing has gone back yet" in html
    assert "Refund $51.75" in html
    assert not Refund.objects.exists()


def test_while_it_is_typed_the_sum_follows(billing: Browser, job: WorkOrder) -> None:
    fhi624(job)
    typing = {"HX-Request": "true"}

    answer = billing.post(page(), {"services": "50.00"}, headers=typing)
    wrong = billing.post(page(), {"services": "9999"}, headers=typing)

    html = answer.content.decode()
    assert "Refund $51.75" in html
    assert "<html" not in html
    assert "field-error" not in html
    assert "At most $329.00 of services can be refunded." in wrong.content.decode()
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"services": "0"}, "services"),
        ({"services": "-1"}, "services"),
        ({"services": "329.01"}, "services"),
        ({"services": "1.005"}, "services"),
        ({"services": ""}, "services"),
        ({"reason": ""}, "reason"),
        ({"how": "magic"}, "how"),
        ({"how": "done"}, "reference"),
        ({"how": "done", "reference": "re_1"}, "done_on"),
        ({"owes": "maybe"}, "owes"),
    ],
)
def test_an_error_is_shown_at_its_field(
    wrong: dict[str, str], field: str, billing: Browser, job: WorkOrder
) -> None:
    fhi624(job)
    form = filled(owes="again") | wrong
    shown = billing.post(page(), form).context["preview"]

    answer = billing.post(page(), form | {"shown": shown.fingerprint if shown else ""})

    assert field in answer.context["form"].errors
    assert not Refund.objects.exists()


@pytest.mark.parametrize("status", ["pending", "failed", "voided"])
def test_only_received_money_is_refunded(status: str, billing: Browser, job: WorkOrder) -> None:
    confirmed(job, "329.00")
    paid(job, status=status)

    for answer in (billing.get(page()), billing.post(page(), filled(owes="again"))):
        assert "Only money that was received can be refunded." in answer.content.decode()
    assert not Refund.objects.exists()


# --- what becomes of it -----------------------------------------------------------------------


@pytest.fixture
def queued(job: WorkOrder) -> Refund:
    return queue_refund(fhi624(job), D("100.00"), reason="Goodwill", by="Ana")


def test_a_queued_refund_is_done(billing: Browser, queued: Refund, job: WorkOrder) -> None:
    url = page("refund_complete", queued.pk)
    listed = billing.get(reverse("payment", args=["fhi", "FHI624-P-1"])).content.decode()

    today = moments.today("America/Boise").isoformat()
    refused = billing.post(url, {"reference": "", "done_on": today})
    billing.post(url, {"reference": "re_9", "done_on": today})

    queued.refresh_from_db()
    assert url in listed
    assert list(refused.context["form"].errors) == ["reference"]
    assert (queued.status, queued.provider_refund_id) == ("completed", "re_9")


def test_a_refund_that_failed_brings_the_balance_back(
    billing: Browser, queued: Refund, job: WorkOrder
) -> None:
    answer = billing.post(page("refund_fail", queued.pk), {"why": "Account closed"})

    queued.refresh_from_db()
    message = str(next(iter(billing.get(answer["Location"]).context["messages"])))
    assert (queued.status, queued.failure_reason) == ("failed", "Account closed")
    assert figures(job)[3:] == ("0.00", "0.00")
    assert message == (
        "$103.50 did not go back; it counts as received again. FHI624: balance $0.00, paid."
    )


def test_a_queued_refund_is_called_off_once(billing: Browser, queued: Refund) -> None:
    url = page("refund_cancel", queued.pk)

    billing.post(url, {"reason": "Client keeps the appointment"})
    again = billing.get(url).content.decode()

    queued.refresh_from_db()
    assert queued.status == "cancelled"
    assert "This refund is cancelled" in again


# --- two at once ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_people_refund_at_once_and_one_is_asked_again() -> None:
    job: WorkOrder = WorkOrderFactory(brand=BrandFactory())
    payment: Payment = fhi624(job)
    shown = preview.preview_refund(payment, job, D("200.00"))

    def work() -> Refund:
        return preview.refund(
            payment,
            job,
            D("200.00"),
            owes=Owes.LESS,
            reason="Goodwill",
            by="Ana",
            expected=shown.fingerprint,
        )

    answers = together(work, work)

    assert sorted(type(a).__name__ for a in answers) in (
        ["Changed", "Refund"],
        ["Refund", "ValidationError"],
    )
    assert Refund.objects.count() == 1
    assert ClientCredit.objects.get().amount == D("200.00")
    assert issubclass(Changed, ValidationError)
