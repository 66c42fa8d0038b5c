"""The set of provider facts of one order, in any order, any number of times → its state.

Pure: no Django, no clock, no network. State follows from *rank*, never from the predecessor or
from arrival: each known status has a rank, and the payment stands where its highest-ranked fact
puts it. So a terminal fact never regresses; what may still overrule it (a chargeback, a late
return of a bank debit, a refund that fails) simply ranks above it. A status that the tables do
not know changes nothing. (docs of the two providers: "Pay-at-close", "Guardian card and bank")

Amounts are ``Decimal`` in the currency of the brand, gross (fee included).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from payments.facts import Fact, card_of, code_of, message_of, references_of, said
from payments.ranks import (
    CARD_METHODS,
    CARD_ONLY,
    CARD_RANKS,
    CHARGED_BACK,
    PAC_RANKS,
    REFUND_STAGES,
    STAGE_RANKS,
    Rank,
)

__all__ = ["Fact", "OrderState", "Problem", "RefundState", "fold", "is_known"]

ZERO = Decimal(0)
_KEEPS_PAID_AT = ("completed", "charged_back")


@dataclass(frozen=True)
class RefundState:
    """One refund. ``key`` is the provider's id, or derived from amount and position."""

    key: str
    is_derived: bool
    status: str
    amount: Decimal
    at: datetime
    completed_at: datetime | None
    failure_reason: str
    event_ids: tuple[str, ...]

    @property
    def counts(self) -> bool:
        """Counts from the moment it is queued, and comes back if it fails."""
        return self.status in ("queued", "completed")


@dataclass(frozen=True)
class DisputeState:
    """Money that the client's bank took back. A late return of a bank debit arrives as one."""

    status: str
    amount: Decimal
    at: datetime
    reason_code: str
    reason: str
    dispute_id: str
    event_ids: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """Amounts that do not fit together. ``key`` is stable: the same problem is told once."""

    key: str
    event_id: str
    summary: str


@dataclass(frozen=True)
class OrderState:
    """What all facts of one order come to. ``payment_status`` None: no payment came of it."""

    family: str
    method: str
    payment_status: str | None
    provider_status: str
    amount: Decimal | None
    fee: Decimal
    first_at: datetime
    paid_at: datetime | None
    attempt_status: str | None
    attempt_at: datetime | None
    failure_code: str
    failure_message: str
    card_brand: str
    last4: str
    funding: str
    payer_name: str
    references: tuple[str, ...]
    refunds: tuple[RefundState, ...]
    dispute: DisputeState | None
    problems: tuple[Problem, ...]


def family_of(facts: Iterable[Fact]) -> str:
    """``card`` (card and bank) or ``pac``, from all facts of an order."""
    is_card = any(f.method in CARD_METHODS or f.status in CARD_ONLY for f in facts)
    return "card" if is_card else "pac"


def ranks_of(family: str) -> dict[str, Rank]:
    """The rank table of a family."""
    return CARD_RANKS if family == "card" else PAC_RANKS


def is_known(status: str, facts: Iterable[Fact]) -> bool:
    """Whether ``status`` means something to us in an order of these facts."""
    return status in ranks_of(family_of(facts))


def fold(facts: Iterable[Fact], *, refunded_elsewhere: Decimal = ZERO) -> OrderState:
    """The state of one order. ``facts`` is at least one; ValueError for none.

    ``refunded_elsewhere`` is what other refunds of the same payment already used up.
    """
    unique = _once(facts)
    if not unique:
        raise ValueError("an order without facts has no state")
    family = family_of(unique)
    table = ranks_of(family)
    known = sorted(
        (f for f in unique if f.status in table), key=lambda f: (table[f.status].rank, *f.key)
    )
    amount, fee, fee_problems = _amounts(known, table)
    paid = [f for f in known if table[f.status].paid]
    status, back = _standing(known, paid, table, family, unique)
    refunds, refund_problems = _refunds(known, amount, status, refunded_elsewhere)
    failed = [f for f in known if f.status == "failed" and not _of_refund(f)]
    trouble = back or ([] if paid else failed)
    attempt = _attempt(known, paid, status, failed) if family == "card" else None
    return OrderState(
        family=family,
        method=_method(known, unique) if family == "card" else "pac",
        payment_status=status if amount is not None else None,
        provider_status=known[-1].status if known else unique[-1].status,
        amount=amount,
        fee=fee,
        first_at=min(f.at for f in unique),
        paid_at=min((f.at for f in paid), default=None) if status in _KEEPS_PAID_AT else None,
        attempt_status=attempt if amount is not None else None,
        attempt_at=min((f.at for f in known), default=None),
        failure_code=code_of(trouble),
        failure_message=message_of(trouble),
        **card_of(known),
        payer_name=said(known, "payer_name", "payer"),
        references=references_of(unique),
        refunds=refunds,
        dispute=_dispute(back, amount),
        problems=(*_missing_amount(paid, amount), *fee_problems, *refund_problems),
    )


# --- which facts ------------------------------------------------------------------------------


def _once(facts: Iterable[Fact]) -> list[Fact]:
    """Each event once, in an order of their own. Ids that disagree: always the same one stays."""
    by_id: dict[str, Fact] = {}
    for fact in sorted(facts, key=lambda f: (*f.key, f.status, repr(f))):
        by_id.setdefault(fact.event_id, fact)
    return sorted(by_id.values(), key=lambda f: f.key)


def _of_refund(fact: Fact) -> bool:
    """``failed`` with a refund's id speaks of that refund, not of the payment."""
    return fact.status in REFUND_STAGES or (fact.status == "failed" and bool(fact.refund_id))


def _standing(
    known: Sequence[Fact],
    paid: Sequence[Fact],
    table: Mapping[str, Rank],
    family: str,
    unique: Sequence[Fact],
) -> tuple[str | None, list[Fact]]:
    """The payment status, and the facts by which the money was taken back."""
    back = [f for f in known if f.status in CHARGED_BACK]
    if not back and family == "card" and _method(known, unique) == "ach" and paid:
        # A bank debit that fails after it was paid is a late return: the money is gone again.
        last = max(f.at for f in paid)
        back = [f for f in known if f.status == "failed" and not _of_refund(f) and f.at > last]
    if back:
        return "charged_back", back
    top = [f for f in known if not (f.status == "failed" and _of_refund(f))]
    if not top:
        return None, []
    status = table[top[-1].status].payment
    if family == "card" and {f.status for f in top} == {"failed"}:
        return None, []  # a try that no payment came of
    return status, []


def _method(known: Sequence[Fact], unique: Sequence[Fact]) -> str:
    named = [f.method for f in (*unique, *known) if f.method in CARD_METHODS]
    return named[-1] if named else "card"


def _attempt(
    known: Sequence[Fact], paid: Sequence[Fact], status: str | None, failed: Sequence[Fact]
) -> str | None:
    """A card order is one try: it succeeded once money was taken, whatever came after."""
    if paid or status in ("charged_back", "completed"):
        return "succeeded"
    if failed and status in (None, "failed"):
        return "failed"
    if status == "voided":
        return "abandoned"
    return "processing" if known else None


# --- amounts ----------------------------------------------------------------------------------


def _amounts(
    known: Sequence[Fact], table: Mapping[str, Rank]
) -> tuple[Decimal | None, Decimal, list[Problem]]:
    """Gross amount and fee: each from the most trusted status that tells it, then the latest."""

    def trust(fact: Fact) -> tuple[int, datetime, str]:
        return table[fact.status].amount or 0, *fact.key

    told = [f for f in known if table[f.status].amount is not None and not _of_refund(f)]
    with_amount = sorted((f for f in told if f.amount is not None and f.amount > 0), key=trust)
    if not with_amount:
        return None, ZERO, []
    best = with_amount[-1]
    amount = best.amount or ZERO
    with_fee = sorted((f for f in told if f.fee is not None), key=trust)
    source = best if best.fee is not None else (with_fee[-1] if with_fee else None)
    fee = source.fee if source is not None and source.fee is not None else ZERO
    if source is not None and fee > amount:
        text = f"A fee of {fee} is more than the payment of {amount}."
        return amount, ZERO, [Problem(f"fee:{fee}", source.event_id, text)]
    return amount, fee, []


def _missing_amount(paid: Sequence[Fact], amount: Decimal | None) -> list[Problem]:
    if amount is not None or not paid:
        return []
    first = min(paid, key=lambda f: f.key)
    text = f"“{first.status}” says that money came, but no event says how much."
    return [Problem("no-amount", first.event_id, text)]


# --- refunds ----------------------------------------------------------------------------------


def _refunds(
    known: Sequence[Fact], amount: Decimal | None, status: str | None, elsewhere: Decimal
) -> tuple[tuple[RefundState, ...], list[Problem]]:
    """Refunds of a payment, none beyond what there was to refund; the excess is a problem."""
    if amount is None:
        return (), []
    groups = _refund_groups([f for f in known if _of_refund(f)], amount)
    drafts = [_refund(key, facts, amount) for key, facts in sorted(groups.items())]
    if status == "voided":
        drafts = [_cancelled(d) if d.status == "queued" else d for d in drafts]
    return _capped(drafts, amount, elsewhere)


def _refund_groups(facts: Sequence[Fact], amount: Decimal) -> dict[tuple[bool, str], list[Fact]]:
    """Facts of one refund together, keyed by (derived?, key).

    By the provider's id where it tells one; else the nth queued and the nth refunded of an equal
    amount are one refund, whichever came first.
    """
    groups: dict[tuple[bool, str], list[Fact]] = {}
    counts: dict[tuple[str, str], int] = {}
    for fact in sorted(facts, key=lambda f: f.key):
        if fact.refund_id:
            groups.setdefault((False, fact.refund_id), []).append(fact)
            continue
        gross = fact.amount or amount
        what = "whole" if gross == amount else f"{gross.normalize():f}"
        nth = counts[what, fact.status] = counts.get((what, fact.status), 0) + 1
        groups.setdefault((True, f"{what}#{nth}"), []).append(fact)
    return groups


def _stage(fact: Fact) -> str:
    return REFUND_STAGES.get(fact.status, "failed")


def _refund(key: tuple[bool, str], facts: Sequence[Fact], amount: Decimal) -> RefundState:
    ordered = sorted(facts, key=lambda f: (STAGE_RANKS[_stage(f)], *f.key))
    top = ordered[-1]
    status = _stage(top)
    told = [f.amount for f in ordered if f.amount and _stage(f) != "failed"] or [
        f.amount for f in ordered if f.amount
    ]
    done = [f.at for f in facts if f.status == "refunded"]
    return RefundState(
        key=key[1],
        is_derived=key[0],
        status=status,
        amount=told[-1] if told else amount,
        at=min(f.at for f in facts),
        completed_at=min(done) if done and status == "completed" else None,
        failure_reason=(top.detail or code_of([top])) if status == "failed" else "",
        event_ids=tuple(sorted(f.event_id for f in facts)),
    )


def _cancelled(refund: RefundState) -> RefundState:
    """The payment was voided instead: nothing is left to send back."""
    return _replaced(refund, status="cancelled")


def _capped(
    drafts: Sequence[RefundState], amount: Decimal, elsewhere: Decimal
) -> tuple[tuple[RefundState, ...], list[Problem]]:
    """Money that really went back takes precedence; what does not fit is told, not stored."""
    left = max(amount - elsewhere, ZERO)
    kept: list[RefundState] = []
    problems: list[Problem] = []
    for draft in sorted(drafts, key=lambda d: (d.status != "completed", d.at, d.key)):
        room = left if draft.counts else amount
        stored = min(draft.amount, room)
        if stored < draft.amount:
            text = (
                f"A refund of {draft.amount} is more than what could be refunded ({room} of "
                f"{amount}); {draft.amount - stored} of it is not recorded."
            )
            problems.append(Problem(f"refund:{draft.key}", draft.event_ids[0], text))
        if stored > 0:
            kept.append(_replaced(draft, amount=stored))
            left -= stored if draft.counts else ZERO
    return tuple(sorted(kept, key=lambda d: (d.at, d.key))), problems


def _replaced(refund: RefundState, **changes: Any) -> RefundState:
    return RefundState(**{**refund.__dict__, **changes})


# --- disputes ---------------------------------------------------------------------------------


def _dispute(back: Sequence[Fact], amount: Decimal | None) -> DisputeState | None:
    if not back or amount is None:
        return None
    first = min(back, key=lambda f: f.key)
    told = [f.amount for f in back if f.amount]
    return DisputeState(
        status="lost",
        amount=min(told[-1], amount) if told else amount,
        at=first.at,
        reason_code=code_of(back),
        reason=message_of(back),
        dispute_id=said(back, "dispute_id"),
        event_ids=tuple(sorted(f.event_id for f in back)),
    )
