"""How a payment is named in one line, with its number, method and gross amount."""

from core.money import display as money_text
from payments.models import Method, Payment, Provider

__all__ = ["full_number", "means", "money_text", "payment_label"]


def full_number(work_order_number: str, number: int) -> str:
    """``FHI624-P-2``."""
    return f"{work_order_number}-P-{number}"


def means(payment: Payment) -> str:
    """What was paid with, as short as it can be told: ``Visa •4242``, ``Check 1234``."""
    if payment.method == Method.CHECK:
        return f"Check {payment.reference}".strip()
    if payment.method in (Method.CARD, Method.ACH) and payment.last4:
        return f"{payment.card_brand or payment.get_method_display()} •{payment.last4}"
    if payment.method == Method.PAC:
        return f"Pay-at-close ({Provider(payment.provider).label})"
    return payment.get_method_display()


def payment_label(payment: Payment, work_order_number: str, jobs: int = 1) -> str:
    """``FHI624-P-2 · Check 1234 · $900.00 over 3 jobs``, at most 200 characters."""
    parts = [
        full_number(work_order_number, payment.number),
        means(payment),
        money_text(payment.amount, payment.currency) + (f" over {jobs} jobs" if jobs > 1 else ""),
    ]
    return " · ".join(parts)[:200]
