"""The pages that cancel a job, as a CSR on the phone and a billing clerk use them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand, Role
from core import clock
from invoicing.models import ClientCredit
from invoicing.queries.settlements import job_settlement
from payments.models import Refund
from payments.refunds.verbs import queue_refund
from tests.factories import MembershipFactory, ServiceFactory, TaxRateFactory
from tests.payments.cancelled_jobs import charged, confirmed, fhi624
from workorders.domain import jobs
from workorders.models import Service, WorkOrder

D = Decimal


def browser(brand: Brand, role: Role) -> Browser:
    client = Browser()
    client.force_login(MembershipFactory(brand=brand, role=role).user)
    return client


@pytest.fixture
def csr(brand: Brand) -> Browser:
    return browser(brand, Role.CSR)


@pytest.fixture
def billing(brand: Brand) -> Browser:
    return browser(brand, Role.BILLING)


@pytest.fixture
def service(brand: Brand) -> Service:
    cancellation: Service = ServiceFactory(
        brand=brand,
        name="Same Day Cancelation - HI NOT Done",
        service_type="cancellation",
        default_price=D("125.00"),
    )
    return cancellation


def page() -> str:
    return reverse("job_cancel", args=["fhi", "FHI624"])


def answers(service: Service | None = None, **rest: str) -> dict[str, Any]:
    fee = {"remains": "fee", "service": str(service.pk)} if service else {"remains": "nothing"}
    return {"step": "look", "money": "refund", "reason": "Called off", **fee, **rest}


def confirm(user: Browser, asked: dict[str, Any]) -> Any:
    """Look, then press the button that was shown."""
    shown = user.post(page(), asked)
    expected = shown.context["preview"].fingerprint
    return user.post(page(), asked | {"step": "confirm", "expected": expected})


def test_fhi624_from_question_to_button(billing: Browser, job: WorkOrder, service: Service) -> None:
    fhi624(job)

    asked = billing.get(page()).content.decode()
    shown = billing.post(page(), answers(service))
    html = shown.content.decode()
    nothing_yet = Refund.objects.exists()
    answer = confirm(billing, answers(service))

    job.refresh_from_db()
    message = str(next(iter(billing.get(answer["Location"]).context["messages"])))
    assert "Same Day Cancelation - HI NOT Done · $125.00" in asked
    assert "Cancel FHI624, bill $125.00, refund $211.14" in html
    assert "services $204.00 + technology fee $7.14" in html
    assert not nothing_yet
    assert answer["Location"] == reverse("work_order", args=["fhi", "FHI624"])
    assert message == ("FHI624 is cancelled. $211.14 is queued to go back. Balance $0.00, paid.")
    assert (job.status, job_settlement(job).whole.billed) == ("cancelled", D("129.38"))
    charge = job.charges.get()
    assert (charge.service, charge.description) == (service, service.name)


def test_a_bare_job_is_cancelled_in_one_step(csr: Browser, job: WorkOrder) -> None:
    asked = csr.get(page()).content.decode()
    refused = csr.post(page(), {"step": "look", "remains": "nothing", "reason": ""})
    answer = csr.post(page(), {"step": "look", "remains": "nothing", "reason": "Wrong number"})

    job.refresh_from_db()
    assert "Nothing is billed on this job" in asked
    assert refused.context["form"].errors == {"reason": ["This field is required."]}
    assert answer.status_code == 302
    assert (job.status, job.reason) == ("cancelled", "Wrong number")


def test_a_csr_cancels_and_leaves_the_money_for_billing(
    csr: Browser, job: WorkOrder, service: Service
) -> None:
    fhi624(job)

    asked = csr.get(page()).content.decode()
    refused = csr.post(page(), answers(service, money="refund"))
    confirm(csr, answers(service, money="keep"))

    job.refresh_from_db()
    assert "Only Billing can refund it or keep it as credit" in asked
    assert list(refused.context["form"].errors) == ["money"]
    assert not Refund.objects.exists()
    assert (job.status, job_settlement(job).whole.balance) == ("cancelled", D("-204.00"))


def test_a_csr_cannot_confirm_a_refund_that_billing_looked_at(
    csr: Browser, billing: Browser, job: WorkOrder, service: Service
) -> None:
    fhi624(job)
    expected = billing.post(page(), answers(service)).context["preview"].fingerprint

    csr.post(page(), answers(service) | {"step": "confirm", "expected": expected})

    job.refresh_from_db()
    assert (job.status, Refund.objects.count()) == ("confirmed", 0)


def test_money_becomes_credit(billing: Browser, job: WorkOrder) -> None:
    fhi624(job)

    html = billing.post(page(), answers(money="credit")).content.decode()
    confirm(billing, answers(money="credit"))

    assert "bill nothing, keep $329.00 as credit" in html
    assert ClientCredit.objects.get().amount == D("329.00")


def test_somebody_else_was_faster_and_it_is_shown_anew(
    billing: Browser, job: WorkOrder, service: Service
) -> None:
    payment = fhi624(job)
    expected = billing.post(page(), answers(service)).context["preview"].fingerprint
    queue_refund(payment, D("100.00"), reason="Goodwill", by="Ana")

    answer = billing.post(page(), answers(service) | {"step": "confirm", "expected": expected})

    job.refresh_from_db()
    html = answer.content.decode()
    assert "Somebody changed this in the meantime" in html
    assert "refund $107.64" in html
    assert (job.status, Refund.objects.count()) == ("confirmed", 1)


def test_a_confirmation_without_a_preview_shows_it(
    billing: Browser, job: WorkOrder, service: Service
) -> None:
    fhi624(job)

    answer = billing.post(page(), answers(service) | {"step": "confirm"})

    job.refresh_from_db()
    assert (answer.context["preview"].refunded, job.status) == (D("211.14"), "confirmed")


def test_changing_the_answers_keeps_them(
    billing: Browser, job: WorkOrder, service: Service
) -> None:
    fhi624(job)

    html = billing.post(page(), answers(service, amount="99.00") | {"step": "change"})

    form = html.context["form"]
    assert (form["amount"].value(), form["reason"].value()) == ("99.00", "Called off")
    assert not form.errors


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": "12.345"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"service": "", "amount": "5"}, "description"),
        ({"service": "", "description": "Trip fee"}, "amount"),
        ({"service": "999999"}, "service"),
        ({"remains": "all of it"}, "remains"),
        ({"money": "burn"}, "money"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_an_error_is_shown_at_its_field(
    wrong: dict[str, str], field: str, billing: Browser, job: WorkOrder, service: Service
) -> None:
    fhi624(job)

    answer = billing.post(page(), answers(service) | wrong)

    job.refresh_from_db()
    assert field in answer.context["form"].errors
    assert job.status == "confirmed"


def test_a_service_brings_its_tax(billing: Browser, job: WorkOrder, service: Service) -> None:
    charged(job, "329.00")
    service.tax_rate = TaxRateFactory(brand=job.brand, percent=D("8.25"))
    service.save()

    html = billing.post(page(), answers(service)).content.decode()

    assert "Cancel FHI624, bill $135.31" in html


def test_a_published_job_stays_published_and_likely_bills_a_fee(
    csr: Browser, job: WorkOrder, service: Service
) -> None:
    confirmed(job, "329.00")
    jobs.set_published(job.brand, job.pk, published=True)

    asked = csr.get(page())

    assert "The report is published and stays published" in asked.content.decode()
    assert asked.context["form"]["remains"].value() == "fee"


def test_a_job_whose_day_is_still_to_come_likely_bills_nothing(
    csr: Browser, job: WorkOrder
) -> None:
    job.scheduled_for = clock.now() + timedelta(days=3)
    job.save()
    confirmed(job, "329.00")

    assert csr.get(page()).context["form"]["remains"].value() == "nothing"


def test_a_cancelled_job_says_so(csr: Browser, job: WorkOrder) -> None:
    jobs.set_status(job.brand, job.pk, "cancelled", reason="Off")  # type: ignore[arg-type]

    for answer in (csr.get(page()), csr.post(page(), answers(money="keep"))):
        assert "FHI624 is cancelled already" in answer.content.decode()


def test_the_jobs_page_leads_here_and_shows_money_held_with_nothing_billed(
    csr: Browser, billing: Browser, job: WorkOrder
) -> None:
    fhi624(job)
    url = reverse("work_order", args=["fhi", "FHI624"])
    refund = reverse("refund_new", args=["fhi", "FHI624-P-1"])

    before = csr.get(url).content.decode()
    confirm(csr, answers(money="keep"))
    after = csr.get(url).content.decode()
    to_billing = billing.get(url).content.decode()

    assert page() in before
    assert page() not in after
    assert "$329.00 held with nothing billed is the client’s" in after
    assert refund not in before + after
    assert refund in to_billing


def test_a_queued_refund_is_on_the_jobs_page_until_somebody_did_it(
    csr: Browser, billing: Browser, job: WorkOrder
) -> None:
    refund = queue_refund(fhi624(job), D("100.00"), reason="Goodwill", by="Ana")
    url = reverse("work_order", args=["fhi", "FHI624"])
    done = reverse("refund_complete", args=["fhi", refund.pk])

    assert done in billing.get(url).content.decode()
    assert done not in csr.get(url).content.decode()
