"""The technology fee that a card payment should have brought: fixed once, when its money came.

The quote of our own attempt counts; a payment without one (a provider's, an import's) is quoted
by the policy at the time it was paid, its card's funding, and whether the job's card fee was
switched off. Later switches change nothing (docs/decisions, technology fee).
"""

from decimal import Decimal

from invoicing.bill import Uncollected
from invoicing.domain.fees import quote_at
from payments.domain.status import save_changes
from payments.models import RECEIVED_STATUSES, Funding, Method, Payment


def fix_quote(payment: Payment) -> None:
    """Store the expected fee of ``payment`` and the policy for a missing one, if not yet done.

    Only a card owes a fee. As long as nobody told how the card is funded it stays open.
    """
    if payment.uncollected or payment.status not in RECEIVED_STATUSES:
        return
    if payment.method != Method.CARD:
        return
    quote = quote_at(
        payment.brand,
        payment.services_amount,
        funding=payment.funding,
        at=payment.paid_at or payment.happened_at,
        fee_disabled=payment.work_order.fee_disabled,
    )
    told = _quoted(payment)
    expected = told if told is not None else quote.fee
    if expected is None and payment.funding in ("", Funding.UNKNOWN):
        return
    policy = quote.uncollected if quote.fee is not None else Uncollected.ABSORB
    save_changes(payment, {"fee_expected": expected, "uncollected": policy.value})


def _quoted(payment: Payment) -> Decimal | None:
    """What was quoted to the client before paying, where an attempt recorded it."""
    rows = payment.attempts.exclude(fee_expected=None).exclude(external_id__startswith="order:")
    last = rows.order_by("-happened_at", "-pk").first()
    return last.fee_expected if last else None
