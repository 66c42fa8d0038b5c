"""Whole lines into the database: once, again, changed, refused, tried."""

import json
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Brand
from activity.models import Change, Entry
from activity.projection import project_pending
from invoicing.queries.settlements import job_settlement
from payments.models import Payment, PaymentAllocation, PaymentAttempt, ProviderEvent, Refund
from tests.factories import BrandFactory
from tests.importing.conftest import a_job, a_payment, an_order, counts, run
from workorders.models import Charge, Client, Note, WorkOrder

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


def test_a_step_added_to_a_history_is_told_at_its_own_time() -> None:
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


def test_a_dry_run_does_everything_and_keeps_nothing() -> None:
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


def test_the_history_is_told_in_order_with_its_own_actors_and_times() -> None:
    run(FULL)
    project_pending()

    entries = Entry.objects.filter(work_order_id=WorkOrder.objects.get().pk).order_by(
        "occurred_at", "id"
    )
    told = [(f"{e.occurred_at:%d %H:%M}", e.actor_label, e.code) for e in entries]
    assert told == [
        ("02 16:00", "Dana Whitfield", "job.booked"),
        ("02 16:00", "Dana Whitfield", "invoice.drafted"),
        ("02 17:00", "Dana Whitfield", "note.changed"),
        ("02 18:00", "Dana Whitfield", "message.changed"),
        ("02 19:00", "Dana Whitfield", "job.confirmed"),
        ("02 19:00", "Dana Whitfield", "invoice.issued"),
        ("04 14:12", "Priya Raman", "attempt.added"),
        ("04 14:14", "Guardian", "provider.added"),
        ("04 14:15", "Guardian", "provider.added"),
        ("04 14:15", "Guardian", "item.changed"),
        ("04 15:00", "Dana Whitfield", "payment.added"),
        ("05 05:00", "Guardian", "provider.added"),
    ]
    assert all(e.imported for e in entries)


def test_a_payment_and_its_attempt_are_one_entry() -> None:
    attempt = {
        "at": "2026-05-04T09:00:00-06:00",
        "method": "card",
        "provider": "stripe",
        "status": "succeeded",
        "amount": "329.00",
    }
    stripe = a_payment(
        method="card", provider="stripe", status="completed", attempts=[attempt], reference="pi_1"
    )
    run(a_job(payments=[stripe]))
    project_pending()

    assert Entry.objects.filter(code__startswith="payment").count() == 1
    assert not Entry.objects.filter(code__startswith="attempt").exists()


def test_a_cancellation_with_its_new_bill_is_one_entry_beside_its_invoice() -> None:
    new_bill = [{"id": "L2", "service": "Same Day Cancelation - HI NOT Done", "amount": "125.00"}]
    cancelled = {
        "at": "2026-05-04T15:30:00-06:00",
        "status": "cancelled",
        "reason": "Buyer withdrew",
        "charges": new_bill,
    }

    run(a_job(history=[cancelled]))
    project_pending()

    charge = Charge.objects.get()
    assert (charge.service_type, charge.amount) == ("cancellation", Decimal("125.00"))
    assert WorkOrder.objects.get().reason == "Buyer withdrew"
    codes = Entry.objects.exclude(work_order_id=None).values_list("code", flat=True)
    assert sorted(codes) == ["invoice.drafted", "invoice.issued", "job.booked", "job.cancelled"]


def test_the_reason_of_a_new_bill_alone_becomes_a_note() -> None:
    more = [{"id": "L1", "service": "General Home Inspection", "amount": "350.00"}]
    step = {"at": "2026-05-04T15:30:00-06:00", "charges": more, "reason": "Larger than told"}

    run(a_job(history=[step]))

    assert Note.objects.get().text == "Bill changed: Larger than told"


def test_a_lost_dispute_takes_the_money_back(brand: Brand) -> None:
    dispute = {
        "id": "dp_1",
        "at": "2026-05-20T09:00:00-06:00",
        "status": "open",
        "amount": "329.00",
        "history": [{"at": "2026-06-20T09:00:00-06:00", "status": "lost"}],
    }

    run(a_job(payments=[a_payment(status="completed", disputes=[dispute])]))

    payment = Payment.objects.get()
    assert payment.status == "charged_back"
    assert payment.disputes.get().closed_at is not None
    assert sums(brand).received == Decimal("0.00")


def test_a_refund_without_its_fee_part_gets_the_share_that_follows() -> None:
    refund = {"at": "2026-05-05T09:00:00-06:00", "status": "completed", "amount": "211.14"}
    card = a_payment(
        method="card", provider="stripe", status="completed", amount="340.52", fee_amount="11.52"
    )

    run(a_job(payments=[{**card, "refunds": [refund]}]))

    stored = Refund.objects.get()
    assert (stored.services_amount, stored.fee_amount) == (Decimal("204.00"), Decimal("7.14"))


def test_an_order_status_that_repeats_the_history_is_no_second_event() -> None:
    steps = (("authorised", "08:14"), ("captured", "08:15"))
    last = {"status": "captured", "at": "2026-05-09T08:00:00-06:00"}
    run(a_job(payments=[an_order(*steps, orderStatus=last)]))
    assert ProviderEvent.objects.count() == 2

    run(a_job(payments=[an_order(*steps, orderStatus=last | {"status": "settled"})]))

    assert ProviderEvent.objects.count() == 3
    assert Payment.objects.get().provider_status == "settled"


def test_an_order_of_another_job_is_refused() -> None:
    first = a_job(payments=[an_order(("captured", "08:15"))])
    second = a_job(number="FHI2", payments=[an_order(("captured", "08:16"))])

    report = run(first, second)

    assert [(p.line, p.path) for p in report.problems] == [(2, "payments[0].statusHistory[0]")]
    assert not WorkOrder.objects.filter(number="FHI2").exists()


def test_a_client_is_known_by_id_and_not_taken_from_another_brand(brand: Brand) -> None:
    other = BrandFactory(slug="other")
    Client.objects.create(brand=other, external_id="C1", name="Somebody else")

    run(a_job(), a_job(number="FHI2"))

    assert Client.objects.filter(brand=brand).count() == 1


def test_the_example_of_the_documentation_loads(brand: Brand) -> None:
    from importing.format.examples import EXAMPLE

    report = run(json.loads(json.dumps(EXAMPLE)))

    assert counts(report) == (1, 0, 0, 0), report.problems
    money = sums(brand, "FHI624")
    assert (money.services, money.received) == (Decimal("125.00"), Decimal("340.52"))
    assert money.refunded == Decimal("211.14")
