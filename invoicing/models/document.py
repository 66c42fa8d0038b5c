"""Invoices and credit notes, their immutable revisions and lines."""

from django.db import models
from django.db.models import Q

from accounts.models import Brand
from activity.tracking import track
from core.constraints import CompositeForeignKey
from core.fields import MoneyField
from invoicing.models import guards, tripwire
from invoicing.settlement.types import InvoiceStatus
from workorders.models import Client, ServiceType, WorkOrder, of_work_order


class InvoiceKind(models.TextChoices):
    """A credit note owes the client instead."""

    STANDARD = "standard", "Invoice"
    CREDIT_NOTE = "credit_note", "Credit note"


def of_invoice(name: str) -> CompositeForeignKey:
    """The guard that a row's copied work order is its invoice's."""
    return CompositeForeignKey(
        fields=["invoice", "work_order"],
        to="invoicing.Invoice",
        to_fields=["id", "work_order"],
        name=name,
    )


class Invoice(models.Model):
    """The document of what a client owes. Its number and identity stay; its content is revisions.

    A draft has none: a standard draft is the charges of its job that no issued invoice bills,
    a credit note's draft is its ``CreditNoteLine`` rows. Its number is provisional.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="invoices")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="invoices")
    kind = models.CharField(max_length=12, choices=InvoiceKind, default=InvoiceKind.STANDARD)
    status = models.CharField(max_length=8, choices=InvoiceStatus, default=InvoiceStatus.DRAFT)
    number = models.CharField(max_length=60)
    # The how-manieth document of its kind on this job: its order, and the suffix of its number.
    sequence = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    # Its first issue, by the brand's calendar.
    invoice_date = models.DateField(null=True, blank=True)
    terms_days = models.PositiveIntegerField(default=0)
    due_on = models.DateField(null=True, blank=True)
    # The invoice that a credit note was made from.
    credits = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="credit_notes"
    )
    # Why it was made (a credit note) or voided.
    reason = models.CharField(max_length=500, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    happened_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "number"], name="invoicing_invoice_number"),
            models.UniqueConstraint(fields=["id", "work_order"], name="invoicing_invoice_job"),
            models.UniqueConstraint(
                fields=["work_order", "kind", "sequence"], name="invoicing_invoice_sequence"
            ),
            models.UniqueConstraint(
                fields=["work_order"],
                condition=Q(kind="standard", status="draft"),
                name="invoicing_invoice_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(invoice_date__isnull=False, due_on__isnull=False),
                name="invoicing_invoice_dates",
            ),
            models.CheckConstraint(
                condition=Q(status__in=InvoiceStatus.values), name="invoicing_invoice_status"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=InvoiceKind.values), name="invoicing_invoice_kind"
            ),
            of_work_order("invoicing_invoice_work_order"),
            CompositeForeignKey(
                fields=["client", "brand"],
                to="workorders.Client",
                to_fields=["id", "brand"],
                name="invoicing_invoice_client",
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "work_order", "kind"], name="invoicing_invoice_of_job"),
            models.Index(fields=["brand", "client", "-id"], name="invoicing_invoice_of_client"),
            models.Index(
                fields=["brand", "due_on", "id"],
                condition=Q(status="issued"),
                name="invoicing_invoice_due",
            ),
        ]
        triggers = [
            *track(
                "invoicing.invoice",
                [
                    *("kind", "status", "number", "invoice_date", "terms_days", "due_on"),
                    *("credits_id", "reason"),
                ],
                happened_at="happened_at",
            ),
            *guards.issued_stays(),
            tripwire.calls_for_recompute(["status", "sequence"], only="r.kind = 'standard'"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_credit_note(self) -> bool:
        """Whether it owes the client instead."""
        return self.kind == InvoiceKind.CREDIT_NOTE


class InvoiceRevision(models.Model):
    """The content of an issued invoice from one moment on. Never changed; the last one counts.

    Totals are in the invoice's currency; a credit note's are below zero.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    services_total = MoneyField()
    tax_total = MoneyField(default=0)
    # What the revision before it came to, both together; what it changes is then a row's own fact.
    total_before = MoneyField(default=0)
    # Whom it was billed to and where the job was, as it was issued (docs/decisions/020).
    bill_to_name = models.CharField(max_length=160, blank=True)
    bill_to_address = models.CharField(max_length=240, blank=True)
    tax_number = models.CharField(max_length=40, blank=True)
    job_address = models.CharField(max_length=240, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=200, blank=True)
    happened_at = models.DateTimeField()
    txid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "number"], name="invoicing_revision_number"),
            of_work_order("invoicing_revision_work_order"),
            of_invoice("invoicing_revision_invoice"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""), name="invoicing_revision_reason"
            ),
        ]
        triggers = [
            *track(
                "invoicing.revision",
                ["invoice_id", "number", "services_total", "tax_total", "total_before", "reason"],
                happened_at="happened_at",
            ),
            *guards.append_only("revisions of an invoice"),
            guards.stamped_with_its_transaction(),
            tripwire.calls_for_recompute(["id"]),
        ]


class BillLine(models.Model):
    """What a line of a bill says. Amounts in the invoice's currency, ``tax_amount`` on top."""

    position = models.PositiveIntegerField()
    service_type = models.CharField(
        max_length=20, choices=ServiceType, default=ServiceType.STANDARD
    )
    description = models.CharField(max_length=240)
    amount = MoneyField()
    tax_name = models.CharField(max_length=60, blank=True)
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    tax_amount = MoneyField(default=0)

    class Meta:
        abstract = True


class InvoiceLine(BillLine):
    """One line of a revision. ``charge_id`` names the charge that it bills, as it was."""

    revision = models.ForeignKey(InvoiceRevision, on_delete=models.PROTECT, related_name="lines")
    # No foreign key: the bill stays when the charge is replaced.
    charge_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "position"], name="invoicing_line_position")
        ]
        triggers = [
            *guards.append_only("lines of an issued invoice"),
            guards.no_truncate("lines of an issued invoice"),
            guards.only_with_its_revision(),
        ]


class CreditNoteLine(BillLine):
    """One line of a credit note's draft; what it gives back is below zero. Free to change."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="draft_lines")
    charge_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            of_work_order("invoicing_draft_line_work_order"),
            of_invoice("invoicing_draft_line_invoice"),
        ]
        triggers = track(
            "invoicing.credit_note_line",
            ["invoice_id", "description", "amount", "tax_amount"],
        )
