"""The technology fee that a card payment should have brought, and the policy for a missing one.

The quote of our own attempt counts; a payment without one (a provider's, an import's) is quoted
by what was true when it was paid: the policy in force, the card's funding, and whether the job's
card fee was switched off. All of it is asked as of that moment, so the quote follows from the
facts alone, in whatever order they come, and no later switch of job or policy changes it.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.split import fee_part
from invoicing.domain.fees import current_policy
from invoicing.settlement.quote import Policy, quote
from invoicing.settlement.types import Uncollected
from payments.domain.status import save_changes
from payments.models import RECEIVED_STATUSES, Funding, Method, Payment, PaymentStatus
from workorders.domain.card_fee import was_disabled

# Money that came; also where it was taken back afterwards.
CAME = (*RECEIVED_STATUSES, PaymentStatus.CHARGED_BACK, PaymentStatus.RETURNED)


@dataclass(frozen=True)
class Quoted:
    """What a payment should have brought as its fee; None: it owes none."""

    fee: Decimal | None = None
    uncollected: str = ""


def fix_quote(payment: Payment) -> None:
    """Store the expected fee of ``payment`` and the policy for a missing one, if they differ."""
    answer = quote_of(payment)
    values = {"fee_expected": answer.fee, "uncollected": answer.uncollected}
    save_changes(payment, values)


def quote_of(payment: Payment) -> Quoted:
    """The quote of ``payment`` as its facts stand. Reads, writes nothing.

    Only a card owes a fee, and only on services: a fee carries no fee.
    """
    if payment.method != Method.CARD or payment.status not in CAME or payment.services_amount <= 0:
        return Quoted()
    if payment.currency != payment.brand.currency:
        return Quoted()  # nothing of it is on a ledger, so no fee is missing there
    at = payment.paid_at or payment.happened_at
    policy = current_policy(payment.brand, at, known_at=payment.created_at)
    fee = _quoted_before(payment)
    if fee is None:
        fee = _by_policy(payment, policy, at)
    if fee is None:
        return Quoted()
    return Quoted(fee, (policy.uncollected if policy else Uncollected.ABSORB).value)


def _by_policy(payment: Payment, policy: Policy | None, at: datetime) -> Decimal | None:
    fee = quote(
        payment.services_amount,
        funding=payment.funding or Funding.UNKNOWN,
        policy=policy,
        currency=payment.currency,
    ).fee
    return None if fee is None or was_disabled(payment.work_order, at) else fee


def _quoted_before(payment: Payment) -> Decimal | None:
    """What was quoted to the client before paying, where an attempt recorded it.

    A capture of less than was tried owes its share of it. What our fold writes on an attempt is
    the fee that came, not one that was quoted.
    """
    rows = payment.attempts.exclude(fee_expected=None)
    last = rows.filter(provider_order_id="").order_by("-happened_at", "-pk").first()
    if last is None or last.fee_expected is None:
        return None
    tried = last.amount - last.fee_expected
    if payment.services_amount >= tried:
        return last.fee_expected
    return fee_part(payment.services_amount, last.fee_expected, tried, payment.currency)
