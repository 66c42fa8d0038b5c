"""The rows of refunds whose id comes late: one refund, one row, one number, in any order."""

from decimal import Decimal

from invoicing.queries.settlements import job_settlement
from payments.ingest.incoming import IncomingFact
from payments.models import PaymentException, Refund
from tests.payments.conftest import Tell, incoming
from tests.payments.ingest.test_apply import in_every_order
from workorders.domain import charges, jobs
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder, WorkOrderStatus

D = Decimal
NAMED = {"refund_id": "rf-7"}


def captured() -> IncomingFact:
    return incoming("captured", 0, "340.52", method="card", fee=D("11.52"))


def test_queued_without_an_id_and_refunded_with_one_is_one_refund(
    tell: Tell, job: WorkOrder
) -> None:
    charges.replace_charges(job.brand, job.pk, [ChargeLine("Home inspection", D("329.00"))])
    jobs.set_status(job.brand, job.pk, WorkOrderStatus.CONFIRMED)
    tell(captured())

    tell(incoming("refund_queued", 5, "50.00", method="card"))
    tell(incoming("refunded", 9, "50.00", method="card", data=NAMED))

    refund = Refund.objects.get()
    assert (refund.number, refund.status, refund.provider_refund_id) == (1, "completed", "rf-7")
    assert (refund.services_amount, refund.fee_amount) == (D("48.31"), D("1.69"))
    assert job_settlement(job).whole.balance == D("48.31")
    assert not PaymentException.objects.exists()


def test_it_is_so_in_any_order(tell: Tell, job: WorkOrder) -> None:
    result = in_every_order(
        tell,
        captured(),
        incoming("refund_queued", 5, "50.00", method="card"),
        incoming("refunded", 9, "50.00", method="card", data=NAMED),
        incoming("refund_failed", 12, "50.00", method="card", detail="Account closed"),
    )

    (refund,) = result["Refund"]
    assert "'status': 'failed'" in refund and "'provider_refund_id': 'rf-7'" in refund
    assert result["open"] == []


def test_another_amount_is_another_refund_and_a_person_is_asked(tell: Tell, job: WorkOrder) -> None:
    tell(captured())
    tell(incoming("refund_queued", 5, "50.00", method="card"))

    tell(incoming("refunded", 9, "40.00", method="card", data=NAMED))

    assert sorted(Refund.objects.values_list("amount", "status")) == [
        (D("40.00"), "completed"),
        (D("50.00"), "queued"),
    ]
    summary = PaymentException.objects.get().summary
    assert summary.startswith("Events about refunds of $50.00 and $40.00")
