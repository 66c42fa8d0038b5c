"""What the client's bank took back, from the set of an order's facts and its import. Pure.

One order may have several disputes. The same ``dispute_id`` is the same dispute: reported again,
its last amount counts. A fact without an id is about the dispute that it fits, else about one of
its own. What fits nothing is a problem for a person (docs/decisions/024).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from core.money import ZERO
from payments.facts.fact import Fact, code_of, jobs_of, message_of, text_of
from payments.facts.fold_refunds import Problem

# The key of a dispute whose id nobody reported, and of a bank debit's return: one each.
UNNAMED, RETURN = "unnamed", "return"


@dataclass(frozen=True)
class DisputeState:
    """Money that the client's bank took back. A late return of a bank debit arrives as one.

    It takes ``amount`` and no more: of a payment of 500.00 a dispute of 100.00 leaves 400.00.
    ``key`` is the provider's id of it, or made up where none is known (``dispute_id`` is "").
    ``row``: the imported dispute that it is; ``jobs``: the numbers of the jobs that its facts name.
    """

    key: str
    status: str
    amount: Decimal
    at: datetime
    reason_code: str = ""
    reason: str = ""
    dispute_id: str = ""
    event_ids: tuple[str, ...] = ()
    closed_at: datetime | None = None
    row: int | None = None
    jobs: tuple[str, ...] = ()

    @property
    def is_lost(self) -> bool:
        """The bank took the money."""
        return self.status == "lost"


@dataclass
class _Group:
    """The facts of one dispute, and what an import said of it."""

    dispute_id: str = ""
    facts: list[Fact] = field(default_factory=list)
    imported: DisputeState | None = None

    @property
    def amount(self) -> Decimal | None:
        """Of the last fact that reports one, else the import's; None: nobody reports any."""
        amounts = [f.amount for f in self.facts if f.amount is not None]
        return amounts[-1] if amounts else (self.imported.amount if self.imported else None)

    @property
    def at(self) -> datetime:
        """Since when it is known; there is a fact or an import of it."""
        moments = [f.at for f in self.facts]
        return min([*moments, self.imported.at] if self.imported else moments)


def disputes_of(
    back: Sequence[Fact],
    paid: Sequence[Fact],
    amount: Decimal | None,
    imported: Sequence[DisputeState] = (),
) -> tuple[tuple[DisputeState, ...], list[Problem]]:
    """The disputes of a payment of ``amount``, the lost ones together never above it.

    ``back`` are the facts by which money was taken back, in the order of their ranks; ``paid``
    those by which it came; ``imported`` the disputes as an import reported them. The second part
    is what does not fit.
    """
    if amount is None:
        return (), []
    if back and back[0].status == "failed":
        return _returned(back, paid, amount, imported)
    # An import's payment that was charged back says so by its disputes, where it has any.
    facts = [f for f in back if f.event_id or not imported]
    groups, problems = _grouped(sorted(facts, key=lambda f: f.key), imported, amount)
    drafts = [_state(group, amount) for group in groups]
    states, excess = _capped(drafts, amount)
    return states, [*problems, *excess]


def _returned(
    back: Sequence[Fact],
    paid: Sequence[Fact],
    amount: Decimal,
    imported: Sequence[DisputeState],
) -> tuple[tuple[DisputeState, ...], list[Problem]]:
    """A bank debit is returned as a whole, whatever amount its failure tells.

    What is debited again afterwards is here again: then the return is a dispute that was won.
    """
    is_won = max(f.at for f in paid) >= max(f.at for f in back)
    known = next(iter(sorted(imported, key=lambda d: (d.at, d.key))), None)
    first = min(f.at for f in back)
    state = DisputeState(
        key=RETURN,
        status="won" if is_won else "lost",
        amount=amount,
        at=min(first, known.at) if known else first,
        reason_code=code_of(back) or (known.reason_code if known else ""),
        reason=message_of(back) or (known.reason if known else ""),
        dispute_id=text_of(back, "dispute_id") or (known.dispute_id if known else ""),
        event_ids=tuple(sorted(f.event_id for f in back)),
        closed_at=first,
        row=known.row if known else None,
    )
    return (state,), []


# --- which facts are about which dispute ------------------------------------------------------


def _grouped(
    back: Sequence[Fact], imported: Sequence[DisputeState], amount: Decimal
) -> tuple[list[_Group], list[Problem]]:
    """Facts and imported disputes, dispute by dispute."""
    named: dict[str, _Group] = {}
    unnamed = _Group()
    for fact in back:
        if dispute_id := text_of([fact], "dispute_id")[:120]:
            named.setdefault(dispute_id, _Group(dispute_id)).facts.append(fact)
    nameless = [f for f in back if not text_of([f], "dispute_id")]
    for known in sorted(imported, key=lambda d: (not d.dispute_id, d.at, d.key)):
        if known.dispute_id:
            named.setdefault(known.dispute_id, _Group(known.dispute_id)).imported = known
        else:
            (_fitting(named, known.amount, amount, is_import=True) or unnamed).imported = known
    problems = []
    for fact in nameless:
        group = _fitting(named, fact.amount, amount)
        if group is None and fact.amount is None and len(named) > 1:
            text = (
                "The bank took money back, but no event says how much or in which of several "
                "disputes. It is not counted. Ask the provider."
            )
            problems.append(Problem(f"dispute:{fact.event_id}", fact.event_id, text))
            continue
        (group or unnamed).facts.append(fact)
    for group in named.values():
        group.facts.sort(key=lambda f: f.key)
    problems += _unclear(unnamed, named)
    groups = list(named.values())
    return [*groups, unnamed] if unnamed.facts or unnamed.imported else groups, problems


def _fitting(
    named: dict[str, _Group], amount: Decimal | None, whole: Decimal, *, is_import: bool = False
) -> _Group | None:
    """The dispute with an id that a fact without one is about: of the same amount, or the only one.

    An import that knew no id reported what the events name now, also where the amount moved.
    """
    free = [g for g in named.values() if not (is_import and g.imported)]
    order = sorted(free, key=lambda g: (g.at, g.dispute_id))
    same = [g for g in order if amount is not None and (g.amount or whole) == amount]
    if same:
        return same[0]
    only = len(order) == 1 and len(named) == 1
    return order[0] if only and (is_import or amount is None) else None


def _unclear(unnamed: _Group, named: dict[str, _Group]) -> list[Problem]:
    """Facts without an id that may be about another dispute than they are counted as."""
    amounts = sorted({f.amount for f in unnamed.facts if f.amount})
    if len(amounts) > 1:
        text = (
            "Disputes of {} and {} came without an id. They are counted as one dispute of the "
            "last amount. If there are several, ask the provider for their ids."
        )
        event = unnamed.facts[-1].event_id
        return [Problem("dispute:unnamed", event, text, (amounts[0], amounts[-1]))]
    if amounts and named:
        text = (
            "A dispute of {} came without an id next to others. It is counted as one of its own. "
            "Ask the provider whether it is."
        )
        return [Problem("dispute:unnamed", unnamed.facts[-1].event_id, text, (amounts[0],))]
    return []


# --- what became of each ----------------------------------------------------------------------


def _state(group: _Group, amount: Decimal) -> DisputeState:
    known, facts = group.imported, group.facts
    if not facts and known is not None:
        return replace(known, key=known.dispute_id or UNNAMED)
    first = facts[0].at
    return DisputeState(
        key=group.dispute_id or UNNAMED,
        status="lost",
        amount=amount if group.amount is None else group.amount,
        at=min(first, known.at) if known else first,
        reason_code=code_of(facts) or (known.reason_code if known else ""),
        reason=message_of(facts) or (known.reason if known else ""),
        dispute_id=group.dispute_id,
        event_ids=tuple(sorted(f.event_id for f in facts)),
        closed_at=first,
        row=known.row if known else None,
        jobs=jobs_of(facts),
    )


def _capped(
    drafts: Sequence[DisputeState], amount: Decimal
) -> tuple[tuple[DisputeState, ...], list[Problem]]:
    """No bank takes back more than was paid: what exceeds it is a problem, not stored."""
    left, states, problems = amount, [], []
    for draft in sorted(drafts, key=lambda d: (d.at, d.key)):
        stored = min(draft.amount, left) if draft.is_lost else draft.amount
        if stored < draft.amount:
            text = "A dispute of {} is more than what is left ({} of {}); {} of it is not recorded."
            amounts = (draft.amount, left, amount, draft.amount - stored)
            event = draft.event_ids[0] if draft.event_ids else ""
            problems.append(Problem(f"dispute:{draft.key}", event, text, amounts))
        if stored > ZERO:
            states.append(replace(draft, amount=stored))
            left -= stored if draft.is_lost else ZERO
    return tuple(states), problems
