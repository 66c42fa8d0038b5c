"""The brand's technology fee at a moment: its dated policies, read for the pure ``fees.quote``."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from accounts.models import Brand
from invoicing.bill import Uncollected
from invoicing.fees import Policy, Quote, policy_at, quote
from invoicing.models import FeePolicy


def policies_of(brand: Brand) -> Sequence[Policy]:
    """Every policy of ``brand``, past and to come."""
    return [as_policy(row) for row in FeePolicy.objects.filter(brand=brand)]


def as_policy(row: FeePolicy) -> Policy:
    """A stored policy as the pure functions take it."""
    return Policy(
        effective_from=row.effective_from,
        percent=row.percent,
        fixed=row.fixed,
        cap=row.cap,
        fundings=frozenset(row.fundings),
        uncollected=Uncollected(row.uncollected),
    )


def quote_at(
    brand: Brand, services: Decimal, *, funding: str, at: datetime, fee_disabled: bool
) -> Quote:
    """The fee of a card payment of ``services`` (brand's currency, without fee) made at ``at``."""
    return quote(
        services,
        funding=funding,
        policy=policy_at(policies_of(brand), at),
        currency=brand.currency,
        fee_disabled=fee_disabled,
    )
