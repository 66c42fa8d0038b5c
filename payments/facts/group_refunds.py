"""Which facts are about which refund, with and without the provider's id. Pure.

A provider may queue a refund without an id and report it done with one, or the other way round.
Facts are one refund while their amounts and their order allow it; where they do not, they are
several, and a person is asked (docs/decisions/025).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from payments.facts.fact import Fact
from payments.facts.ranks import REFUND_STAGES, STAGE_RANKS

# The fact that an import's refund is has this and its row as its event id. No event has a NUL in
# its id; those that an import makes up begin with "import:".
IMPORTED = "\0refund:"


def stage_of(fact: Fact) -> str:
    """``queued``, ``completed`` or ``failed``; ``failed`` of a refund is its failure."""
    return REFUND_STAGES.get(fact.status, "failed")


@dataclass
class RefundFacts:
    """The facts of one refund. ``refund_id`` is the provider's, "" where no fact reports it."""

    refund_id: str = ""
    facts: list[Fact] = field(default_factory=list)
    key: str = ""

    @property
    def stages(self) -> frozenset[str]:
        """The stages that its facts report."""
        return frozenset(map(stage_of, self.facts))

    @property
    def amount(self) -> Decimal | None:
        """Gross, by the highest stage that reports one; a failure's only where no other does."""
        ordered = sorted(self.facts, key=lambda f: (STAGE_RANKS[stage_of(f)], *f.key))
        amounts = [f.amount for f in ordered if f.amount and stage_of(f) != "failed"]
        amounts = amounts or [f.amount for f in ordered if f.amount]
        return amounts[-1] if amounts else None

    @property
    def first(self) -> tuple[datetime, str]:
        """When its first fact happened, and that fact's id."""
        return min(f.key for f in self.facts)

    @property
    def is_imported(self) -> bool:
        """Nothing but an import reports it."""
        return all(f.event_id.startswith(IMPORTED) for f in self.facts)

    @property
    def row(self) -> int | None:
        """The imported refund that it is."""
        ids = [f.event_id for f in self.facts if f.event_id.startswith(IMPORTED)]
        return int(ids[0].removeprefix(IMPORTED)) if ids else None


def group_refunds(facts: Iterable[Fact], whole: Decimal) -> list[RefundFacts]:
    """The refunds of a payment of ``whole``, each with its facts and its key.

    The key is the provider's id, or made of amount and position: ``50#1``, ``whole#1``.
    """
    ordered = sorted(facts, key=lambda f: f.key)
    named: dict[str, RefundFacts] = {}
    for fact in ordered:
        if fact.refund_id:
            group = named.setdefault(fact.refund_id, RefundFacts(fact.refund_id))
            group.facts.append(fact)
    groups = list(named.values())
    for bundle in _bundles([f for f in ordered if not f.refund_id]):
        fitting = [g for g in groups if all(_fits(fact, g, whole) for fact in bundle)]
        if not fitting:
            groups.append(RefundFacts(facts=bundle))
            continue
        best = min(fitting, key=lambda g: (not _is_of(bundle[-1], g, whole), *g.first))
        best.facts += bundle
    return _keyed(groups, whole)


def _bundles(nameless: Sequence[Fact]) -> list[list[Fact]]:
    """Facts without an id that belong together: those of one imported refund, else each alone.

    Imports come first, then what is queued, done, failed: each may continue what was before it.
    """
    imported: dict[str, list[Fact]] = {}
    for fact in nameless:
        if fact.event_id.startswith(IMPORTED):
            imported.setdefault(fact.event_id, []).append(fact)
    events = [f for f in nameless if not f.event_id.startswith(IMPORTED)]
    events.sort(key=lambda f: (STAGE_RANKS[stage_of(f)], *f.key))
    return [*imported.values(), *([fact] for fact in events)]


def _fits(fact: Fact, group: RefundFacts, whole: Decimal) -> bool:
    """Whether a fact without an id may be a step of this refund that nobody reported yet."""
    stage = stage_of(fact)
    if stage in group.stages or (fact.event_id.startswith(IMPORTED) and group.row is not None):
        return False
    may_differ = fact.amount is None or group.amount is None
    return (may_differ or _is_of(fact, group, whole)) and _is_in_order(fact, group)


def _is_of(fact: Fact, group: RefundFacts, whole: Decimal) -> bool:
    return (fact.amount or whole) == (group.amount or whole)


def _is_in_order(fact: Fact, group: RefundFacts) -> bool:
    """Queued before it is done, done before it fails."""
    rank = STAGE_RANKS[stage_of(fact)]
    return all(
        other.at <= fact.at if STAGE_RANKS[stage_of(other)] < rank else fact.at <= other.at
        for other in group.facts
    )


def _keyed(groups: Sequence[RefundFacts], whole: Decimal) -> list[RefundFacts]:
    counts: Counter[str] = Counter()
    ordered = sorted(groups, key=lambda g: g.first)
    for group in ordered:
        if group.refund_id:
            group.key = group.refund_id
            continue
        gross = group.amount or whole
        what = "whole" if gross == whole else f"{gross.normalize():f}"
        counts[what] += 1
        group.key = f"{what}#{counts[what]}"
    return ordered


def unclear(groups: Sequence[RefundFacts]) -> list[tuple[RefundFacts, RefundFacts]]:
    """Pairs of refunds, at least one without an id, that may be one but do not fit together."""
    pairs = []
    for n, one in enumerate(groups):
        others = [g for g in groups[n + 1 :] if not (g.refund_id and one.refund_id)]
        pairs += [(one, other) for other in others if _is_unclear(one, other)]
    return pairs


def _is_unclear(one: RefundFacts, other: RefundFacts) -> bool:
    if not one.stages & other.stages:
        # Each lacks what the other has; of an import only the last stage may be known.
        return not (one.is_imported or other.is_imported)
    is_same = one.amount == other.amount and bool(one.refund_id) != bool(other.refund_id)
    # Done without having been queued: it may have been reported twice, with and without its id.
    nameless = other if one.refund_id else one
    return is_same and "queued" not in nameless.stages
