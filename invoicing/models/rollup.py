"""Rollups for lists: written by ``invoicing.domain.rollup.recompute`` alone, never captured."""

import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models import Brand
from activity.tracking import track
from core.fields import MoneyField
from invoicing.models.document import Invoice, of_invoice
from invoicing.settlement.types import InvoiceStatus, ItemStatus
from workorders.models import Charge, WorkOrder, of_work_order


class Figures(models.Model):
    """A settlement's figures, in the brand's currency, and its word."""

    word = models.CharField(max_length=30)
    services = MoneyField()
    fee_kept = MoneyField()
    fee_due = MoneyField()
    fee_expected = MoneyField()
    # Missing and not waived: what staff still may waive or bill.
    fee_uncollected = MoneyField()
    billed = MoneyField()
    credits = MoneyField()
    received = MoneyField()
    refunded = MoneyField()
    pending = MoneyField()
    balance = MoneyField()
    amount_due = MoneyField()

    class Meta:
        abstract = True


class InvoiceBalance(Figures):
    """What the settlement of one invoice says."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    invoice = models.OneToOneField(Invoice, on_delete=models.CASCADE, related_name="figures")


class JobBalance(Figures):
    """What the settlement of a whole job says. ``status`` is its documents' together."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.OneToOneField(WorkOrder, on_delete=models.CASCADE, related_name="figures")
    status = models.CharField(max_length=8, choices=InvoiceStatus)

    class Meta:
        constraints = [of_work_order("invoicing_job_balance_job")]
        indexes = [
            models.Index(
                fields=["brand", "work_order"],
                condition=Q(status="issued", amount_due__gt=0),
                name="invoicing_job_outstanding",
            ),
            models.Index(
                fields=["brand", "work_order"],
                condition=Q(balance__lt=0),
                name="invoicing_job_overpaid",
            ),
            models.Index(
                fields=["brand", "work_order"],
                condition=Q(fee_uncollected__gt=0),
                name="invoicing_job_uncollected",
            ),
        ]


class Fulfilment(models.TextChoices):
    """How far a paid item is; forward on its own and by hand, never back."""

    NOT_STARTED = "not_started", "Not started"
    INVOICED = "invoiced", "Invoiced"
    CLIENT_PAID = "client_paid", "Ready to order"
    ORDERED = "ordered", "Ordered"
    DELIVERED = "delivered", "Delivered"


_STEPS = "ARRAY[" + ", ".join(f"'{step}'" for step in Fulfilment.values) + "]"


class Item(models.Model):
    """One charge: how much of it is covered, and how far its fulfilment is.

    ``total``, ``covered`` and ``status`` are rollups; the fulfilment is a fact of its own.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="items")
    charge = models.OneToOneField(Charge, on_delete=models.CASCADE, related_name="item")
    invoice = models.ForeignKey(
        Invoice, null=True, blank=True, on_delete=models.CASCADE, related_name="items"
    )
    description = models.CharField(max_length=240)
    total = MoneyField()
    covered = MoneyField()
    status = models.CharField(
        max_length=14, choices=[(status.value, status.value) for status in ItemStatus]
    )
    fulfilment = models.CharField(max_length=12, choices=Fulfilment, default=Fulfilment.NOT_STARTED)

    @property
    def status_label(self) -> str:
        """How far it is paid, in words."""
        return ItemStatus(self.status).label

    class Meta:
        constraints = [
            of_work_order("invoicing_item_work_order"),
            of_invoice("invoicing_item_invoice"),
        ]
        indexes = [
            models.Index(fields=["brand", "status", "-id"], name="invoicing_item_status"),
            models.Index(fields=["brand", "fulfilment", "-id"], name="invoicing_item_fulfilment"),
            models.Index(fields=["brand", "work_order"], name="invoicing_item_job"),
        ]
        triggers = [
            # What comes before "paid" is on the invoice's own lines of the feed.
            *track(
                "invoicing.item",
                ["description", "fulfilment"],
                only="r.fulfilment IN ('client_paid', 'ordered', 'delivered')",
            ),
            pgtrigger.Trigger(
                name="refuse_backwards",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("fulfilment"),
                func=(
                    f"IF array_position({_STEPS}, NEW.fulfilment::text) "
                    f"< array_position({_STEPS}, OLD.fulfilment::text) THEN "
                    "RAISE EXCEPTION 'paystory_forward_only: an item is never less fulfilled'; "
                    "END IF; RETURN NEW;"
                ),
            ),
        ]
