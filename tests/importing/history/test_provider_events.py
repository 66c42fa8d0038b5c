"""The status history of an order becomes provider events."""

import pytest

from payments.models import Payment, ProviderEvent
from tests.importing.conftest import a_job, an_order, run
from workorders.models import WorkOrder

pytestmark = pytest.mark.usefixtures("brand")


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
