"""The number of a job is the same number in any letter case, wherever somebody types it."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand, Role
from core import clock
from payments.domain import record
from payments.ingest.incoming import IncomingFact
from payments.ingest.receive import receive
from payments.models import Method, Payment, PaymentException
from payments.queries import find_payment
from tests.factories import BrandFactory, ChargeFactory, MembershipFactory, WorkOrderFactory
from tests.importing.conftest import a_job, a_payment, run
from workorders.models import WorkOrder
from workorders.queries import job_numbered

D = Decimal
CASES: list[Callable[[str], str]] = [str.lower, str.upper, str.title, lambda text: f" {text} "]


@pytest.fixture
def brand(db: None) -> Brand:
    return BrandFactory(slug="fhi", name="Frontier Home Inspections")


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    made: WorkOrder = WorkOrderFactory(brand=brand, number="FhI624")
    ChargeFactory(work_order=made, amount=D("329.00"))
    money = record.Manual(method=Method.CASH, happened_at=clock.now())
    record.record_payment(brand, made, D("10.00"), money, by="Dana")
    return made


@pytest.fixture
def browser(brand: Brand, client: Browser) -> Browser:
    client.force_login(MembershipFactory(brand=brand, role=Role.ADMIN).user)
    return client


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(flips=st.lists(st.booleans(), min_size=6, max_size=6))
def test_a_number_in_any_case_is_the_jobs(job: WorkOrder, flips: list[bool]) -> None:
    text = "".join(c.swapcase() if f else c for c, f in zip(job.number, flips, strict=True))

    found = job_numbered(job.brand, text)
    paid = find_payment(job.brand, f"{text}-p-1")

    assert found is not None
    assert paid is not None
    assert (found.pk, paid.work_order_id) == (job.pk, job.pk)


@pytest.mark.parametrize("text", ["", "FhI62", "FhI6244", "F%I624", "FhI624\x00"])
def test_another_number_is_another_job(job: WorkOrder, text: str) -> None:
    assert job_numbered(job.brand, text) is None
    assert find_payment(job.brand, f"{text}-P-1") is None


def test_another_brands_job_is_none(job: WorkOrder) -> None:
    assert job_numbered(BrandFactory(), "fhi624") is None


@pytest.mark.parametrize("name", ["work_order", "work_order_activity"])
def test_an_address_in_another_case_leads_to_the_jobs_own(
    browser: Browser, job: WorkOrder, name: str
) -> None:
    typed = reverse(name, args=["fhi", "fhi624"])

    answer = browser.get(typed + "?show=payments")

    assert answer.status_code == 302
    assert answer["Location"] == reverse(name, args=["fhi", "FhI624"]) + "?show=payments"


@pytest.mark.parametrize(
    "name", ["charges_edit", "payment_record", "job_cancel", "note_add", "work_order_updates"]
)
def test_other_pages_of_the_job_open_in_any_case(
    browser: Browser, job: WorkOrder, name: str
) -> None:
    query = "?since=1:1:" if name == "work_order_updates" else ""

    assert browser.get(reverse(name, args=["fhi", "fhi624"]) + query).status_code == 200


@pytest.mark.parametrize("name", ["payment", "invoice"])
def test_a_payment_and_an_invoice_open_in_any_case(
    browser: Browser, job: WorkOrder, name: str
) -> None:
    number = "fhi624-p-1" if name == "payment" else "fhi624"

    assert browser.get(reverse(name, args=["fhi", number])).status_code == 200


@pytest.mark.parametrize("case", CASES)
def test_a_search_finds_the_job_and_its_payment(
    browser: Browser, job: WorkOrder, case: Callable[[str], str]
) -> None:
    found = browser.get(reverse("search", args=["fhi"]), {"q": case(job.number)})
    paid = browser.get(reverse("search", args=["fhi"]), {"q": case(f"{job.number}-P-1")})
    listed = browser.get(reverse("payments", args=["fhi"]), {"q": case(f"{job.number}-P-1")})

    assert found["Location"] == reverse("work_order", args=["fhi", "FhI624"])
    assert paid["Location"] == reverse("payment", args=["fhi", "FhI624-P-1"])
    assert b"FhI624-P-1" in listed.content


def _order(brand: Brand, number: str) -> None:
    fact = IncomingFact(
        event_id=f"ev-{number}",
        order_id=f"ord-{number}",
        work_order=number,
        status="captured",
        at=clock.now(),
        amount=D("20.00"),
        method="card",
    )
    receive(brand, "guardian", fact, payload="{}", received_at=fact.at)


@pytest.mark.parametrize("case", CASES)
def test_a_webhook_finds_the_job(job: WorkOrder, case: Callable[[str], str]) -> None:
    _order(job.brand, case(job.number))

    assert Payment.objects.get(provider="guardian").work_order_id == job.pk


@pytest.mark.parametrize("case", CASES)
def test_an_order_is_attached_by_the_number_in_any_case(
    browser: Browser, job: WorkOrder, case: Callable[[str], str]
) -> None:
    _order(job.brand, "XX1")
    exception = PaymentException.objects.get()
    data = {"do": "attach", "work_order": case(job.number)}

    browser.post(reverse("exception", args=["fhi", exception.pk]), data)

    assert Payment.objects.get(provider="guardian").work_order_id == job.pk


@pytest.mark.parametrize("case", CASES)
def test_a_check_over_several_jobs_names_them_in_any_case(
    brand: Brand, job: WorkOrder, case: Callable[[str], str]
) -> None:
    from payments.forms.manual import ShareForm

    form = ShareForm({"work_order": case(job.number), "amount": "10.00"}, brand=brand)

    assert form.is_valid(), form.errors
    assert form.cleaned_data["job"].pk == job.pk


def test_an_import_refers_to_a_job_in_any_case(brand: Brand, job: WorkOrder) -> None:
    shares = [
        {"work_order": "fhi900", "amount": "109.00"},
        {"work_order": "fhi624", "amount": "220.00"},
    ]

    report = run(a_job(number="FHI900", payments=[a_payment(shares=shares)]))

    assert report.problems == []
    allocations = Payment.objects.get(method="check").allocations.select_related("work_order")
    assert {a.work_order.number: a.amount for a in allocations} == {
        "FHI900": D("109.00"),
        "FhI624": D("220.00"),
    }
