"""The search over everything: one exact hit leads on, anything else is a list."""

from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.test import Client as Browser

from accounts.models import Brand
from payments.models import PaymentAllocation
from tests.factories import ClientFactory, PaymentFactory, RefundFactory, WorkOrderFactory
from tests.tripwire import unsettled
from workorders.models import WorkOrder

SEARCH = "/b/fhi/search/"


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    return WorkOrderFactory(brand=brand, number="FHI624", client__name="Priya Raman")


@pytest.mark.parametrize("text", ["FHI624", "fhi624", " fhi624 "])
def test_a_number_leads_to_its_job(csr: Browser, job: WorkOrder, text: str) -> None:
    answer = csr.get(SEARCH, {"q": text})

    assert answer.headers["Location"] == "/b/fhi/work-orders/FHI624/"


def test_a_payment_number_leads_to_the_payment(csr: Browser, job: WorkOrder) -> None:
    PaymentFactory(work_order=job)

    answer = csr.get(SEARCH, {"q": "fhi624-p-1"})

    assert answer.headers["Location"] == "/b/fhi/payments/FHI624-P-1/"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pi_123", "Found by reference pi_123: FHI624."),
        ("re_55", "Found by reference re_55: FHI624."),
        ("4242", "Found by number ending 4242: FHI624."),
    ],
)
def test_a_reference_leads_to_its_job_and_says_which(
    csr: Browser, job: WorkOrder, text: str, message: str
) -> None:
    payment = PaymentFactory(work_order=job, references=["pi_123"], last4="4242")
    RefundFactory(payment=payment, provider_refund_id="re_55")

    answer = csr.get(SEARCH, {"q": text})

    assert answer.headers["Location"] == "/b/fhi/work-orders/FHI624/"
    assert [str(m) for m in get_messages(answer.wsgi_request)] == [message]


def test_a_check_that_pays_two_jobs_is_a_list(csr: Browser, brand: Brand, job: WorkOrder) -> None:
    other = WorkOrderFactory(brand=brand)
    check = PaymentFactory(work_order=job, reference="7001", amount=Decimal("600.00"))
    with unsettled():
        PaymentAllocation.objects.create(
            brand=brand,
            payment=check,
            work_order=other,
            amount=Decimal("300.00"),
            services_amount=Decimal("300.00"),
            status="completed",
            payment_label="FHI624-P-1",
            happened_at=check.happened_at,
        )

    answer = csr.get(SEARCH, {"q": "7001"})

    assert answer.status_code == 200
    assert {row.job for row in answer.context["rows"]} == {job, other}
    assert list(answer.context["payments"]) == [check]


def test_a_name_is_a_list_of_everything_that_fits(
    csr: Browser, brand: Brand, job: WorkOrder
) -> None:
    payment = PaymentFactory(work_order=job, payer_name="Priya Raman")
    ClientFactory(brand=brand, name="Anil Raman")
    ClientFactory(name="Raman of another brand")

    context = csr.get(SEARCH, {"q": "raman"}).context

    assert [row.job for row in context["rows"]] == [job]
    assert [c.name for c in context["clients"]] == ["Anil Raman", "Priya Raman"]
    assert list(context["payments"]) == [payment]


def test_another_brands_things_stay_hidden(csr: Browser) -> None:
    other = WorkOrderFactory(number="RIA2159")
    PaymentFactory(work_order=other, references=["pi_other"])

    for text in ("RIA2159", "RIA2159-P-1", "pi_other"):
        answer = csr.get(SEARCH, {"q": text})
        assert answer.status_code == 200
        assert answer.context["nothing"] is True


@pytest.mark.parametrize("text", ["", " ", "%", "_", "\\", "'", "x" * 500, "\x00", "P-P-1", "-P-1"])
def test_odd_input_finds_nothing_and_breaks_nothing(
    csr: Browser, job: WorkOrder, text: str
) -> None:
    answer = csr.get(SEARCH, {"q": text})

    assert answer.status_code == 200
    assert not answer.context.get("rows")
