"""Steps are written in order, each in the name of its actor and as one entry."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from activity.models import Entry
from activity.projection import project_pending
from importing.history.base import History, Version, carried_forward, steps
from importing.naming import IMPORTER
from tests.importing.conftest import a_job, a_payment, an_order, run
from workorders.models import Charge, Note, WorkOrder

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


def test_the_history_is_shown_in_order_with_its_own_actors_and_times() -> None:
    run(FULL)
    project_pending()

    entries = Entry.objects.filter(work_order_id=WorkOrder.objects.get().pk).order_by(
        "occurred_at", "id"
    )
    entries_shown = [(f"{e.occurred_at:%d %H:%M}", e.actor_label, e.code) for e in entries]
    assert entries_shown == [
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

    run(a_job(status="confirmed", history=[cancelled]))
    project_pending()

    charge = Charge.objects.get()
    assert (charge.service_type, charge.amount) == ("cancellation", Decimal("125.00"))
    assert WorkOrder.objects.get().reason == "Buyer withdrew"
    codes = Entry.objects.exclude(work_order_id=None).values_list("code", flat=True)
    assert sorted(codes) == ["invoice.amended", "invoice.issued", "job.booked", "job.cancelled"]


def test_the_reason_of_a_new_bill_alone_becomes_a_note() -> None:
    more = [{"id": "L1", "service": "General Home Inspection", "amount": "350.00"}]
    step = {"at": "2026-05-04T15:30:00-06:00", "charges": more, "reason": "Larger than told"}

    run(a_job(history=[step]))

    assert Note.objects.get().text == "Bill changed: Larger than told"


def test_a_step_that_is_added_is_written_and_a_rewritten_past_is_one_correction() -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    first = Version(now - timedelta(days=9), IMPORTER, {"a": 1, "b": 1})
    old = History("note", "1", "note:1", (first,))
    patch = (now - timedelta(days=5), IMPORTER, {"b": 2})
    grown = replace(old, versions=carried_forward(first, [patch]))
    other = replace(old, versions=(replace(first, values={"a": 3, "b": 1}),))

    (added,) = steps([grown], [old], now)
    (corrected,) = steps([other], [old], now)

    assert steps([old], [old], now) == []
    assert (added.at, added.changes[0].patch) == (patch[0], {"b": 2})
    assert (corrected.at, corrected.changes[0].patch) == (now, {"a": 3})
