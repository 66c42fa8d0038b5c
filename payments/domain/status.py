"""What people may do to a payment in which status, as data, and the one place that sets it.

Provider facts set the status that the fold computes; they do not pass this table.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from core.refusal import refusal
from core.transitions import Machine
from payments.models import MANUAL_METHODS, Method, Payment, PaymentStatus, Provider
from payments.providers.registry import label_of

S = PaymentStatus

# verb → status before → status after. A status that is missing: the verb is refused.
VERBS: Mapping[str, Mapping[str, str]] = {
    "confirm": {S.PENDING: S.COMPLETED},
    "void": {S.PENDING: S.VOIDED, S.COMPLETED: S.VOIDED},
    "correct": {S.PENDING: S.PENDING, S.COMPLETED: S.COMPLETED},
    "reconcile": {S.COMPLETED: S.COMPLETED},
    "return": {S.PENDING: S.RETURNED, S.COMPLETED: S.RETURNED},
    "undo_return": {S.RETURNED: S.COMPLETED},
}
# Verbs that only somebody who wrote the payment down may take back.
BY_HAND_ONLY = ("confirm", "void", "correct")
# What a bank returns: checks that bounce; debits, wires and transfers that are sent back.
RETURN_VERBS = ("return", "undo_return")
RETURNABLE = (Method.CHECK, Method.ACH, Method.WIRE, Method.BANK_TRANSFER)


def _why_not(payment: Payment, verb: str, has_move: bool) -> str:
    is_manual = payment.provider == Provider.MANUAL
    by_hand = is_manual and payment.method in MANUAL_METHODS
    if (verb in BY_HAND_ONLY and not by_hand) or (verb in RETURN_VERBS and not is_manual):
        who = label_of(payment.provider)
        return f"{who} moves this money and tells us what happens to it; it cannot be changed here."
    if verb in RETURN_VERBS and not is_returnable(payment):
        return f"{payment.get_method_display()} is not returned by a bank."
    if not has_move:
        status = S(payment.status).label.lower()
        return f"This payment is {status}; that does not allow it to be {_PAST[verb]}."
    if verb == "reconcile" and payment.reconciled_at is not None:
        return f"Already reconciled by {payment.reconciled_by}."
    return ""


_PAST = {
    "confirm": "confirmed",
    "void": "voided",
    "correct": "corrected",
    "reconcile": "reconciled",
    "return": "returned by the bank",
    "undo_return": "taken back as not returned",
}
PAYMENTS = Machine(VERBS, _why_not, partial(refusal, ""))


def is_returnable(payment: Payment) -> bool:
    """Whether a bank may return ``payment``, as far as its method and who wrote it down say."""
    return payment.provider == Provider.MANUAL and payment.method in RETURNABLE


def why_not(verb: str, payment: Payment) -> str:
    """Why ``verb`` is refused now, in words for the page; "" when it is allowed."""
    return PAYMENTS.why_not(payment, verb)


def allow(verb: str, payment: Payment) -> str:
    """The status after ``verb``. Raises ValidationError with the reason when it is refused."""
    return PAYMENTS.allow(payment, verb)


def save_changes(row: Any, values: Mapping[str, Any]) -> list[str]:
    """Set and save the fields of ``values`` that differ. Answers their names; [] wrote nothing."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
    return changed


def set_payment(payment: Payment, values: Mapping[str, Any]) -> list[str]:
    """Save what differs of a payment; its allocations' copies of the status follow.

    The caller holds the locks of every job that the payment pays.
    """
    changed = save_changes(payment, values)
    if "status" in changed:
        payment.allocations.exclude(status=payment.status).update(status=payment.status)
    return changed
