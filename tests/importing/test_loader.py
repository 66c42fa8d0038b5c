"""Whole lines into the database: once, again, changed, refused, tried."""

import json
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Brand
from activity.models import Change
from invoicing.queries.settlements import job_settlement
from payments.models import Payment, PaymentAllocation, PaymentAttempt, ProviderEvent
from tests.factories import BrandFactory
from tests.importing.conftest import a_job, a_payment, an_order, counts, run
from tests.tripwire import unsettled
from workorders.models import Charge, Client, WorkOrder

pytestmark = pytest.mark.usefixtures("brand")

FULL = a_job(
    contacts=[{"role": "client", "name": "Priya Raman"}],
    notes=[{"at": "2026-05-02T11:00:00-06:00", "text": "Gate code 4411"}],
    messages=[{"at": "2026-05-02T12:00:00-06:00", "kind": "agreement_sent"}],
    history=[{"at": "2026-05-02T13:00:00-06:00", "status": "confirmed"}],
    attempts=[
        {
            "at": "2026-05-04T08:12:00-06:00",
            "actor": {"kind": "client", "name": "Priya Raman"},
            "method": "card",
            "provider": "guardian",
            "status": "failed",
            "amount": "340.52",
            "decline_code": "insufficient_funds",
        }
    ],
    payments=[
        an_order(("authorised", "08:14"), ("captured", "08:15"), ("settled", "23:00")),
        a_payment(id="P2", amount="20.00"),
    ],
)


def sums(brand: Brand, number: str = "FHI1") -> Any:
    job = WorkOrder.objects.get(brand=brand, number=number)
    return job_settlement(job).whole


def test_a_job_is_created_with_everything_on_it(brand: Brand) -> None:
    report = run(FULL)

    assert counts(report) == (1, 0, 0, 0), report.problems
    money = sums(brand)
    assert (money.services, money.received) == (Decimal("329.00"), Decimal("340.52"))
    assert (money.refunded, money.pending) == (Decimal("0.00"), Decimal("20.00"))
    assert PaymentAttempt.objects.count() == 2
    assert ProviderEvent.objects.count() == 3


def test_the_same_line_again_changes_nothing_at_all() -> None:
    run(FULL)
    before = Change.objects.count()

    report = run(FULL)

    assert counts(report) == (0, 0, 1, 0)
    assert Change.objects.count() == before


def test_a_job_twice_in_one_file_is_reported_with_the_first_line(brand: Brand) -> None:
    first, second = a_job(), a_job(number="fhi1", payments=[a_payment()])

    report = run(first, a_job(number="FHI2"), second)

    assert counts(report) == (2, 0, 0, 1)
    (problem,) = report.problems
    assert (problem.line, problem.path) == (3, "number")
    assert problem.reason == "fhi1 is on line 1 of this file already"
    assert not Payment.objects.exists()


def test_another_spelling_of_the_same_line_changes_nothing() -> None:
    run(FULL)
    before = Change.objects.count()
    spelled = dict(reversed(FULL.items()))
    spelled["charges"] = [{**FULL["charges"][0], "amount": 329}]

    report = run(spelled)

    assert counts(report) == (0, 0, 1, 0)
    assert Change.objects.count() == before


def test_a_changed_value_changes_exactly_that() -> None:
    run(FULL)
    before = Change.objects.count()
    payments = [FULL["payments"][0], a_payment(id="P2", amount="20.00", payer_name="T. Abbott")]

    report = run(FULL | {"payments": payments, "inspector": "Luis Ortega"})

    assert counts(report) == (0, 1, 0, 0)
    changes = Change.objects.order_by("-id")[: Change.objects.count() - before]
    assert {c.entity for c in changes} == {"workorders.work_order", "payments.payment"}
    assert all(c.actor_kind == "import" and c.imported for c in changes)
    assert WorkOrder.objects.get().inspector == "Luis Ortega"


def test_a_step_added_to_a_history_is_shown_at_its_own_time() -> None:
    run(a_job(payments=[a_payment()]))
    clears = {
        "at": "2026-05-07T14:05:00-06:00",
        "actor": {"kind": "staff", "name": "Ruth Okafor"},
        "status": "completed",
        "confirmed": True,
    }

    run(a_job(payments=[a_payment(history=[clears])]))

    change = Change.objects.filter(entity="payments.payment", op="U").get()
    assert change.actor_label == "Ruth Okafor"
    assert change.occurred_at.isoformat() == "2026-05-07T20:05:00+00:00"
    payment = Payment.objects.get()
    assert (payment.status, payment.confirmed_by) == ("completed", "Ruth Okafor")
    assert PaymentAllocation.objects.get().status == "completed"


def test_an_event_added_to_a_provider_history_is_folded(brand: Brand) -> None:
    run(a_job(payments=[an_order(("authorised", "08:14"))]))
    assert sums(brand).pending == Decimal("340.52")

    report = run(a_job(payments=[an_order(("authorised", "08:14"), ("captured", "08:15"))]))

    assert counts(report) == (0, 1, 0, 0)
    assert sums(brand).received == Decimal("340.52")
    assert ProviderEvent.objects.count() == 2


def test_what_staff_changed_meanwhile_stays() -> None:
    run(a_job())
    WorkOrder.objects.update(inspector="Chosen by Dana")
    with unsettled():
        Charge.objects.update(amount="300.00")

    report = run(a_job(address="118 Alder Court"))

    assert counts(report) == (0, 1, 0, 0)
    job = WorkOrder.objects.get()
    assert (job.inspector, job.address) == ("Chosen by Dana", "118 Alder Court")
    assert Charge.objects.get().amount == Decimal("300.00")


def test_money_that_is_missing_is_no_deletion() -> None:
    run(a_job(payments=[a_payment()]))
    before = Change.objects.count()

    report = run(a_job())

    assert counts(report) == (0, 0, 0, 1)
    assert "never deleted" in report.problems[0].reason
    assert Payment.objects.count() == 1
    assert Change.objects.count() == before


def test_a_job_that_did_not_come_by_import_is_left_alone(brand: Brand) -> None:
    client = Client.objects.create(brand=brand, name="Made here")
    WorkOrder.objects.create(
        brand=brand, client=client, number="FHI1", happened_at="2026-01-01T00:00:00Z"
    )

    report = run(a_job())

    assert [(p.line, p.path) for p in report.problems] == [(1, "number")]
    assert WorkOrder.objects.get().client == client


def test_a_bad_line_is_not_half_loaded_and_the_others_load() -> None:
    # The share's job is unknown: that is found only after charges and the payment were written.
    shares = [
        {"work_order": "FHI2", "amount": "100.00"},
        {"work_order": "NOPE", "amount": "229.00"},
    ]
    bad = a_job(number="FHI2", payments=[a_payment(shares=shares)])

    report = run(a_job(), bad, {"number": 5}, a_job(number="FHI3"))

    assert counts(report) == (2, 0, 0, 2)
    assert report.problems[0].line == 2
    assert report.problems[0].path == "payments[0].shares[1].work_order"
    assert {p.line for p in report.problems} == {2, 3}
    assert set(WorkOrder.objects.values_list("number", flat=True)) == {"FHI1", "FHI3"}
    assert not Payment.objects.exists()
    assert not Change.objects.filter(after__number="FHI2").exists()


def test_a_service_that_went_with_a_bad_line_is_added_by_the_next() -> None:
    bill = [{"id": "L1", "service": "Radon Test", "amount": "145.00"}]
    shares = [
        {"work_order": "FHI1", "amount": "100.00"},
        {"work_order": "NOPE", "amount": "229.00"},
    ]
    bad = a_job(charges=bill, payments=[a_payment(shares=shares)])

    report = run(bad, a_job(number="FHI2", charges=bill))

    assert counts(report) == (1, 0, 0, 1)
    service = Charge.objects.get().service
    assert service is not None
    assert service.name == "Radon Test"


def test_a_dry_run_does_everything_and_writes_nothing() -> None:
    before = Change.objects.count()

    report = run(FULL, a_job(number="FHI2", colour="red"), dry_run=True)

    assert counts(report) == (1, 0, 0, 1)
    assert not WorkOrder.objects.exists()
    assert Change.objects.count() == before


def test_a_brand_that_is_not_there_is_a_problem_of_its_line() -> None:
    report = run(a_job(brand="nobody"), a_job(brand=None, number="FHI2"), brand_slug=None)

    assert [(p.line, p.path) for p in report.problems] == [(1, "brand"), (2, "brand")]


def test_lines_without_a_brand_take_the_given_one_and_others_are_refused(brand: Brand) -> None:
    BrandFactory(slug="other")
    line = a_job()
    del line["brand"]

    report = run(line, a_job(brand="other", number="FHI2"), brand_slug="fhi")

    assert counts(report) == (1, 0, 0, 1)
    assert WorkOrder.objects.get().brand == brand


def test_the_example_of_the_documentation_loads(brand: Brand) -> None:
    from importing.format.examples import EXAMPLE

    report = run(json.loads(json.dumps(EXAMPLE)))

    assert counts(report) == (1, 0, 0, 0), report.problems
    money = sums(brand, "FHI624")
    assert (money.services, money.received) == (Decimal("125.00"), Decimal("340.52"))
    assert money.refunded == Decimal("211.14")
