"""Money on its way back: refunds, and what a client's bank takes."""

from django.db import models
from django.db.models import Q

from accounts.models import Brand
from activity.models import ExactDecoder
from activity.tracking import track
from core.constraints import CompositeForeignKey
from core.fields import MoneyField
from invoicing.models import ClientCredit, guards
from invoicing.models.tripwire import calls_for_posting
from payments.models.enums import DisputeStatus, ProviderMatch, RefundOrigin, RefundStatus
from payments.models.payment import Payment, parts_add_up
from workorders.models import WorkOrder, of_work_order


class Refund(models.Model):
    """Money on its way back, with its services and fee part."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="refunds")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=RefundStatus)
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    services_amount = MoneyField()
    fee_amount = MoneyField(default=0)
    reason = models.CharField(max_length=500, blank=True)
    failure_reason = models.CharField(max_length=300, blank=True)
    # As the refund's headline names where it goes: "Visa •4242".
    destination = models.CharField(max_length=120, blank=True)
    provider_refund_id = models.CharField(max_length=120, blank=True)
    origin = models.CharField(
        max_length=8, choices=RefundOrigin, default=RefundOrigin.PERSON, editable=False
    )
    # Of a person's refund: how the provider's events took it over; "" is as people left it.
    provider_match = models.CharField(
        max_length=8, choices=ProviderMatch, blank=True, editable=False
    )
    # Of a provider's refund: its id, or what was made up for it from amount and position.
    provider_key = models.CharField(max_length=120, blank=True, editable=False)
    # The job whose share of the payment it takes. NULL: it names none, and is shared over all jobs
    # that the payment pays (payments.domain.back_shares).
    share_of = models.ForeignKey(
        WorkOrder, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Of an imported refund: the older system's id, and how the import reported it, frozen.
    external_id = models.CharField(max_length=120, blank=True)
    imported_fact = models.JSONField(null=True, blank=True, editable=False, decoder=ExactDecoder)
    happened_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["work_order", "number"], name="payments_refund_number"),
            models.UniqueConstraint(
                fields=["payment", "provider_refund_id"],
                condition=~Q(provider_refund_id=""),
                name="payments_refund_provider_id",
            ),
            of_work_order("payments_refund_work_order"),
            CompositeForeignKey(
                fields=["payment", "brand"],
                to="payments.Payment",
                to_fields=["id", "brand"],
                name="payments_refund_payment",
            ),
            parts_add_up("payments_refund"),
            models.CheckConstraint(
                condition=Q(status__in=RefundStatus.values), name="payments_refund_status"
            ),
            # Each column says one thing, of the refunds that it is about.
            models.CheckConstraint(
                condition=Q(origin=RefundOrigin.PERSON, provider_key="", external_id="")
                | (Q(origin=RefundOrigin.PROVIDER, external_id="") & ~Q(provider_key=""))
                | (Q(origin=RefundOrigin.IMPORT, provider_key="") & ~Q(external_id="")),
                name="payments_refund_origin",
            ),
            models.CheckConstraint(
                condition=Q(provider_match="")
                | Q(origin=RefundOrigin.PERSON, provider_match__in=ProviderMatch.values),
                name="payments_refund_match",
            ),
        ]
        indexes = [
            models.Index(
                fields=["brand", "work_order"],
                condition=Q(status="failed"),
                name="payments_refund_attention",
            ),
            models.Index(fields=["brand", "provider_refund_id"], name="payments_refund_reference"),
        ]
        triggers = [
            *track(
                "payments.refund",
                [
                    "payment_id",
                    "number",
                    "status",
                    "currency",
                    "amount",
                    "services_amount",
                    "fee_amount",
                    "reason",
                    "failure_reason",
                    "destination",
                    "provider_refund_id",
                    "completed_at",
                ],
                happened_at="happened_at",
            ),
            calls_for_posting(
                [
                    *("work_order_id", "share_of_id", "payment_id", "status"),
                    *("amount", "services_amount", "fee_amount"),
                ]
            ),
        ]


class RefundCredit(models.Model):
    """A client credit that a person's refund brought with it, or used up; undone with it.

    Of a credit note: the note lowers the bill, because the client owes less. Of an overpayment:
    ``amount`` of it was put back on its invoice, whose money then left. Never changed.
    (docs/decisions/019)
    """

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="credits")
    credit = models.ForeignKey(ClientCredit, on_delete=models.PROTECT, related_name="refunds")
    amount = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refund", "credit"], name="payments_refundcredit_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_refundcredit_amount"),
        ]
        triggers = [
            *guards.append_only("credits of a refund"),
            guards.no_truncate("credits of a refund"),
        ]


class Dispute(models.Model):
    """The client's bank takes the money back, or tries to."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="disputes")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    status = models.CharField(max_length=12, choices=DisputeStatus)
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    provider_dispute_id = models.CharField(max_length=120, blank=True)
    evidence_due_on = models.DateField(null=True, blank=True)
    origin = models.CharField(
        max_length=8, choices=RefundOrigin, default=RefundOrigin.PERSON, editable=False
    )
    # As of a refund: the job whose share it takes; NULL: it is shared over all.
    share_of = models.ForeignKey(
        WorkOrder, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Of a provider's dispute: its id, or what was made up for it; see payments.facts.fold_disputes.
    provider_key = models.CharField(max_length=120, blank=True, editable=False)
    # Of an imported dispute: how the import reported it, frozen; events never change it.
    imported_fact = models.JSONField(null=True, blank=True, editable=False, decoder=ExactDecoder)
    happened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            of_work_order("payments_dispute_work_order"),
            CompositeForeignKey(
                fields=["payment", "brand"],
                to="payments.Payment",
                to_fields=["id", "brand"],
                name="payments_dispute_payment",
            ),
            models.UniqueConstraint(
                fields=["payment", "provider_dispute_id"],
                condition=~Q(provider_dispute_id=""),
                name="payments_dispute_provider_id",
            ),
            models.CheckConstraint(
                condition=Q(status__in=DisputeStatus.values), name="payments_dispute_status"
            ),
        ]
        indexes = [
            models.Index(
                fields=["brand", "work_order"],
                condition=Q(status="open"),
                name="payments_dispute_attention",
            )
        ]
        triggers = [
            *track(
                "payments.dispute",
                [
                    "payment_id",
                    "status",
                    "currency",
                    "amount",
                    "reason_code",
                    "reason",
                    "provider_dispute_id",
                    "evidence_due_on",
                    "closed_at",
                ],
                happened_at="happened_at",
            ),
            calls_for_posting(["work_order_id", "share_of_id", "payment_id", "status", "amount"]),
        ]


class MoneyBackShare(models.Model):
    """What of a refund or a dispute leaves the share of one job, of a payment of several.

    ``status`` copies the refund's or dispute's, so that each job's own feed records what became
    of its part. Written by ``payments.domain.money_back`` alone.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="shares_back")
    refund = models.ForeignKey(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="shares"
    )
    dispute = models.ForeignKey(
        Dispute, null=True, blank=True, on_delete=models.PROTECT, related_name="shares"
    )
    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="shares_back")
    amount = MoneyField()
    services_amount = MoneyField()
    fee_amount = MoneyField(default=0)
    status = models.CharField(
        max_length=12, choices=[*RefundStatus.choices, *DisputeStatus.choices]
    )
    # The whole as other jobs' feeds name it: "R-1 of FHI624-P-2".
    label = models.CharField(max_length=200)
    happened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["refund", "work_order"],
                condition=Q(refund__isnull=False),
                name="payments_share_back_refund_once",
            ),
            models.UniqueConstraint(
                fields=["dispute", "work_order"],
                condition=Q(dispute__isnull=False),
                name="payments_share_back_dispute_once",
            ),
            models.CheckConstraint(
                condition=Q(refund__isnull=True) ^ Q(dispute__isnull=True),
                name="payments_share_back_of_one",
            ),
            of_work_order("payments_share_back_work_order"),
        ]
        indexes = [models.Index(fields=["brand", "work_order"], name="payments_share_back_job")]
        triggers = track(
            "payments.share_back",
            [
                *("payment_id", "status", "label"),
                *("amount", "services_amount", "fee_amount"),
            ],
            happened_at="happened_at",
        )

    @property
    def key(self) -> str:
        """What it is a part of: "refund:7" or "dispute:3"."""
        return f"refund:{self.refund_id}" if self.refund_id else f"dispute:{self.dispute_id}"
