"""What a member may do about the payments and refunds of a job, where these are shown."""

from django.urls import reverse

from accounts.models import Membership, Role
from console.feed.build import Action
from core.money import display
from payments.domain.status import why_not
from payments.models import (
    RECEIVED_STATUSES,
    Payment,
    PaymentAllocation,
    Provider,
    Refund,
    RefundStatus,
)
from payments.timeline.labels import refund_number
from workorders.models import WorkOrder


def payment_actions(payment: Payment, membership: Membership) -> list[Action]:
    """What this member may do about a payment now. What its kind never allows is left out."""
    number = f"{payment.work_order.number}-P-{payment.number}"
    args = [membership.brand.slug, number]
    actions = [Action("Open", reverse("payment", args=args))]
    if payment.provider == Provider.MANUAL:
        sum_ = display(payment.amount, payment.currency)
        verbs = (("confirm", f"Confirm {sum_}"), ("correct", "Correct…"), ("void", "Void…"))
        actions += [
            Action(label, reverse(f"payment_{verb}", args=args))
            for verb, label in verbs
            if not why_not(verb, payment)
        ]
    if membership.at_least(Role.BILLING) and not why_not("reconcile", payment):
        actions.append(Action("Reconcile…", reverse("payment_reconcile", args=args)))
    refundable = (
        payment.status in RECEIVED_STATUSES and payment.currency == membership.brand.currency
    )
    if membership.at_least(Role.BILLING) and refundable:
        actions.append(Action("Refund…", reverse("refund_new", args=args)))
    actions.append(Action("Note…", reverse("payment_note", args=args)))
    return actions


def give_back(allocations: list[PaymentAllocation], membership: Membership) -> list[Action]:
    """A surplus is returned from the newest payment that came in."""
    received = (
        a.payment
        for a in allocations
        if a.payment.status in RECEIVED_STATUSES and a.payment.currency == membership.brand.currency
    )
    newest = next(received, None)
    if newest is None or not membership.at_least(Role.BILLING):
        return []
    args = [membership.brand.slug, f"{newest.work_order.number}-P-{newest.number}"]
    return [Action("Refund…", reverse("refund_new", args=args))]


def refund_actions(
    refunds: list[Refund], membership: Membership, job: WorkOrder
) -> dict[str, list[Action]]:
    """What billing staff may say of each refund that waits for somebody to do it, by number."""
    if not membership.at_least(Role.BILLING):
        return {}
    slug = membership.brand.slug
    verbs = (("done…", "refund_complete"), ("call off…", "refund_cancel"))
    return {
        (number := refund_number(refund, job)): [
            Action(f"R-{number}: {label}", reverse(name, args=[slug, refund.pk]))
            for label, name in verbs
        ]
        for refund in refunds
        if refund.status == RefundStatus.QUEUED
    }
