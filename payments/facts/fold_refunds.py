"""The refunds among the facts of an order, and which of them somebody here asked for. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from payments.facts.fact import Fact, code_of
from payments.facts.ranks import REFUND_STAGES, STAGE_RANKS

ZERO = Decimal(0)


@dataclass(frozen=True)
class OurRefund:
    """A refund that somebody here asked for, as that person left it.

    ``reference``: the provider's id as the person wrote it down; ``counts``: not given up.
    ``older``: keys of refunds that were known before this one was asked for, so none is it.
    """

    id: int
    amount: Decimal
    reference: str = ""
    counts: bool = True
    older: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RefundState:
    """One refund. ``key`` is the provider's id, or derived from amount and position.

    ``ours``: the refund asked for here that it is.
    """

    key: str
    is_derived: bool
    status: str
    amount: Decimal
    at: datetime
    completed_at: datetime | None
    failure_reason: str
    event_ids: tuple[str, ...]
    ours: OurRefund | None = None

    @property
    def is_as_asked(self) -> bool:
        """It is one of ours, and of the amount that we asked for."""
        return self.ours is not None and self.ours.amount == self.amount

    @property
    def counts(self) -> bool:
        """Counts from the moment it is queued, and comes back if it fails."""
        return self.status in ("queued", "completed")


@dataclass(frozen=True)
class Problem:
    """Amounts that do not fit together. ``text`` has a place for each of ``amounts``.

    The same ``key`` with equal amounts is the same problem, however they are written.
    """

    key: str
    event_id: str
    text: str
    amounts: tuple[Decimal, ...] = ()

    @property
    def identity(self) -> str:
        """Equal for the same problem: ``refund:re_1:30:20``."""
        return ":".join([self.key, *(f"{a.normalize():f}" for a in self.amounts)])

    def summary(self, show: Callable[[Decimal], str]) -> str:
        """The problem in words, its amounts written by ``show``."""
        return self.text.format(*map(show, self.amounts)) if self.amounts else self.text


def of_refund(fact: Fact) -> bool:
    """``failed`` with a refund's id speaks of that refund, not of the payment."""
    return fact.status in REFUND_STAGES or (fact.status == "failed" and bool(fact.refund_id))


def refunds_of(
    known: Sequence[Fact],
    amount: Decimal | None,
    status: str | None,
    elsewhere: Decimal,
    ours: Sequence[OurRefund] = (),
) -> tuple[tuple[RefundState, ...], list[Problem]]:
    """Refunds of a payment, none beyond what there was to refund; the excess is a problem.

    What no event reports yet of ``ours`` uses up what there is to refund, like ``elsewhere``.
    """
    if amount is None:
        return (), []
    groups = _refund_groups([f for f in known if of_refund(f)], amount)
    drafts = [_refund(key, facts, amount) for key, facts in sorted(groups.items())]
    if status == "voided":
        drafts = [_cancelled(d) if d.status == "queued" else d for d in drafts]
    drafts = match_ours(drafts, ours)
    reported = {d.ours.id for d in drafts if d.ours is not None}
    waiting = sum((o.amount for o in ours if o.counts and o.id not in reported), ZERO)
    return _capped(drafts, amount, elsewhere + waiting)


def match_ours(drafts: Sequence[RefundState], ours: Sequence[OurRefund]) -> list[RefundState]:
    """Each refund that a provider reports, with which of ``ours`` it is; each is one at most.

    The same id is the same refund. Else equal amounts are, the first asked for being the first
    reported; a refund without an id may also be one whose id a person wrote down. It follows from
    the sets alone: which of them came first changes nothing.
    """
    free = {o.id: o for o in sorted(ours, key=lambda o: o.id)}
    left = sorted(drafts, key=lambda d: (d.at, d.is_derived, d.key))
    matched: list[RefundState] = []
    for fits in (_same_id, _nameless_as_asked, _amount_as_asked):
        for draft in list(left):
            mine = next((o for o in free.values() if fits(draft, o)), None)
            if mine is not None:
                del free[mine.id]
                left.remove(draft)
                matched.append(replace(draft, ours=mine))
    return [*matched, *left]


def _same_id(draft: RefundState, ours: OurRefund) -> bool:
    return not draft.is_derived and draft.key == ours.reference


def _nameless_as_asked(draft: RefundState, ours: OurRefund) -> bool:
    return not draft.is_derived and not ours.reference and _is_as_asked(draft, ours)


def _amount_as_asked(draft: RefundState, ours: OurRefund) -> bool:
    return draft.is_derived and _is_as_asked(draft, ours)


def _is_as_asked(draft: RefundState, ours: OurRefund) -> bool:
    return ours.counts and draft.amount == ours.amount and draft.key not in ours.older


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
    amounts = [f.amount for f in ordered if f.amount and _stage(f) != "failed"] or [
        f.amount for f in ordered if f.amount
    ]
    done = [f.at for f in facts if f.status == "refunded"]
    return RefundState(
        key=key[1],
        is_derived=key[0],
        status=status,
        amount=amounts[-1] if amounts else amount,
        at=min(f.at for f in facts),
        completed_at=min(done) if done and status == "completed" else None,
        failure_reason=(top.detail or code_of([top])) if status == "failed" else "",
        event_ids=tuple(sorted(f.event_id for f in facts)),
    )


def _cancelled(refund: RefundState) -> RefundState:
    """The payment was voided instead: nothing is left to send back."""
    return replace(refund, status="cancelled")


def _capped(
    drafts: Sequence[RefundState], amount: Decimal, elsewhere: Decimal
) -> tuple[tuple[RefundState, ...], list[Problem]]:
    """Money that really went back takes precedence; what does not fit is a problem, not stored.

    What was asked for here was refundable then, and comes before all others.
    """
    left = max(amount - elsewhere, ZERO)
    stored_states: list[RefundState] = []
    problems: list[Problem] = []
    for draft in sorted(drafts, key=_precedence):
        room = left if draft.counts else amount
        stored = draft.amount if draft.is_as_asked else min(draft.amount, room)
        if stored < draft.amount:
            text = (
                "A refund of {} is more than what could be refunded ({} of {}); "
                "{} of it is not recorded."
            )
            amounts = (draft.amount, room, amount, draft.amount - stored)
            problems.append(Problem(f"refund:{draft.key}", draft.event_ids[0], text, amounts))
        if stored > 0:
            stored_states.append(replace(draft, amount=stored))
            left = max(left - stored, ZERO) if draft.counts else left
    return tuple(sorted(stored_states, key=lambda d: (d.at, d.key))), problems


def _precedence(draft: RefundState) -> tuple[bool, bool, datetime, str]:
    return draft.ours is None, draft.status != "completed", draft.at, draft.key
