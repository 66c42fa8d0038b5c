"""An argument says whether money came by import; who acts decides about no money."""

from decimal import Decimal

import pytest
from django.db import transaction

from accounts.models import Brand
from activity.actors import acting_as, system
from invoicing.domain import client_credit
from invoicing.models import ClientCredit
from payments.domain.locks import lock_payment
from payments.domain.post import post, post_job
from payments.domain.record import Manual, record_payment
from payments.domain.status import set_payment
from payments.models import Payment, PaymentStatus
from tests.invoicing.billed_jobs import billed
from workorders.models import WorkOrder

D = Decimal


@pytest.fixture
def payment(brand: Brand, job: WorkOrder) -> Payment:
    """450.00 for a bill of 400.00; the rest was made the client's credit, and the money goes."""
    invoice = billed(job, "400.00")
    paid = record_payment(brand, job, D("450.00"), Manual("cash"), by="Dana")
    client_credit.keep_as_credit(brand, invoice.pk, D("50.00"))
    return paid


def _left() -> Decimal:
    return client_credit.left_of(ClientCredit.objects.get())


@pytest.mark.parametrize("shown_as_imported", [False, True])
@pytest.mark.parametrize(("imported", "left"), [(False, "0.00"), (True, "50.00")])
@pytest.mark.parametrize("by_job", [False, True])
def test_an_import_says_itself_which_credits_there_are(
    by_job: bool, imported: bool, left: str, shown_as_imported: bool, payment: Payment
) -> None:
    with acting_as(system(), imported=shown_as_imported), transaction.atomic():
        current = lock_payment(payment)
        set_payment(current, {"status": PaymentStatus.VOIDED, "paid_at": None})
        if by_job:
            current.work_order.brand = current.brand
            post_job(current.work_order, imported=imported)
        else:
            post(current, imported=imported)

    assert _left() == D(left)
