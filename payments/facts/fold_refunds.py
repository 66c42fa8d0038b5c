"""The refunds among the facts of an order, and which of them somebody here asked for. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from payments.facts.fact import Fact, code_of, jobs_of
from payments.facts.group_refunds import IMPORTED, RefundFacts, group_refunds, stage_of, unclear
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

    ``ours``: the refund asked for here that it is; ``row``: the imported one that it is; ``jobs``:
    the numbers of the jobs that its facts name.
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
    row: int | None = None
    jobs: tuple[str, ...] = ()

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
    ours: Sequence[OurRefund] = (),
    imported: Sequence[Fact] = (),
) -> tuple[tuple[RefundState, ...], list[Problem]]:
    """Refunds of a payment, none beyond what there was to refund; the excess is a problem.

    What no event reports yet of ``ours`` uses up what there is to refund. ``imported`` are the
    refunds of an import, a fact each; see ``payments.facts.group_refunds``.
    """
    if amount is None:
        return (), []
    groups = group_refunds([*(f for f in known if of_refund(f)), *imported], amount)
    drafts = [_refund(group, amount) for group in groups]
    if status == "voided":
        drafts = [_cancelled(d) if d.status == "queued" else d for d in drafts]
    drafts = match_ours(drafts, ours)
    reported = {d.ours.id for d in drafts if d.ours is not None}
    waiting = sum((o.amount for o in ours if o.counts and o.id not in reported), ZERO)
    states, problems = _capped(drafts, amount, waiting)
    return states, [*_unclear(groups, amount), *problems]


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
    is_known = draft.row is not None or draft.key in ours.older
    return ours.counts and draft.amount == ours.amount and not is_known


def _refund(group: RefundFacts, amount: Decimal) -> RefundState:
    ordered = sorted(group.facts, key=lambda f: (STAGE_RANKS[stage_of(f)], *f.key))
    top = ordered[-1]
    status = stage_of(top)
    done = [f.at for f in ordered if f.status == "refunded"]
    return RefundState(
        key=group.key,
        is_derived=not group.refund_id,
        status=status,
        amount=group.amount or amount,
        at=group.first[0],
        completed_at=min(done) if done and status == "completed" else None,
        failure_reason=(top.detail or code_of([top])) if status == "failed" else "",
        event_ids=tuple(sorted(f.event_id for f in ordered if not f.event_id.startswith(IMPORTED))),
        row=group.row,
        jobs=jobs_of(group.facts),
    )


def _unclear(groups: Sequence[RefundFacts], amount: Decimal) -> list[Problem]:
    text = (
        "Events about refunds of {} and {}, at least one of them without an id, may be about one "
        "refund, but do not fit together. Each counts as one of its own. Ask the provider."
    )
    return [
        Problem(
            f"refund-id:{one.key}:{other.key}",
            max(f.key for f in (*one.facts, *other.facts))[1],
            text,
            (one.amount or amount, other.amount or amount),
        )
        for one, other in unclear(groups)
    ]


def _cancelled(refund: RefundState) -> RefundState:
    """The payment was voided instead: nothing is left to send back."""
    return replace(refund, status="cancelled")


def _capped(
    drafts: Sequence[RefundState], amount: Decimal, waiting: Decimal
) -> tuple[tuple[RefundState, ...], list[Problem]]:
    """Money that really went back takes precedence; what does not fit is a problem, not stored.

    What was asked for here was refundable then, and comes before all others; then what an import
    reported.
    """
    left = max(amount - waiting, ZERO)
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
            event = next(iter(draft.event_ids), "")
            problems.append(Problem(f"refund:{draft.key}", event, text, amounts))
        if stored > 0:
            stored_states.append(replace(draft, amount=stored))
            left = max(left - stored, ZERO) if draft.counts else left
    return tuple(sorted(stored_states, key=lambda d: (d.at, d.key))), problems


def _precedence(draft: RefundState) -> tuple[bool, bool, bool, datetime, str]:
    return draft.ours is None, draft.row is None, draft.status != "completed", draft.at, draft.key
