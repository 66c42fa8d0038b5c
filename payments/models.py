"""Money that clients sent or promised, every try at it, and every fact a provider told.

Amounts are in the currency of the row's brand. ``amount`` is gross: it includes
``fee_amount``, the technology fee, which is a leg of its own beside services.
Tables only; verbs are in ``payments.domain``, the fold of provider facts in ``payments.fold``.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from accounts.models import Brand
from activity.models import ExactDecoder
from activity.tracking import track
from core.constraints import CompositeForeignKey
from core.fields import MoneyField
from workorders.models import WorkOrder, of_work_order


class Method(models.TextChoices):
    """What the client paid with."""

    CARD = "card", "Card"
    ACH = "ach", "Bank debit (ACH)"
    PAC = "pac", "Pay-at-close"
    CHECK = "check", "Check"
    CASH = "cash", "Cash"
    WIRE = "wire", "Wire"
    BANK_TRANSFER = "bank_transfer", "Bank transfer"
    OTHER = "other", "Other"


MANUAL_METHODS = (Method.CHECK, Method.CASH, Method.WIRE, Method.BANK_TRANSFER, Method.OTHER)


class Provider(models.TextChoices):
    """Who moved the money, or who wrote it down."""

    STRIPE = "stripe", "Stripe"
    GUARDIAN = "guardian", "Guardian"
    FLEXFUND = "flexfund", "FlexFund"
    NUVEI = "nuvei", "Nuvei"
    MANUAL = "manual", "Recorded by hand"
    QUICKBOOKS = "quickbooks", "QuickBooks"


class Funding(models.TextChoices):
    """How a card is funded; decides whether a technology fee may be charged."""

    CREDIT = "credit", "Credit"
    DEBIT = "debit", "Debit"
    PREPAID = "prepaid", "Prepaid"
    UNKNOWN = "unknown", "Unknown"


class PaymentStatus(models.TextChoices):
    """Where a payment stands. *Refunded* and *partially refunded* are derived, never stored."""

    REQUIRES_ACTION = "requires_action", "Waiting for the client"
    PENDING = "pending", "Pending"
    PROCESSING = "processing", "Processing"
    COMPLETED = "completed", "Received"
    FAILED = "failed", "Failed"
    VOIDED = "voided", "Voided"
    DISPUTED = "disputed", "Disputed"
    CHARGED_BACK = "charged_back", "Charged back"
    UNKNOWN = "unknown", "Outcome unknown"


# An open dispute changes nothing yet: the money is still here.
RECEIVED_STATUSES = (PaymentStatus.COMPLETED, PaymentStatus.DISPUTED)
PENDING_STATUSES = (PaymentStatus.PENDING, PaymentStatus.PROCESSING)


def _parts_add_up(prefix: str) -> models.CheckConstraint:
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
    provider = models.CharField(max_length=16, choices=Provider)
    status = models.CharField(max_length=16, choices=PaymentStatus)
    # The provider's own word for it, as it came.
    provider_status = models.CharField(max_length=60, blank=True)
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    services_amount = MoneyField()
    fee_amount = MoneyField(default=0)
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
    # Why staff last corrected or voided it; required by those verbs.
    reason = models.CharField(max_length=500, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
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
            _parts_add_up("payments_payment"),
            models.CheckConstraint(
                condition=Q(status__in=PaymentStatus.values), name="payments_payment_status"
            ),
            models.CheckConstraint(
                condition=Q(method__in=Method.values), name="payments_payment_method"
            ),
            models.CheckConstraint(
                condition=Q(provider__in=Provider.values), name="payments_payment_provider"
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
        triggers = track(
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
                "reason",
            ],
            happened_at="happened_at",
        )

    @property
    def short_number(self) -> str:
        """``P-2``, as it stands on its own job's page."""
        return f"P-{self.number}"


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
            _parts_add_up("payments_allocation"),
        ]
        indexes = [
            models.Index(fields=["brand", "work_order", "status"], name="payments_allocation_job")
        ]
        triggers = track(
            "payments.allocation",
            ["payment_id", "amount", "services_amount", "fee_amount", "status", "payment_label"],
            happened_at="happened_at",
        )


class AttemptStatus(models.TextChoices):
    """How one try ended, or where it stands."""

    CREATED = "created", "Started"
    REQUIRES_ACTION = "requires_action", "Waiting for the client"
    PROCESSING = "processing", "Processing"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Declined"
    ABANDONED = "abandoned", "Abandoned"
    UNKNOWN = "unknown", "Outcome unknown"


class PaymentAttempt(models.Model):
    """One try at a payment; exists even where no payment ever came of it."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="attempts")
    payment = models.ForeignKey(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="attempts"
    )
    number = models.PositiveIntegerField()
    method = models.CharField(max_length=16, choices=Method)
    provider = models.CharField(max_length=16, choices=Provider)
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


class RefundStatus(models.TextChoices):
    """Where a refund stands. It counts from the moment it is queued, and comes back if it fails."""

    QUEUED = "queued", "Queued"
    PENDING = "pending", "Pending"
    COMPLETED = "completed", "Refunded"
    FAILED = "failed", "Refund failed"
    CANCELLED = "cancelled", "Cancelled"


REFUND_COUNTS = (RefundStatus.QUEUED, RefundStatus.PENDING, RefundStatus.COMPLETED)


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
    external_id = models.CharField(max_length=120, blank=True)
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
            _parts_add_up("payments_refund"),
            models.CheckConstraint(
                condition=Q(status__in=RefundStatus.values), name="payments_refund_status"
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
        triggers = track(
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
        )


class DisputeStatus(models.TextChoices):
    """Where a dispute stands; a late ACH return arrives as one, too."""

    OPEN = "open", "Dispute opened"
    WON = "won", "Dispute won"
    LOST = "lost", "Dispute lost"


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
                name="payments_dispute_provider_id",
            ),
        ]
        indexes = [
            models.Index(
                fields=["brand", "work_order"],
                condition=Q(status="open"),
                name="payments_dispute_attention",
            )
        ]
        triggers = track(
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
        )


class ProviderEvent(models.Model):
    """One raw fact from a provider, stored before anything else happens.

    ``payload`` is the body as it came (not captured); the tracked columns are what a person
    needs to read. ``work_order`` stays NULL until the order is matched to a job, by us or by
    somebody who attaches it.
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
    provider = models.CharField(max_length=16, choices=Provider)
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
    payload_hash = models.CharField(max_length=64)
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


class ExceptionKind(models.TextChoices):
    """Why a person must look."""

    CONFLICT = "conflict", "Same event, other content"
    UNMATCHED = "unmatched", "No job found"
    UNFOLDABLE = "unfoldable", "Could not be processed"
    AMOUNT = "amount", "Amounts do not fit"


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


class ProviderAccount(models.Model):
    """A brand's account with a provider: the secret that its webhooks are signed with."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="provider_accounts")
    provider = models.CharField(max_length=16, choices=Provider)
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
