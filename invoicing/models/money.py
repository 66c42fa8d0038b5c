"""Money and credits on invoices, and the credit that clients have with the brand."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Brand
from activity.tracking import track
from core.constraints import CompositeForeignKey
from core.fields import MoneyField
from invoicing.models import guards, tripwire
from invoicing.models.document import Invoice, of_invoice
from invoicing.settlement.types import EntryKind, LedgerFigure, Uncollected, kinds_of
from workorders.models import Client, WorkOrder, of_work_order

KINDS = [kind.value for kind in EntryKind]
# Only these are on the feed: the payments' own rows are tracked, and say the same of money.
CREDIT_KINDS = [kind.value for kind in kinds_of(LedgerFigure.CREDITS)]


class CreditKind(models.TextChoices):
    """Where a client's credit came from."""

    CREDIT_NOTE = "credit_note", "Credit note"
    OVERPAYMENT = "overpayment", "Overpayment"
    PREPAYMENT = "prepayment", "Prepayment"


class ClientCredit(models.Model):
    """What a client may still use with the brand. ``used`` is what invoices took of it.

    ``amount`` never changes; the database refuses to use more than there is. Amounts are in the
    brand's currency.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="credits")
    # The job that it came from; none for a prepayment without one.
    work_order = models.ForeignKey(
        WorkOrder, null=True, blank=True, on_delete=models.PROTECT, related_name="credits"
    )
    kind = models.CharField(max_length=12, choices=CreditKind)
    # The credit note itself, or the invoice that was overpaid.
    invoice = models.ForeignKey(
        Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="pool"
    )
    amount = MoneyField()
    used = MoneyField(default=0)
    # Given back to the client outside of any invoice, or taken back by voiding its credit note.
    returned = MoneyField(default=0)
    # As pages name it: "CM-000001", "Overpayment of FHI624", "Check 1234".
    label = models.CharField(max_length=200)
    method = models.CharField(max_length=16, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    happened_at = models.DateTimeField()

    class Meta:
        constraints = [
            of_work_order("invoicing_credit_work_order"),
            CompositeForeignKey(
                fields=["client", "brand"],
                to="workorders.Client",
                to_fields=["id", "brand"],
                name="invoicing_credit_client",
            ),
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(kind="credit_note"),
                name="invoicing_credit_note_once",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0)
                & Q(used__gte=0)
                & Q(returned__gte=0)
                & Q(amount__gte=F("used") + F("returned")),
                name="invoicing_credit_not_overdrawn",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=CreditKind.values), name="invoicing_credit_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "client", "-id"], name="invoicing_credit_of_client"),
            models.Index(
                fields=["brand", "-id"],
                condition=Q(amount__gt=F("used") + F("returned")),
                name="invoicing_credit_open",
            ),
        ]
        triggers = [
            *track(
                "invoicing.client_credit",
                ["kind", "amount", "returned", "label", "method", "reference", "reason"],
                happened_at="happened_at",
            ),
            guards.granted_stays(),
        ]


class LedgerEntry(models.Model):
    """One append-only line of money or credit on an invoice.

    Amounts are never negative, in the invoice's currency: the kind has the sign. ``source`` and
    its ``sequence`` name what it came from ("payment:12"); ``payment`` is the payment that the
    money belongs to. The rest is what a statement prints, as it was.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in KINDS])
    services_amount = MoneyField()
    fee_amount = MoneyField(default=0)
    source = models.CharField(max_length=60)
    sequence = models.PositiveIntegerField()
    payment = models.CharField(max_length=60, blank=True)
    credit = models.ForeignKey(
        ClientCredit, null=True, blank=True, on_delete=models.PROTECT, related_name="entries"
    )
    label = models.CharField(max_length=200)
    method = models.CharField(max_length=16, blank=True)
    provider = models.CharField(max_length=16, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    funding = models.CharField(max_length=10, blank=True)
    fee_expected = MoneyField(null=True, blank=True)
    # What of the payment's services was quoted here; NULL: all, as before this was written down.
    fee_base = MoneyField(null=True, blank=True)
    uncollected = models.CharField(
        max_length=10, blank=True, choices=[(policy.value, policy.value) for policy in Uncollected]
    )
    reverses = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversals"
    )
    # Takes back what was printed of a source, or prints it again (invoicing.domain.reprint).
    is_reprint = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=200, blank=True)
    # By the brand's calendar.
    occurred_on = models.DateField()
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "sequence"], name="invoicing_entry_source"),
            of_work_order("invoicing_entry_work_order"),
            of_invoice("invoicing_entry_invoice"),
            models.CheckConstraint(
                condition=Q(services_amount__gte=0)
                & Q(fee_amount__gte=0)
                & ~Q(services_amount=0, fee_amount=0),
                name="invoicing_entry_amounts",
            ),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="invoicing_entry_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=CREDIT_KINDS, credit__isnull=False, fee_amount=0)
                | (~Q(kind__in=CREDIT_KINDS) & Q(credit__isnull=True) & ~Q(payment="")),
                name="invoicing_entry_credit_or_payment",
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "work_order", "id"], name="invoicing_entry_of_job"),
            models.Index(fields=["brand", "payment"], name="invoicing_entry_payment"),
        ]
        triggers = [
            *track(
                "invoicing.ledger_entry",
                ["invoice_id", "kind", "services_amount", "credit_id", "label", "reason"],
                happened_at="happened_at",
                only=f"r.kind IN ({', '.join(repr(kind) for kind in CREDIT_KINDS)})",
            ),
            *guards.append_only("ledger entries"),
            tripwire.calls_for_recompute(["id"]),
        ]


class MoneyInFlight(models.Model):
    """Money under way: a pending payment (never counts) or a queued refund (counts).

    One row per source and invoice, written by ``invoicing.domain.ledger`` only; it goes when the
    money arrives or fails. Derived, so not captured.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="in_flight")
    source = models.CharField(max_length=60)
    is_refund = models.BooleanField(default=False)
    services_amount = MoneyField()
    fee_amount = MoneyField(default=0)
    payment = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    happened_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "invoice"], name="invoicing_flight_source"),
            of_work_order("invoicing_flight_work_order"),
            of_invoice("invoicing_flight_invoice"),
            models.CheckConstraint(
                condition=Q(services_amount__gte=0)
                & Q(fee_amount__gte=0)
                & ~Q(services_amount=0, fee_amount=0),
                name="invoicing_flight_amounts",
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "work_order"], name="invoicing_flight_of_job"),
        ]
        triggers = [
            tripwire.calls_for_recompute(
                ["invoice_id", "is_refund", "services_amount", "fee_amount", "payment"]
            ),
        ]
