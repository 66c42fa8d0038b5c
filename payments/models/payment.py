"""Money sent or promised, and the share of it that pays each job."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from accounts.models import Brand
from activity.models import ExactDecoder
from activity.tracking import track
from core.constraints import CompositeForeignKey
from core.fields import MoneyField
from core.money import ZERO
from invoicing.models.tripwire import calls_for_posting
from invoicing.settlement.types import Uncollected
from payments.models.enums import Funding, Method, PaymentStatus, ReturnReason
from payments.providers import registry
from workorders.models import WorkOrder, of_work_order


def parts_add_up(prefix: str) -> models.CheckConstraint:
    """Refuse an amount that is not positive, or not its services and fee parts together."""
    return models.CheckConstraint(
        condition=Q(amount=F("services_amount") + F("fee_amount"))
        & Q(amount__gt=0)
        & Q(services_amount__gte=0)
        & Q(fee_amount__gte=0),
        name=f"{prefix}_parts",
    )


class Payment(models.Model):
    """Money sent or promised. Its number is short and per job: ``FHI624-P-2``."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="payments")
    # The job it was recorded on; one check may pay several, see PaymentAllocation.
    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="payments")
    number = models.PositiveIntegerField()
    method = models.CharField(max_length=16, choices=Method)
    provider = models.CharField(max_length=16, choices=registry.choices)
    status = models.CharField(max_length=16, choices=PaymentStatus)
    # The provider's own word for it, as it came.
    provider_status = models.CharField(max_length=60, blank=True)
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    services_amount = MoneyField()
    fee_amount = MoneyField(default=0)
    # Whether anybody reported how much of it is fee. Where nobody did, its parts follow from what
    # was open when it was paid (docs/decisions/015).
    is_fee_reported = models.BooleanField(default=True)
    # What of its services the fee was quoted for; NULL while nothing is billed.
    fee_base = MoneyField(null=True, blank=True)
    # Whose bill it is measured against, where it was paid before anything was billed.
    bill_as_of = models.DateTimeField(null=True, blank=True, editable=False)
    # What the card fee of this payment should be; NULL: no card was used, or none is known.
    # Like the brand's policy for a fee that did not come, fixed once: later switches of either
    # change nothing here.
    fee_expected = MoneyField(null=True, blank=True)
    uncollected = models.CharField(max_length=10, choices=Uncollected, blank=True)
    payer_name = models.CharField(max_length=160, blank=True)
    card_brand = models.CharField(max_length=30, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    funding = models.CharField(max_length=10, choices=Funding, blank=True)
    # Check number, wire reference, or the provider's own ids (pi_, ch_, order id).
    reference = models.CharField(max_length=120, blank=True)
    references = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    # Ties a provider's facts to this payment.
    provider_order_id = models.CharField(max_length=120, blank=True)
    failure_code = models.CharField(max_length=60, blank=True)
    failure_message = models.CharField(max_length=300, blank=True)
    happened_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=200, blank=True)
    reconciled_at = models.DateTimeField(null=True, blank=True)
    reconciled_by = models.CharField(max_length=200, blank=True)
    reconciled_note = models.CharField(max_length=500, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    follow_up_on = models.DateField(null=True, blank=True)
    # When and why the bank returned it; only while its status says so.
    returned_on = models.DateField(null=True, blank=True)
    return_reason = models.CharField(max_length=10, choices=ReturnReason, blank=True)
    # Why staff last corrected or voided it; required by those verbs. What they said of a return.
    reason = models.CharField(max_length=500, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    # How an import told it stands, frozen: one fact beside the events that follow. Written by
    # the importer only; see ``payments.ingest.imported_fact``.
    imported_fact = models.JSONField(null=True, blank=True, editable=False, decoder=ExactDecoder)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["work_order", "number"], name="payments_payment_number"
            ),
            models.UniqueConstraint(fields=["id", "brand"], name="payments_payment_brand"),
            models.UniqueConstraint(
                fields=["brand", "provider", "provider_order_id"],
                condition=~Q(provider_order_id=""),
                name="payments_payment_order",
            ),
            of_work_order("payments_payment_work_order"),
            parts_add_up("payments_payment"),
            models.CheckConstraint(
                condition=Q(status__in=PaymentStatus.values), name="payments_payment_status"
            ),
            models.CheckConstraint(
                condition=Q(method__in=Method.values), name="payments_payment_method"
            ),
            models.CheckConstraint(
                # Which providers there are is code's: a new one needs no migration.
                condition=Q(provider__regex=registry.SLUG),
                name="payments_payment_provider",
            ),
            models.CheckConstraint(
                condition=Q(return_reason__in=["", *ReturnReason.values])
                & (Q(returned_on__isnull=True, return_reason="") | Q(status="returned")),
                name="payments_payment_returned",
            ),
            models.CheckConstraint(
                condition=Q(fee_expected__isnull=True) | Q(fee_expected__gte=0),
                name="payments_payment_fee_expected",
            ),
            models.CheckConstraint(
                condition=Q(uncollected__in=["", *Uncollected.values]),
                name="payments_payment_uncollected",
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "-happened_at", "-id"], name="payments_payment_list"),
            models.Index(fields=["brand", "last4"], name="payments_payment_last4"),
            models.Index(fields=["brand", "reference"], name="payments_payment_reference"),
            GinIndex(fields=["references"], name="payments_payment_references"),
            models.Index(
                fields=["brand", "work_order"],
                condition=Q(status__in=["failed", "unknown", "disputed"]),
                name="payments_payment_attention",
            ),
            models.Index(
                fields=["brand", "follow_up_on"],
                condition=Q(follow_up_on__isnull=False),
                name="payments_payment_follow_up",
            ),
        ]
        triggers = [
            *track(
                "payments.payment",
                [
                    "number",
                    "method",
                    "provider",
                    "status",
                    "provider_status",
                    "currency",
                    "amount",
                    "services_amount",
                    "fee_amount",
                    "fee_expected",
                    "uncollected",
                    "payer_name",
                    "card_brand",
                    "last4",
                    "funding",
                    "reference",
                    "references",
                    "provider_order_id",
                    "failure_code",
                    "failure_message",
                    "paid_at",
                    "confirmed_at",
                    "confirmed_by",
                    "reconciled_at",
                    "reconciled_by",
                    "reconciled_note",
                    "note",
                    "follow_up_on",
                    "returned_on",
                    "return_reason",
                    "reason",
                ],
                happened_at="happened_at",
            ),
            calls_for_posting(
                ["status", "currency", "amount", "services_amount", "fee_amount"],
                shares=(
                    "SELECT work_order_id, payment_id FROM payments_paymentallocation "
                    "WHERE payment_id = r.id"
                ),
            ),
        ]

    @property
    def short_number(self) -> str:
        """``P-2``, as its own job's page shows it."""
        return f"P-{self.number}"

    @property
    def surplus(self) -> Decimal:
        """What of its services nothing was open for, where its parts follow from that.

        It carries no fee, and goes back first. Zero where the fee was reported: with all of its
        services (docs/decisions/015).
        """
        if self.is_fee_reported or self.fee_base is None:
            return ZERO
        return max(ZERO, self.services_amount - self.fee_base)


class PaymentAllocation(models.Model):
    """How much of a payment pays one job. One check of 900.00 may pay three jobs of 300.00.

    ``status`` copies the payment's, so that each job's own feed records what became of its
    share. Written by ``payments.domain`` together with the payment, never alone.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="allocations")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="allocations")
    amount = MoneyField()
    services_amount = MoneyField()
    fee_amount = MoneyField(default=0)
    status = models.CharField(max_length=16, choices=PaymentStatus)
    # The payment as other jobs' feeds name it: its full number, method, reference, gross amount.
    payment_label = models.CharField(max_length=200)
    happened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "work_order"], name="payments_allocation_once"
            ),
            of_work_order("payments_allocation_work_order"),
            CompositeForeignKey(
                fields=["payment", "brand"],
                to="payments.Payment",
                to_fields=["id", "brand"],
                name="payments_allocation_payment",
            ),
            parts_add_up("payments_allocation"),
        ]
        indexes = [
            models.Index(fields=["brand", "work_order", "status"], name="payments_allocation_job")
        ]
        triggers = [
            *track(
                "payments.allocation",
                [
                    "payment_id",
                    "amount",
                    "services_amount",
                    "fee_amount",
                    "status",
                    "payment_label",
                ],
                happened_at="happened_at",
            ),
            calls_for_posting(
                [
                    *("work_order_id", "payment_id", "status"),
                    *("amount", "services_amount", "fee_amount"),
                ]
            ),
        ]
