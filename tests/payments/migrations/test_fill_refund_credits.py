"""Refunds from before the link are linked to the notes of their own transaction."""

from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection, transaction

from activity.models import Change
from invoicing.domain import client_credit
from invoicing.models import Invoice
from payments.models import RefundCredit
from payments.refunds.preview import Owes, refund
from payments.refunds.verbs import queue_refund
from tests.factories import BrandFactory, WorkOrderFactory
from tests.payments.cancelled_jobs import confirmed
from tests.payments.refunds.test_preview import cash
from workorders.models import WorkOrder

fill = import_module("payments.migrations.0010_fill_refund_credits").fill
D = Decimal


def forget_links() -> None:
    """The table as it was before there were links."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('paystory.resetting', 'on', true)")
        cursor.execute("TRUNCATE payments_refundcredit")


@pytest.mark.django_db(transaction=True)
def test_a_refund_is_linked_to_what_its_own_transaction_wrote() -> None:
    # Each verb is a transaction of its own here, as it was then.
    job: WorkOrder = confirmed(WorkOrderFactory(brand=BrandFactory()), "329.00")
    payment = cash(job, "429.00")
    client_credit.keep_as_credit(job.brand, Invoice.objects.get().pk, D("100.00"))
    first = refund(payment, job, D("150.00"), owes=Owes.LESS, reason="Less", by="Ana")
    refund(payment, job, D("20.00"), owes=Owes.AGAIN, reason="Again", by="Ana")
    queue_refund(payment, D("5.00"), reason="More", by="Ana")
    links = RefundCredit.objects.order_by("credit_id")
    before = list(links.values_list("refund_id", "credit__kind", "amount"))
    forget_links()
    changes = Change.objects.count()

    fill(apps, None)
    fill(apps, None)

    assert list(links.values_list("refund_id", "credit__kind", "amount")) == before
    assert [(row[0], row[1]) for row in before] == [
        (first.pk, "overpayment"),
        (first.pk, "credit_note"),
    ]
    assert Change.objects.count() == changes
