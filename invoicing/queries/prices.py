"""What an unpaid bill costs by each means: "$500.00, or $517.95 by card"."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.models import Brand
from core import clock
from core.money import ZERO, display, quantize
from invoicing.domain.fees import current_policy
from invoicing.settlement.quote import Policy, quote


@dataclass(frozen=True)
class Prices:
    """``plain`` by check, bank or cash; ``by_card`` by credit card, None where it is the same."""

    plain: Decimal
    by_card: Decimal | None
    currency: str

    def __str__(self) -> str:
        plain = display(self.plain, self.currency)
        if self.by_card is None:
            return plain
        return f"{plain}, or {display(self.by_card, self.currency)} by card"


def prices(
    brand: Brand,
    amount_due: Decimal,
    fee_disabled: bool,
    at: datetime | None = None,
    *,
    fee_due: Decimal = ZERO,
) -> Prices:
    """The prices of ``amount_due`` (brand's currency) paid at ``at``, by default now.

    ``fee_due`` is what of it is a technology fee: that carries no fee of its own.
    """
    policy = None if fee_disabled else current_policy(brand, at or clock.now())
    return price_of(amount_due, policy, brand.currency, fee_due=fee_due)


def price_of(
    amount_due: Decimal, policy: Policy | None, currency: str, *, fee_due: Decimal = ZERO
) -> Prices:
    """The same, pure. Nothing due has one price."""
    plain = quantize(amount_due, currency)
    fee = quote(plain - fee_due, funding="credit", policy=policy, currency=currency).fee
    return Prices(plain, None if fee is None else plain + fee, currency)
