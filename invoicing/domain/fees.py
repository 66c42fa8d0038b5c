"""The brand's technology fee: its dated policies, and the quote at a moment.

A policy in force is never changed: what was quoted to clients stays explainable. Another fee is
another policy, from now or from a later moment on. Amounts are in the brand's currency.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from core import clock
from core.money import ZERO, is_percent, quantize
from invoicing.domain import stamp
from invoicing.models import FeePolicy
from invoicing.settlement.quote import CARD_FUNDINGS, Policy, policy_at
from invoicing.settlement.types import Uncollected

# Between looking at a clock and saving, time passes: that much of the past still means "now".
GRACE = timedelta(minutes=5)
MAX_FIXED = Decimal(10**6)


# Reading -----------------------------------------------------------------------------------------


def policies_of(brand: Brand, known_at: datetime | None = None) -> Sequence[Policy]:
    """Every policy of ``brand``, past and to come.

    With ``known_at``: without those that somebody dated back after that moment. What was here
    before such a policy was made keeps the quote that it had.
    """
    rows = FeePolicy.objects.filter(brand=brand)
    return [as_policy(row) for row in rows] if known_at is None else known_policies(rows, known_at)


def known_policies(rows: Iterable[FeePolicy], at: datetime) -> list[Policy]:
    """Those of ``rows`` that were known at ``at``, without what was dated back afterwards."""
    return [as_policy(row) for row in rows if _is_known(row, at)]


def _is_known(row: FeePolicy, at: datetime) -> bool:
    return row.created_at <= at or row.created_at <= row.effective_from + GRACE


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


def current_policy(
    brand: Brand, at: datetime, *, known_at: datetime | None = None
) -> Policy | None:
    """The policy of ``brand`` in force at ``at``; None where it had none."""
    return policy_at(policies_of(brand, known_at), at)


# Writing -----------------------------------------------------------------------------------------


def add_policy(
    brand: Brand,
    effective_from: datetime | None = None,
    *,
    percent: Decimal = ZERO,
    fixed: Decimal = ZERO,
    cap: Decimal | None = None,
    fundings: Sequence[str] = (),
    uncollected: Uncollected = Uncollected.ABSORB,
) -> FeePolicy:
    """A policy from ``effective_from`` on (None: from now). Nothing at all means "no fee".

    Never in the past, with one exception: a brand that has no policy yet may date its first one
    back. A brand that moves in brings years of payments, and the fee that they were quoted was in
    force then; as no policy was there, none is rewritten by it. Payments that are here already
    keep the quote they have; those imported afterwards are quoted by it.
    ValidationError names the field.
    """
    terms = checked_terms(brand, percent, fixed, cap, fundings)
    with transaction.atomic():
        # Two admins at once: the second sees the first one's policy.
        Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)
        return FeePolicy.objects.create(
            brand=brand,
            effective_from=_moment(brand, effective_from),
            percent=terms.percent,
            fixed=terms.fixed,
            cap=terms.cap,
            fundings=[f for f in CARD_FUNDINGS if f in terms.fundings],
            uncollected=Uncollected(uncollected).value,
            created_by=stamp.by(),
        )


def import_policy(brand: Brand, given: Policy) -> bool:
    """A policy that was in force before the brand moved in; False: the same is here already.

    Unlike ``add_policy`` it may lie between others. It rewrites nothing: payments that are here
    keep the quote that they have (``policies_of``), those imported afterwards are quoted by it.
    ValidationError names the field.
    """
    terms = checked_terms(brand, given.percent, given.fixed, given.cap, sorted(given.fundings))
    if given.effective_from > clock.now():
        raise ValidationError({"effective_from": "A fee to come is no history: add it here."})
    with transaction.atomic():
        Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)
        same = FeePolicy.objects.filter(brand=brand, effective_from=given.effective_from).first()
        wanted = replace(terms, effective_from=given.effective_from, uncollected=given.uncollected)
        if same is not None and as_policy(same) == wanted:
            return False
        if same is not None:
            raise ValidationError({"effective_from": "Another fee begins at this very moment."})
        FeePolicy.objects.create(
            brand=brand,
            effective_from=given.effective_from,
            percent=terms.percent,
            fixed=terms.fixed,
            cap=terms.cap,
            fundings=[f for f in CARD_FUNDINGS if f in terms.fundings],
            uncollected=given.uncollected.value,
            created_by=stamp.by(),
        )
        return True


def check_moment(brand: Brand, at: datetime | None) -> datetime:
    """When a new policy would begin; ValidationError names ``effective_from``."""
    return _moment(brand, at)


def _moment(brand: Brand, at: datetime | None) -> datetime:
    now = clock.now()
    at = now if at is None or now - GRACE <= at <= now else at
    rows = FeePolicy.objects.filter(brand=brand)
    if at < now and rows.exists():
        text = "A fee begins now or later: what clients were quoted before does not change."
        raise ValidationError({"effective_from": text})
    if rows.filter(effective_from=at).exists():
        text = "Another fee begins at this very moment. Remove that one first."
        raise ValidationError({"effective_from": text})
    return at


def checked_terms(
    brand: Brand,
    percent: Decimal,
    fixed: Decimal,
    cap: Decimal | None,
    fundings: Sequence[str],
) -> Policy:
    """The terms of a policy, each in its own form. ValidationError names every field at fault."""
    errors: dict[str, str] = {}
    if not is_percent(percent):
        errors["percent"] = "Between 0 and 100, with up to 4 decimals; like 3.59."
    for name, amount in (("fixed", fixed), ("cap", cap)):
        if amount is not None and (wrong := _wrong_amount(amount, brand.currency)):
            errors[name] = wrong
    if set(fundings) - set(CARD_FUNDINGS):
        errors["fundings"] = f"Cards are {', '.join(CARD_FUNDINGS)}."
    errors = errors or _misfits(percent, fixed, cap, fundings)
    if errors:
        raise ValidationError(errors)
    return Policy(clock.now(), percent, fixed, cap, frozenset(fundings))


def _wrong_amount(amount: Decimal, currency: str) -> str:
    if not amount.is_finite() or amount < 0:
        return "Not below zero."
    if amount > MAX_FIXED:
        return "That is too much."
    if amount != quantize(amount, currency):
        return f"Too many decimals for {currency}."
    return ""


def _misfits(
    percent: Decimal, fixed: Decimal, cap: Decimal | None, fundings: Sequence[str]
) -> dict[str, str]:
    """Terms that are each right, and do not go together."""
    if not fundings:
        if percent or fixed or cap:
            return {"fundings": "Choose the cards that bring this fee, or say that there is none."}
        return {}
    if not percent and not fixed:
        return {"percent": "This fee is zero. Enter a percentage, or choose that there is no fee."}
    if cap is not None and (cap < fixed or not cap):
        return {"cap": "At most cannot be less than the fixed part, nor nothing."}
    return {}


@transaction.atomic
def remove_policy(brand: Brand, policy_id: int) -> None:
    """Take back a policy that has not begun.

    ValidationError once it is in force; ``FeePolicy.DoesNotExist`` for another brand's.
    """
    # Deleting it takes its key away, so this one lock is a full one.
    row = FeePolicy.objects.select_for_update().get(brand=brand, pk=policy_id)
    if row.effective_from <= clock.now():
        text = "This fee is in force, and clients were quoted by it. Add another one instead."
        raise ValidationError(text, code="in_force")
    row.delete()
