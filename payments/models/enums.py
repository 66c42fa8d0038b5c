"""The words that payments, tries, money on its way back and exceptions are in."""

from enum import StrEnum

from django.db import models


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


class Provider(StrEnum):
    """Slugs of providers that code names, above all ``MANUAL``: recorded by staff.

    All providers, with their labels, are in ``payments.providers.registry``; a new one is not
    added here.
    """

    STRIPE = "stripe"
    GUARDIAN = "guardian"
    FLEXFUND = "flexfund"
    NUVEI = "nuvei"
    MANUAL = "manual"
    QUICKBOOKS = "quickbooks"


class Funding(models.TextChoices):
    """How a card is funded; decides whether a technology fee may be charged."""

    CREDIT = "credit", "Credit"
    DEBIT = "debit", "Debit"
    PREPAID = "prepaid", "Prepaid"
    UNKNOWN = "unknown", "Unknown"


class PaymentStatus(models.TextChoices):
    """What became of a payment. *Refunded* and *partially refunded* are derived, never stored."""

    REQUIRES_ACTION = "requires_action", "Waiting for the client"
    PENDING = "pending", "Pending"
    PROCESSING = "processing", "Processing"
    COMPLETED = "completed", "Received"
    FAILED = "failed", "Failed"
    VOIDED = "voided", "Voided"
    DISPUTED = "disputed", "Disputed"
    CHARGED_BACK = "charged_back", "Charged back"
    RETURNED = "returned", "Returned by the bank"
    UNKNOWN = "unknown", "Outcome unknown"


# An open dispute changes nothing yet: the money is still here.
RECEIVED_STATUSES = (PaymentStatus.COMPLETED, PaymentStatus.DISPUTED)
PENDING_STATUSES = (PaymentStatus.PENDING, PaymentStatus.PROCESSING)


class AttemptStatus(models.TextChoices):
    """How one try ended, or how far it is."""

    CREATED = "created", "Started"
    REQUIRES_ACTION = "requires_action", "Waiting for the client"
    PROCESSING = "processing", "Processing"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Declined"
    ABANDONED = "abandoned", "Abandoned"
    UNKNOWN = "unknown", "Outcome unknown"


class RefundStatus(models.TextChoices):
    """How far a refund is. It counts from the moment it is queued, and comes back if it fails."""

    QUEUED = "queued", "Queued"
    PENDING = "pending", "Pending"
    COMPLETED = "completed", "Refunded"
    FAILED = "failed", "Refund failed"
    CANCELLED = "cancelled", "Cancelled"


REFUND_COUNTS = (RefundStatus.QUEUED, RefundStatus.PENDING, RefundStatus.COMPLETED)


class RefundOrigin(models.TextChoices):
    """Who said first that money goes back: of a refund who asked for it, of a dispute who knew."""

    PERSON = "person", "Entered here"
    PROVIDER = "provider", "Reported by the provider"
    IMPORT = "import", "Imported"


class ProviderMatch(models.TextChoices):
    """How a provider's refund turned out to be one that a person asked for here."""

    FOLLOWS = "follows", "Follows the provider: its id and status are the events’"
    NAMED = "named", "Completed here under the provider’s id; its status is the events’"


class DisputeStatus(models.TextChoices):
    """How far a dispute is; a late ACH return arrives as one, too.

    *Withdrawn*: later facts explained it away, or it was written down by mistake.
    """

    OPEN = "open", "Dispute opened"
    WON = "won", "Dispute won"
    LOST = "lost", "Dispute lost"
    WITHDRAWN = "withdrawn", "Dispute withdrawn"


class ReturnReason(models.TextChoices):
    """Why a bank returned a check, a debit, a wire or a transfer that was written down here."""

    FUNDS = "funds", "Not enough money (NSF)"
    STOPPED = "stopped", "Payment stopped"
    CLOSED = "closed", "Account closed"
    OTHER = "other", "Another reason"


class ExceptionKind(models.TextChoices):
    """Why a person must look."""

    CONFLICT = "conflict", "Same event, other content"
    UNMATCHED = "unmatched", "No job found"
    UNFOLDABLE = "unfoldable", "Could not be processed"
    AMOUNT = "amount", "Amounts do not fit"
    CURRENCY = "currency", "Another currency"
