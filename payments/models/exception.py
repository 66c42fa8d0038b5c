"""What a person must decide about a payment."""

from django.db import models
from django.db.models import Q

from accounts.models import Brand
from activity.tracking import track
from payments.models.enums import ExceptionKind
from payments.models.payment import Payment
from payments.models.provider import ProviderEvent
from workorders.models import WorkOrder, of_work_order


class PaymentException(models.Model):
    """Something about a payment that a person must decide."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(
        WorkOrder, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    event = models.ForeignKey(
        ProviderEvent, null=True, blank=True, on_delete=models.PROTECT, related_name="exceptions"
    )
    payment = models.ForeignKey(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="exceptions"
    )
    kind = models.CharField(max_length=16, choices=ExceptionKind)
    summary = models.CharField(max_length=500)
    # The body that disagrees (not captured) and its hash, so that a repeat raises it once.
    payload = models.TextField(blank=True)
    payload_hash = models.CharField(max_length=64, blank=True)
    happened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=200, blank=True)
    resolution = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "kind", "payload_hash"], name="payments_exception_once"
            ),
            of_work_order("payments_exception_work_order"),
        ]
        indexes = [
            models.Index(
                fields=["brand", "happened_at", "id"],
                condition=Q(resolved_at__isnull=True),
                name="payments_exception_open",
            )
        ]
        triggers = track(
            "payments.exception",
            [
                "work_order_id",
                "event_id",
                "payment_id",
                "kind",
                "summary",
                "resolved_at",
                "resolved_by",
                "resolution",
            ],
            happened_at="happened_at",
        )
