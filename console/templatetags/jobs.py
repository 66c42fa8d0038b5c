"""Words for jobs and payments in templates: ``{% load jobs %}``."""

from django import template

from payments.models import Payment, PaymentAttempt, Refund
from payments.timeline import labels, phrases
from workorders.models import WorkOrder

register = template.Library()


@register.filter
def means(thing: Payment | PaymentAttempt) -> str:
    """What was paid with: "Visa •4242", "check 1234"."""
    return phrases.means(phrases.means_of(thing))


@register.filter
def payment_number(payment: Payment) -> str:
    """A payment's full number, unique in its brand: "FHI624-P-2"."""
    return f"{payment.work_order.number}-P-{payment.number}"


@register.filter
def refund_number(refund: Refund, job: WorkOrder) -> str:
    """A refund's number on a page of a job: "2", or "2 of FHI704" where another numbered it."""
    return labels.refund_number(refund, job)
