"""How much an order brought: its currency, gross amount and fee, from the set of its facts. Pure.

Captured is what the client paid. Which of several amounts counts follows from their statuses and
from the whole set, never from arrival (docs/decisions/023).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from core.money import ZERO, display
from payments.facts.fact import Fact, order_amount_of
from payments.facts.fold_refunds import Problem, of_refund
from payments.facts.ranks import Rank

Table = Mapping[str, Rank]
# Statuses of a payment whose money has not come: their amount is what was authorised or agreed.
_PROMISED = ("requires_action", "pending", "processing")


@dataclass(frozen=True)
class Amounts:
    """The gross amount of an order and the fee in it. ``amount`` None: no fact reports one.

    A fee of zero may be reported, or nobody reports any (docs/decisions/015).
    """

    amount: Decimal | None
    fee: Decimal
    problems: tuple[Problem, ...] = ()
    is_fee_reported: bool = False


def in_one_currency(
    known: Sequence[Fact], table: Table, home: str
) -> tuple[str, list[Fact], list[Problem]]:
    """The currency of the most trusted amount, the facts in it, and those that are not.

    A step reported in another currency still counts as a step, but its amounts are none (and it is
    no refund: without an amount that would be all of the payment).
    """
    with_amount = [f for f in known if _has_amount(f, table)]
    if not with_amount:
        return home, [replace(f, currency=home) for f in known], []
    currency = max(with_amount, key=lambda f: _trust(f, table)).currency or home
    restated, problems = [], []
    for fact in known:
        named = fact.currency or home
        sums = [s for s in (fact.amount, fact.fee) if s is not None]
        if named == currency or (named == home and not sums):
            restated.append(replace(fact, currency=currency))
            continue
        restated.append(replace(fact, amount=None, fee=None, currency=named))
        what = display(sums[0], named) if sums else named
        text = (
            f"“{fact.status}” tells {what}, but the order’s money is in {currency}: "
            "amounts in another currency were left out. Ask the provider what came."
        )
        problems.append(Problem(f"currency:{fact.event_id}:{currency}", fact.event_id, text))
    return currency, restated, problems


def amounts_of(known: Sequence[Fact], table: Table, paid: Sequence[Fact]) -> Amounts:
    """Gross amount and fee of an order whose facts are all in one currency.

    Each comes from the most trusted status that reports it, of these from the latest; captures
    in parts are added up. ``paid`` are the facts by which money came.
    """

    def trust(fact: Fact) -> tuple[int, datetime, str]:
        return _trust(fact, table)

    with_amount = sorted((f for f in known if _has_amount(f, table)), key=trust)
    if not with_amount:
        whole = order_amount_of(known) or None
        return Amounts(whole, ZERO, () if whole else _missing_amount(paid))
    best = with_amount[-1]
    top = [f for f in with_amount if trust(f)[0] == trust(best)[0] and table[f.status].paid]
    captures = [f for f in top if f.event_id]  # an import's fact is the sum of them already
    if are_parts(captures, with_amount, table):
        parts = [f.fee for f in captures if f.fee is not None]
        amount, source = sum((f.amount or ZERO for f in captures), ZERO), best
        fee, is_reported = sum(parts, ZERO), bool(parts)
    else:
        amount = best.amount or ZERO
        reported = [f for f in known if _is_payments(f, table) and f.fee is not None]
        with_fee = sorted(reported, key=trust)
        source = with_fee[-1] if with_fee and best.fee is None else best
        fee, is_reported = source.fee or ZERO, source.fee is not None
    problems = _odd_amounts(captures, with_amount, table, amount)
    if fee > amount:
        text = "A fee of {} is more than the payment of {}."
        odd_fee = Problem("fee", source.event_id, text, (fee, amount))
        return Amounts(amount, ZERO, (odd_fee, *problems))
    return Amounts(amount, fee, problems, is_reported)


def are_parts(captures: Sequence[Fact], with_amount: Sequence[Fact], table: Table) -> bool:
    """Whether several captures are parts of one payment, as another fact of the order proves.

    They are where together they come to what was authorised, or to what was settled: 100.00 and
    229.00 of an authorised 329.00. Else the same capture may have been reported again.
    """
    if len(captures) < 2:
        return False
    total = sum((f.amount or ZERO for f in captures), ZERO)
    return total in _proofs(with_amount, captures, table)


def _proofs(
    with_amount: Sequence[Fact], captures: Sequence[Fact], table: Table
) -> frozenset[Decimal]:
    """The amounts that prove a sum of captures: each authorised one, what was settled in all."""
    promised = [f.amount for f in with_amount if table[f.status].payment in _PROMISED]
    settled = [f.amount for f in _settlements(with_amount, table) if f not in captures]
    found = [a for a in (*promised, *settled) if a is not None]
    return frozenset([*found, sum((a for a in settled if a is not None), ZERO)])


def _settlements(with_amount: Sequence[Fact], table: Table) -> list[Fact]:
    return [f for f in with_amount if table[f.status].settles and f.event_id]


def _odd_amounts(
    captures: Sequence[Fact], with_amount: Sequence[Fact], table: Table, amount: Decimal
) -> tuple[Problem, ...]:
    """What does not fit: captures that differ, and settlements of another sum than was captured."""
    problems = []
    differ = sorted({f.amount for f in captures if f.amount is not None and f.amount != amount})
    if differ and not are_parts(captures, with_amount, table):
        text = (
            "Captures of different amounts came: {} and {}. Only the last one counts. "
            "If they are parts of one payment, ask the provider what it took in all."
        )
        problems.append(Problem("captures", captures[-1].event_id, text, (differ[0], amount)))
    settled = _settlements(with_amount, table)
    sums = [f.amount for f in settled if f.amount is not None]
    if sums and amount not in (*sums, sum(sums, ZERO)):
        text = (
            "{} was settled of {} that was captured. What was captured counts: the client paid it. "
            "Ask the provider where the difference went."
        )
        problems.append(Problem("settled", settled[-1].event_id, text, (sums[-1], amount)))
    return tuple(problems)


def _is_payments(fact: Fact, table: Table) -> bool:
    return table[fact.status].amount is not None and not of_refund(fact)


def _has_amount(fact: Fact, table: Table) -> bool:
    """Whether its amount may be the payment's."""
    return _is_payments(fact, table) and fact.amount is not None and fact.amount > 0


def _trust(fact: Fact, table: Table) -> tuple[int, datetime, str]:
    return table[fact.status].amount or 0, *fact.key


def _missing_amount(paid: Sequence[Fact]) -> tuple[Problem, ...]:
    if not paid:
        return ()
    first = min(paid, key=lambda f: f.key)
    text = f"“{first.status}” says that money came, but no event says how much."
    return (Problem("no-amount", first.event_id, text),)
