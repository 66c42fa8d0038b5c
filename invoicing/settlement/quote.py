"""What the technology fee of a card payment is. Pure: policies in, an amount out.

The fee is the price of paying by card (docs/decisions, technology fee): quoted before paying,
fixed on the payment, owed only where a card of a listed funding was used.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.money import ZERO, quantize
from invoicing.settlement.types import Uncollected

# How a card may be funded, in the order in which pages name them; as payments tell it.
CARD_FUNDINGS = ("credit", "debit", "prepaid", "unknown")
MEANS = {
    "credit": "credit card",
    "debit": "debit card",
    "prepaid": "prepaid card",
    "unknown": "a card of unknown kind",
}


@dataclass(frozen=True)
class Policy:
    """A brand's fee from ``effective_from`` on. ``fixed`` and ``cap`` are in its currency.

    Without ``fundings`` it charges nobody: "no fee from this date".
    """

    effective_from: datetime
    percent: Decimal
    fixed: Decimal = ZERO
    cap: Decimal | None = None
    fundings: frozenset[str] = frozenset()
    uncollected: Uncollected = Uncollected.ABSORB

    def fee(self, services: Decimal, funding: str, currency: str) -> Decimal | None:
        """The fee on ``services`` paid by a card of ``funding``; None where none is owed."""
        if funding not in self.fundings or services <= 0:
            return None
        fee = quantize((services * self.percent).scaleb(-2) + self.fixed, currency)
        fee = fee if self.cap is None else min(fee, quantize(self.cap, currency))
        return fee or None


@dataclass(frozen=True)
class Quote:
    """What a card payment should bring beside its services, and what happens if it does not."""

    fee: Decimal | None
    uncollected: Uncollected


NO_FEE = Quote(None, Uncollected.ABSORB)


def policy_at(policies: Iterable[Policy], at: datetime) -> Policy | None:
    """The policy in force at ``at``: the last one that began by then."""
    begun = [policy for policy in policies if policy.effective_from <= at]
    return max(begun, key=lambda policy: policy.effective_from, default=None)


def quote(
    services: Decimal,
    *,
    funding: str,
    policy: Policy | None,
    currency: str,
    fee_disabled: bool = False,
) -> Quote:
    """The quote for paying ``services`` (in ``currency``, without fee) by card.

    No fee where the brand has no policy, the job has its card fee switched off, or the policy
    does not list the card's funding ("unknown" is a funding of its own).
    """
    if policy is None or fee_disabled:
        return NO_FEE
    return Quote(policy.fee(services, funding or "unknown", currency), policy.uncollected)


@dataclass(frozen=True)
class Price:
    """What the same services come to, paid by any of ``means`` ("credit card", "check")."""

    means: Sequence[str]
    total: Decimal


def price_list(services: Decimal, policy: Policy | None, currency: str) -> list[Price]:
    """What ``services`` come to by each means: dearest cards first, those without a fee last.

    Cards of unknown kind are only named where they bring a fee.
    """
    by_total: dict[Decimal, list[str]] = {}
    exact = quantize(services, currency)
    for funding in CARD_FUNDINGS:
        fee = quote(services, funding=funding, policy=policy, currency=currency).fee
        if fee is not None or funding != "unknown":
            by_total.setdefault(exact + (fee or ZERO), []).append(MEANS[funding])
    by_total.setdefault(exact, []).append("check, bank or cash")
    return [Price(means, amount) for amount, means in sorted(by_total.items(), reverse=True)]
