"""What providers reported, and the accounts that brands have with them."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from accounts.models import Brand
from activity.models import ExactDecoder
from activity.tracking import track
from core.constraints import CompositeForeignKey
from core.fields import MoneyField
from payments.models.money_back import Refund
from payments.models.payment import Payment
from payments.providers import registry
from workorders.models import WorkOrder, of_work_order


class ProviderEvent(models.Model):
    """One raw fact from a provider, stored before anything else happens.

    ``payload`` is the body as it came, but for card numbers (not captured); the tracked columns are
    what a person needs to read. ``work_order`` stays NULL until the order is matched to a job, by
    us or by somebody who attaches it.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(
        WorkOrder, null=True, blank=True, on_delete=models.PROTECT, related_name="provider_events"
    )
    payment = models.ForeignKey(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="provider_events"
    )
    refund = models.ForeignKey(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="provider_events"
    )
    provider = models.CharField(max_length=16, choices=registry.choices)
    event_id = models.CharField(max_length=120)
    order_id = models.CharField(max_length=120)
    # What the event itself says its job is; kept for a person when it matches nothing.
    work_order_number = models.CharField(max_length=60, blank=True)
    method = models.CharField(max_length=16, blank=True)
    # Verbatim: a status that the provider invents tomorrow is stored and shown as it came.
    status = models.CharField(max_length=80)
    known = models.BooleanField(default=True)
    currency = models.CharField(max_length=3)
    amount = MoneyField(null=True, blank=True)
    fee_amount = MoneyField(null=True, blank=True)
    detail = models.CharField(max_length=1000, blank=True)
    # The nested fields the provider sent beside the status, as they came.
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder, decoder=ExactDecoder)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    imported = models.BooleanField(default=False)
    payload = models.TextField(blank=True)
    # Of the content as it came.
    payload_hash = models.CharField(max_length=64)
    # Whether a card number in it was shortened to its last four digits.
    has_masked_card = models.BooleanField(default=False)
    # Set when the fact could not be folded; the sweep tries again.
    processing_error = models.CharField(max_length=500, blank=True)
    folded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "provider", "event_id"], name="payments_event_once"
            ),
            of_work_order("payments_event_work_order"),
            CompositeForeignKey(
                fields=["payment", "brand"],
                to="payments.Payment",
                to_fields=["id", "brand"],
                name="payments_event_payment",
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "provider", "order_id"], name="payments_event_order"),
            models.Index(
                fields=["brand", "received_at"],
                condition=Q(work_order__isnull=True),
                name="payments_event_unmatched",
            ),
            models.Index(
                fields=["received_at"],
                condition=Q(folded_at__isnull=True, work_order__isnull=False),
                name="payments_event_unfolded",
            ),
        ]
        triggers = track(
            "payments.provider_event",
            [
                "work_order_id",
                "payment_id",
                "refund_id",
                "provider",
                "event_id",
                "order_id",
                "work_order_number",
                "method",
                "status",
                "known",
                "currency",
                "amount",
                "fee_amount",
                "detail",
                "data",
                "received_at",
                "processing_error",
            ],
            happened_at="happened_at",
        )


class ProviderAccount(models.Model):
    """A brand's account with a provider: the secret that its webhooks are signed with."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="provider_accounts")
    provider = models.CharField(max_length=16, choices=registry.choices)
    # Encrypted by core.secrets; never captured, never shown again after it was entered.
    webhook_secret = models.TextField()
    # When somebody last entered a secret: all that the feed may know of it.
    secret_set_at = models.DateTimeField(null=True, blank=True)
    # Webhooks refused for their signature: a counter is all that is kept of them.
    refused_count = models.PositiveIntegerField(default=0)
    last_refused_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "provider"], name="payments_provider_account_once"
            )
        ]
        triggers = track(
            "payments.provider_account",
            ["provider", "is_active", "secret_set_at"],
            work_order="NULL",
        )
