"""The command sends a whole order to a running server, as often as one likes."""

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.live_server_helper import LiveServer

from payments.models import Payment, ProviderAccount, ProviderEvent
from sandbox.pay_at_close import provider
from tests.factories import WorkOrderFactory
from workorders.models import WorkOrder


def test_the_command_sends_the_whole_order_twice(live_server: LiveServer, job: WorkOrder) -> None:
    out = StringIO()

    for _ in range(2):
        call_command(
            "send_pay_at_close", base_url=live_server.url, number="FHI624", delay=0, stdout=out
        )

    payments = Payment.objects.order_by("number")
    assert [(p.status, p.amount) for p in payments] == [("completed", Decimal("329.000"))] * 2
    events = ProviderEvent.objects.filter(payment=payments[0]).order_by("happened_at")
    assert [e.status for e in events] == [status for status, _, _ in provider.STEPS]
    assert out.getvalue().count("is complete") == 2


def test_the_newest_job_of_the_demo_is_taken_where_none_is_named(
    live_server: LiveServer, job: WorkOrder, real_job: WorkOrder
) -> None:
    call_command("send_pay_at_close", base_url=live_server.url, delay=0, stdout=StringIO())

    assert Payment.objects.get().work_order == job


def test_the_command_says_when_no_server_answers(job: WorkOrder) -> None:
    with pytest.raises(CommandError, match="No server answers"):
        call_command("send_pay_at_close", base_url="http://127.0.0.1:9", number="FHI624")


def test_the_command_says_what_the_server_refused(
    live_server: LiveServer, job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "order_number", lambda: "x" * 121)

    with pytest.raises(CommandError, match=r"The server answered 422: .*_id"):
        call_command("send_pay_at_close", base_url=live_server.url, number=job.number)


def test_a_number_that_two_brands_have_needs_the_brand(job: WorkOrder) -> None:
    WorkOrderFactory(brand__slug="ria", number="FHI624")

    with pytest.raises(CommandError, match="Two brands have a work order FHI624: say --brand"):
        call_command("send_pay_at_close", number="FHI624")


# --- only the demo's own -------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["send_pay_at_close", "demo_live"])
def test_outside_the_demo_no_order_is_made_up(command: str, job: WorkOrder, settings: Any) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match="This is no demo"):
        call_command(command, number="FHI624")


def test_no_order_is_made_up_for_a_brand_of_somebodys_own(
    real_job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "send", lambda *_: pytest.fail("sent"))

    with pytest.raises(CommandError, match="Real Company did not come with the demo"):
        call_command("send_pay_at_close", brand="real", number="R1")
    with pytest.raises(CommandError, match="There is no work order"):
        call_command("send_pay_at_close")


def test_an_account_that_is_missing_or_switched_off_is_not_made_up(job: WorkOrder) -> None:
    ProviderAccount.objects.update(is_active=False)
    with pytest.raises(CommandError, match="no active FlexFund account"):
        call_command("send_pay_at_close", number="FHI624")
    ProviderAccount.objects.all().delete()

    with pytest.raises(CommandError, match="no active FlexFund account"):
        call_command("send_pay_at_close", number="FHI624")

    assert not ProviderAccount.objects.exists()
