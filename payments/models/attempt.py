"""Tries at a payment."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from accounts.models import Brand
from activity.tracking import track
from core.constraints import CompositeForeignKey
from core.fields import MoneyField
from payments.models.enums import AttemptStatus, Funding, Method
from payments.models.payment import Payment
from payments.providers import registry
from workorders.models import WorkOrder, of_work_order


class PaymentAttempt(models.Model):
    """One try at a payment; exists even where no payment ever came of it."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="attempts")
    payment = models.ForeignKey(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="attempts"
    )
    number = models.PositiveIntegerField()
    method = models.CharField(max_length=16, choices=Method)
    provider = models.CharField(max_length=16, choices=registry.choices)
    status = models.CharField(max_length=16, choices=AttemptStatus)
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    fee_expected = MoneyField(null=True, blank=True)
    card_brand = models.CharField(max_length=30, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    funding = models.CharField(max_length=10, choices=Funding, blank=True)
    failure_code = models.CharField(max_length=60, blank=True)
    decline_code = models.CharField(max_length=60, blank=True)
    failure_message = models.CharField(max_length=300, blank=True)
    references = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    # The provider's order that this try was made from. What it says of the fee is what came.
    provider_order_id = models.CharField(max_length=120, blank=True, editable=False)
    idempotency_key = models.CharField(max_length=120, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    happened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["work_order", "number"], name="payments_attempt_number"
            ),
            of_work_order("payments_attempt_work_order"),
            CompositeForeignKey(
                fields=["payment", "brand"],
                to="payments.Payment",
                to_fields=["id", "brand"],
                name="payments_attempt_payment",
            ),
            models.CheckConstraint(
                condition=Q(status__in=AttemptStatus.values), name="payments_attempt_status"
            ),
        ]
        indexes = [
            models.Index(
                fields=["brand", "work_order"],
                condition=Q(status__in=["failed", "unknown"]),
                name="payments_attempt_attention",
            ),
            models.Index(fields=["brand", "last4"], name="payments_attempt_last4"),
            GinIndex(fields=["references"], name="payments_attempt_references"),
        ]
        triggers = track(
            "payments.attempt",
            [
                "payment_id",
                "number",
                "method",
                "provider",
                "status",
                "currency",
                "amount",
                "fee_expected",
                "card_brand",
                "last4",
                "funding",
                "failure_code",
                "decline_code",
                "failure_message",
                "references",
            ],
            happened_at="happened_at",
        )
