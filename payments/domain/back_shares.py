"""How money that went back of a payment is shared over the jobs that it pays (law 14). Pure.

Money back that names its job leaves the share of that job. All the rest together is shared once,
over what the named leaves, services and fee each by themselves; what a job gives in all is then
made up of parts of each refund and dispute. So the parts of one come to its amount, no job gives
more than its share while the payment has enough, and the order of arrival changes nothing. Where
the total grows, a cent may move: the ledger corrects that line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.money import ZERO
from core.split import split
from invoicing.domain.allocate import Legs


@dataclass(frozen=True)
class Back:
    """A refund that counts, or a lost dispute. ``key`` is "refund:7" or "dispute:3".

    ``job`` is the one that it names; None: it is shared. ``order`` says which came first.
    """

    key: str
    legs: Legs
    job: int | None
    order: tuple[datetime, str]


def share_back(
    shares: Mapping[int, Legs], back: Sequence[Back], currency: str
) -> dict[str, dict[int, Legs]]:
    """What of each of ``back`` leaves each job, by key and then by job.

    ``shares`` are what of the payment pays each job, the payment's own job first: a rest beyond
    the whole payment stays with it. The parts of one refund come to its amount; none is negative.
    """
    if len(shares) == 1:
        (job,) = shares
        return {one.key: {job: one.legs} for one in back}
    room = {job: share.positive() for job, share in shares.items()}
    parts: dict[str, dict[int, Legs]] = {one.key: {} for one in back}
    unnamed = []
    for one in sorted(back, key=lambda one: one.order):
        here = _within(one.legs, room.get(one.job, Legs())) if one.job is not None else Legs()
        if one.job is not None and here:
            parts[one.key][one.job] = here
            room[one.job] -= here
        # No job gives more than its share: what exceeds it is shared like the unnamed.
        if one.job is None or one.legs != here:
            unnamed.append((one.key, one.legs - here))
    left = _over(sum((legs for _, legs in unnamed), Legs()), room, currency)
    for key, legs in unnamed:
        mine = _over(legs, left, currency)
        for job, part in mine.items():
            if part:
                parts[key][job] = parts[key].get(job, Legs()) + part
        left = {job: rest - mine[job] for job, rest in left.items()}
    return parts


def _within(legs: Legs, room: Legs) -> Legs:
    return Legs(min(legs.services, room.services), min(legs.fee, room.fee))


def _over(legs: Legs, room: Mapping[int, Legs], currency: str) -> dict[int, Legs]:
    """``legs`` over what each job has room for, each leg exactly."""
    services = _leg(legs.services, [r.services for r in room.values()], currency)
    fees = _leg(legs.fee, [r.fee for r in room.values()], currency)
    return {job: Legs(*pair) for job, *pair in zip(room, services, fees, strict=True)}


def _leg(amount: Decimal, room: Sequence[Decimal], currency: str) -> list[Decimal]:
    most = sum(room, ZERO)
    within = min(amount, most)
    parts = split(within, room, currency) if most else [ZERO for _ in room]
    parts[0] += amount - within
    return parts
