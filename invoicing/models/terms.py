"""A brand's terms: numbers, due dates, the technology fee; and what was decided of one fee."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Brand
from activity.tracking import track
from core.fields import MoneyField
from invoicing.models import guards, tripwire
from invoicing.settlement.types import Uncollected
from workorders.models import WorkOrder, of_work_order


class BillingSettings(models.Model):
    """How a brand numbers and dates its documents. Locked while a number is taken."""

    brand = models.OneToOneField(Brand, on_delete=models.PROTECT, related_name="billing_settings")
    credit_note_prefix = models.CharField(max_length=12, default="CM-")
    credit_note_width = models.PositiveIntegerField(default=6)
    # The number that the next issued credit note takes; a counter, so not captured.
    next_credit_note = models.PositiveIntegerField(default=1)
    terms_days = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(credit_note_width__gte=1, credit_note_width__lte=12),
                name="invoicing_settings_width",
            ),
            models.CheckConstraint(
                condition=Q(terms_days__lte=365), name="invoicing_settings_terms"
            ),
        ]
        triggers = track(
            "invoicing.settings",
            ["credit_note_prefix", "credit_note_width", "terms_days"],
            work_order="NULL",
        )


class FeePolicy(models.Model):
    """The technology fee from one moment on, until the next policy.

    The fee is ``percent`` of the services paid by card plus ``fixed``, at most ``cap``, for the
    card fundings listed, in the brand's currency. A policy that is in force never changes.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="fee_policies")
    effective_from = models.DateTimeField()
    percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    fixed = MoneyField(default=0)
    cap = MoneyField(null=True, blank=True)
    fundings = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    uncollected = models.CharField(
        max_length=10,
        choices=[(policy.value, policy.value) for policy in Uncollected],
        default=Uncollected.ABSORB.value,
    )
    created_by = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "effective_from"], name="invoicing_fee_once"),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100, fixed__gte=0)
                & (Q(cap__isnull=True) | Q(cap__gte=0)),
                name="invoicing_fee_amounts",
            ),
        ]
        triggers = [
            *track(
                "invoicing.fee_policy",
                ["effective_from", "percent", "fixed", "cap", "fundings", "uncollected"],
                work_order="NULL",
            ),
            *guards.in_force_stays(),
        ]


class FeeDecision(models.Model):
    """Somebody waived or billed the fee that one card payment came in without. The last counts."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(
        WorkOrder, on_delete=models.PROTECT, related_name="fee_decisions"
    )
    # "payment:12", as on the ledger; and as pages name it.
    payment = models.CharField(max_length=60)
    payment_label = models.CharField(max_length=200)
    bill = models.BooleanField()
    # What was uncollected when it was decided.
    amount = MoneyField()
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=200, blank=True)
    happened_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [of_work_order("invoicing_decision_work_order")]
        indexes = [models.Index(fields=["brand", "work_order", "id"], name="invoicing_decision")]
        triggers = [
            *track(
                "invoicing.fee_decision",
                ["payment_label", "bill", "amount", "reason"],
                happened_at="happened_at",
            ),
            *guards.append_only("fee decisions"),
            tripwire.calls_for_recompute(["id"]),
        ]
