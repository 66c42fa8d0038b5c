"""What a line itself says that a payment brought: a plain sum of its steps. Pure.

It proves an import: what this comes to must be what the ledger holds afterwards. So it shares
nothing with the fold of provider facts (``payments.facts.fold``): a table of what each status
counts for, and sums. Amounts are gross, in the brand's currency.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from core.money import ZERO
from payments.models import DisputeStatus, PaymentStatus, RefundStatus


class Counts(StrEnum):
    """What a step of a provider's history says of the money, as the documentation prints it."""

    PROMISED = "no money yet"
    RECEIVED = "received; a void takes it off again"
    SETTLED = "received for good; its amount counts where no step above reports one"
    CLOSED = "received for good; its amount counts for nothing"
    VOIDED = "takes off what was received, unless that was settled or refunded"
    FAILED = "no money; after a bank debit was received it takes off all of it"
    TAKEN_BACK = "takes off its amount, once for each dispute"
    REFUND_QUEUED = "refunded, unless it fails"
    REFUNDED = "refunded, once with the step that queued it"
    REFUND_FAILED = "takes the refund off again"


# Every other status counts for nothing.
STEPS: Mapping[str, Counts] = {
    **dict.fromkeys(("authorised", "offered", "selected", "agreement_signed"), Counts.PROMISED),
    **dict.fromkeys(("info_needed", "submitted", "approved", "cancelled"), Counts.PROMISED),
    **dict.fromkeys(("captured", "funded"), Counts.RECEIVED),
    **dict.fromkeys(("settled", "backup_charged"), Counts.SETTLED),
    "collected_at_closing": Counts.CLOSED,
    "voided": Counts.VOIDED,
    "failed": Counts.FAILED,
    **dict.fromkeys(("chargeback", "charged_back"), Counts.TAKEN_BACK),
    "refund_queued": Counts.REFUND_QUEUED,
    "refunded": Counts.REFUNDED,
    "refund_failed": Counts.REFUND_FAILED,
}
# Statuses of a payment, of a dispute and of a refund that count; all others do not.
RECEIVED = (PaymentStatus.COMPLETED, PaymentStatus.DISPUTED)
LOST = (DisputeStatus.LOST,)
REFUNDED = (RefundStatus.QUEUED, RefundStatus.PENDING, RefundStatus.COMPLETED)
# Steps by which money came or went.
COUNTING_STEPS = frozenset(
    name for name, counts in STEPS.items() if counts not in (Counts.PROMISED, Counts.FAILED)
)
_OF_REFUND = (Counts.REFUND_QUEUED, Counts.REFUNDED, Counts.REFUND_FAILED)
_LASTING = (Counts.SETTLED, Counts.CLOSED, Counts.REFUNDED, Counts.REFUND_FAILED)


@dataclass(frozen=True)
class Sums:
    """What a payment brought less what the bank took back, and what was refunded of it.

    ``fee``: the fee in what was received, where it is known and nothing was taken back.
    """

    received: Decimal = ZERO
    refunded: Decimal = ZERO
    fee: Decimal | None = None

    def differs_from(self, held: "Sums") -> bool:
        """Whether another sum is of other money; a fee that nobody reported is no difference."""
        if (self.received, self.refunded) != (held.received, held.refunded):
            return True
        return self.fee is not None and self.fee != held.fee


@dataclass(frozen=True)
class Fact:
    """One step of an order, as the file has it."""

    status: str
    at: datetime
    amount: Decimal | None = None
    fee: Decimal | None = None
    refund_id: str = ""
    dispute_id: str = ""

    @property
    def counts(self) -> Counts | None:
        """What it counts for; None: nothing. ``failed`` with a refund's id is about the refund."""
        counts = STEPS.get(self.status)
        if counts == Counts.FAILED and self.refund_id:
            return Counts.REFUND_FAILED
        return counts


@dataclass(frozen=True)
class Refund:
    """A refund that the file lists by itself."""

    amount: Decimal
    status: str
    refund_id: str = ""


# A payment with a status of its own ---------------------------------------------------------------


def of_status(
    status: str,
    amount: Decimal,
    fee: Decimal | None,
    lost: Iterable[Decimal],
    refunds: Iterable[Refund],
) -> Sums:
    """The sums of a payment that ended as ``status``.

    ``lost`` are the amounts of its lost disputes.
    """
    refunded = sum((r.amount for r in refunds if r.status in REFUNDED), ZERO)
    if status not in RECEIVED:
        return Sums(ZERO, refunded)
    taken = sum(lost, ZERO)
    return Sums(amount - taken, refunded, None if taken else fee)


# An order with steps ------------------------------------------------------------------------------


def of_steps(
    facts: Sequence[Fact],
    whole: Decimal,
    fee: Decimal | None = None,
    *,
    is_debit: bool = False,
    refunds: Sequence[Refund] = (),
) -> Sums:
    """The sums of an order's steps; ``whole`` and ``fee`` are what the file says of all of it.

    ``is_debit``: it is a bank debit, which may be returned late. ``refunds`` are those that the
    file lists next to the steps.
    """
    facts = sorted(facts, key=lambda f: f.at)
    money = [f for f in facts if f.counts in (Counts.RECEIVED, *_LASTING[:2])]
    implied = [f for f in facts if f.counts in _OF_REFUND or f.counts == Counts.TAKEN_BACK]
    if not money and not implied:
        return Sums(ZERO, _refunded((), refunds, whole))
    back = [f for f in facts if f.counts == Counts.TAKEN_BACK]
    is_lasting = any(f.counts in _LASTING for f in facts)
    if any(f.counts == Counts.VOIDED for f in facts) and not is_lasting and not back:
        return Sums()
    gross, known_fee = _gross(facts, whole, fee)
    refunded = _refunded([f for f in facts if f.counts in _OF_REFUND], refunds, gross)
    if back:
        return Sums(gross - _taken(back, gross), refunded)
    if is_debit and _is_returned(facts, money):
        return Sums(ZERO, refunded)
    return Sums(gross, refunded, known_fee)


# Where only a refund proves that money came: the later in this list, the surer is its amount.
_AGREED = (
    *("offered", "authorised", "selected", "info_needed"),
    *("agreement_signed", "submitted", "approved"),
)


def _gross(
    facts: Sequence[Fact], whole: Decimal, fee: Decimal | None
) -> tuple[Decimal, Decimal | None]:
    """What was received in all, and the fee in it: the last capture, or captures in parts.

    They are parts where they come to what was authorised, settled, or is the whole payment's,
    and never above that.
    """
    for counts in (Counts.RECEIVED, Counts.SETTLED):
        parts = [f for f in facts if f.counts == counts]
        if not parts:
            continue
        total = sum((f.amount or whole for f in parts), ZERO)
        settled = [f.amount or whole for f in facts if f.status == "settled" and f not in parts]
        promised = [f.amount for f in facts if f.counts == Counts.PROMISED and f.amount]
        proofs = (whole, *promised, *settled, sum(settled, ZERO))
        if len(parts) > 1 and total <= whole and total in proofs:
            fees = [f.fee for f in parts if f.fee is not None]
            return total, sum(fees, ZERO) if fees else fee
        last = parts[-1]
        return last.amount or whole, _fee_of(last, facts, whole, fee)
    agreed = [f for f in facts if f.counts == Counts.PROMISED]
    if not agreed:
        return whole, None
    last = max(agreed, key=lambda f: (_AGREED.index(f.status) if f.status in _AGREED else 0, f.at))
    return last.amount or whole, None


def _fee_of(
    last: Fact, facts: Sequence[Fact], whole: Decimal, fee: Decimal | None
) -> Decimal | None:
    """The fee of a capture: its own, else the payment's where all of it was captured."""
    if last.fee is not None:
        return last.fee
    if any(f.fee is not None for f in facts):
        return None  # some other step reports one, which may be of another amount
    return fee if last.amount in (None, whole) else None


def _is_returned(facts: Sequence[Fact], money: Sequence[Fact]) -> bool:
    """Whether a bank debit failed after it was last received."""
    last = max((f.at for f in money), default=None)
    return last is not None and any(f.counts == Counts.FAILED and f.at > last for f in facts)


def _taken(back: Sequence[Fact], gross: Decimal) -> Decimal:
    """What disputes took: the last amount of each; one without an id is of the one that it fits."""
    named = {f.dispute_id: f.amount or gross for f in back if f.dispute_id}
    unnamed = [f for f in back if not f.dispute_id and f.amount not in named.values()]
    if len(named) == 1:
        unnamed = [f for f in unnamed if f.amount is not None]
    amounts = [f.amount or gross for f in unnamed]
    return sum(named.values(), ZERO) + (amounts[-1] if amounts else ZERO)


def _refunded(facts: Sequence[Fact], refunds: Sequence[Refund], gross: Decimal) -> Decimal:
    """What was refunded, each refund once: by its id, without one by amount and number.

    The nth step *refunded* of an amount is the refund of the nth *refund_queued* of that amount.
    """
    listed = {r.refund_id: r for r in refunds if r.refund_id}
    other = [r for r in refunds if not r.refund_id]
    names = list(dict.fromkeys([*(f.refund_id for f in facts if f.refund_id), *listed]))
    refunds_of: Counter[Decimal] = Counter()
    steps_of: dict[Decimal, Counter[Counts]] = {}
    for name in names:
        mine = [f for f in facts if f.refund_id == name]
        amount, stages = _named(mine, listed.get(name), gross)
        refunds_of[amount] += 1
        steps_of.setdefault(amount, Counter()).update(stages)
    for fact in facts:
        if not fact.refund_id and fact.counts is not None:
            amount = fact.amount or gross
            steps_of.setdefault(amount, Counter()).update([fact.counts])
    total = sum((r.amount for r in other if r.status in REFUNDED), ZERO)
    for amount, steps in steps_of.items():
        count = max(refunds_of[amount], *(steps[stage] for stage in _OF_REFUND))
        total += amount * (count - steps[Counts.REFUND_FAILED])
    return total


def _named(
    facts: Sequence[Fact], listed: Refund | None, gross: Decimal
) -> tuple[Decimal, set[Counts]]:
    """The amount of the refund with one id, and its stages; the steps beat what lists it."""
    stages = {f.counts for f in facts if f.counts is not None}
    amounts = [f.amount for f in facts if f.amount and f.counts != Counts.REFUND_FAILED]
    amounts = amounts or [f.amount for f in facts if f.amount]
    amount = amounts[-1] if amounts else gross
    if listed is None:
        return amount, stages
    if stages <= {Counts.REFUND_QUEUED}:  # the file may know more than the steps
        is_off = listed.status not in REFUNDED
        is_queued = listed.status == RefundStatus.QUEUED and bool(facts)
        off = {Counts.REFUND_FAILED} if is_off else set()
        return (amount if is_queued else listed.amount), stages | off
    return amount, stages
