"""The set of provider facts of one order, in any order, any number of times → its state.

Pure: no Django, no clock, no network. State follows from *rank*, never from the predecessor or
from arrival: each known status has a rank, and the highest-ranked fact decides the state of the
payment. So a terminal fact never regresses; what may still overrule it (a chargeback, a late
return of a bank debit, a refund that fails) simply ranks above it. A status that the tables do
not know changes nothing. (docs of the two providers: "Pay-at-close", "Guardian card and bank")

Amounts are ``Decimal`` in one currency, that of the order's most trusted amount, gross (fee
included). What is reported in another one is no money of it, but a problem.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from core.money import display
from payments.facts.fact import Fact, card_of, code_of, message_of, references_of, text_of
from payments.facts.fold_refunds import OurRefund, Problem, RefundState, of_refund, refunds_of
from payments.facts.ranks import CARD_METHODS, CHARGED_BACK, IMPLY_PAID, Rank, Ranks

__all__ = ["Fact", "OrderState", "OurRefund", "Problem", "RefundState", "fold"]

ZERO = Decimal(0)
_KEEPS_PAID_AT = ("completed", "charged_back")


@dataclass(frozen=True)
class DisputeState:
    """Money that the client's bank took back. A late return of a bank debit arrives as one.

    It takes ``amount`` and no more: of a payment of 500.00 a dispute of 100.00 leaves 400.00.
    """

    status: str
    amount: Decimal
    at: datetime
    reason_code: str
    reason: str
    dispute_id: str
    event_ids: tuple[str, ...]


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
    currency: str = ""


def family_of(facts: Iterable[Fact], ranks: Ranks) -> str:
    """``card`` (card and bank) or ``pac``, from all facts of an order."""
    is_card = any(f.method in CARD_METHODS or f.status in ranks.card_only for f in facts)
    return "card" if is_card else "pac"


def fold(
    facts: Iterable[Fact],
    ranks: Ranks,
    *,
    home: str = "",
    refunded_elsewhere: Decimal = ZERO,
    ours: Sequence[OurRefund] = (),
) -> OrderState:
    """The state of one order. ``facts`` is at least one; ValueError for none.

    ``ranks`` are of the provider that has the order, whoever that is.

    ``home`` is the brand's currency, in which facts speak that name none.

    ``refunded_elsewhere`` is what imported refunds of the same payment already used up,
    ``ours`` what somebody here asked for: the provider's word of such a refund is no second one.
    """
    unique = _once(facts)
    if not unique:
        raise ValueError("an order without facts has no state")
    family = family_of(unique, ranks)
    table = ranks.of(family)
    ordered = sorted(
        (f for f in unique if f.status in table), key=lambda f: (table[f.status].rank, *f.key)
    )
    currency, known, currency_problems = _in_one_currency(ordered, table, home)
    amount, fee, fee_problems = _amounts(known, table)
    paid = [f for f in known if table[f.status].paid]
    back = _taken_back(known, paid)
    dispute = _dispute(back, paid, amount)
    lost = dispute.amount if dispute is not None and dispute.status == "lost" else None
    is_whole = lost is not None and lost == amount
    status = "charged_back" if is_whole else _standing(known, table, is_disputed=lost is not None)
    same = [f for f in known if f.currency == currency]
    refunds, refund_problems = refunds_of(same, amount, status, refunded_elsewhere, ours)
    failed = [f for f in known if f.status == "failed" and not of_refund(f)]
    money = paid or [f for f in known if f.status in IMPLY_PAID]
    trouble = back if is_whole else ([] if money else failed)
    attempt = _attempt(known, paid, status, failed) if family == "card" else None
    return OrderState(
        family=family,
        method=_method(known, unique) if family == "card" else "pac",
        payment_status=status if amount is not None else None,
        provider_status=known[-1].status if known else unique[-1].status,
        amount=amount,
        fee=fee,
        first_at=min(f.at for f in unique),
        paid_at=min((f.at for f in money), default=None) if status in _KEEPS_PAID_AT else None,
        attempt_status=attempt if amount is not None else None,
        attempt_at=min((f.at for f in known), default=None),
        failure_code=code_of(trouble),
        failure_message=message_of(trouble),
        **card_of(known),
        payer_name=text_of(known, "payer_name", "payer"),
        references=references_of(unique),
        refunds=refunds,
        dispute=dispute,
        problems=(
            *_missing_amount(paid, amount),
            *currency_problems,
            *fee_problems,
            *refund_problems,
        ),
        currency=currency,
    )


# --- which facts ------------------------------------------------------------------------------


def _once(facts: Iterable[Fact]) -> list[Fact]:
    """Each event once, in an order of their own. Ids that disagree: always the same one stays."""
    by_id: dict[str, Fact] = {}
    for fact in sorted(facts, key=lambda f: (*f.key, f.status, repr(f))):
        by_id.setdefault(fact.event_id, fact)
    return sorted(by_id.values(), key=lambda f: f.key)


def _taken_back(known: Sequence[Fact], paid: Sequence[Fact]) -> list[Fact]:
    """The facts by which the client's bank took money back.

    A bank debit that fails after it was paid is a late return. That it was a bank debit may be
    reported by any fact of the order.
    """
    back = [f for f in known if f.status in CHARGED_BACK]
    if back or not paid or not any(f.method == "ach" for f in known):
        return back
    first = min(f.at for f in paid)
    returned = [f for f in known if f.status == "failed" and not of_refund(f) and f.at > first]
    last = max(f.at for f in paid)
    # What is debited again after its return is here again: the dispute is won.
    return [f for f in returned if f.at > last] or returned


def _standing(known: Sequence[Fact], table: Mapping[str, Rank], *, is_disputed: bool) -> str | None:
    """Where the highest fact puts the payment; None: a try that no payment came of.

    A dispute of less than the payment leaves it received. ``failed`` without a method may be a
    pay-at-close order that failed, so it makes a payment also where a later fact tells a card:
    what one fact makes no later one may unmake, or the order in which they come would matter.
    """
    if is_disputed:
        return "completed"
    top = [f for f in known if not (f.status == "failed" and of_refund(f))]
    if all(f.status == "failed" and f.method in CARD_METHODS for f in top):
        return None
    return table[top[-1].status].payment


def _method(known: Sequence[Fact], unique: Sequence[Fact]) -> str:
    named = [f.method for f in (*unique, *known) if f.method in CARD_METHODS]
    return named[-1] if named else "card"


def _attempt(
    known: Sequence[Fact], paid: Sequence[Fact], status: str | None, failed: Sequence[Fact]
) -> str | None:
    """A card order is one try: it succeeded once money was taken, whatever came after."""
    if paid or status in _KEEPS_PAID_AT:
        return "succeeded"
    if failed and status in (None, "failed"):
        return "failed"
    if status == "voided":
        return "abandoned"
    return "processing" if known else None


# --- amounts ----------------------------------------------------------------------------------


def _in_one_currency(
    known: Sequence[Fact], table: Mapping[str, Rank], home: str
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


def _has_amount(fact: Fact, table: Mapping[str, Rank]) -> bool:
    """Whether its amount may be the payment's."""
    is_payments = table[fact.status].amount is not None and not of_refund(fact)
    return is_payments and fact.amount is not None and fact.amount > 0


def _trust(fact: Fact, table: Mapping[str, Rank]) -> tuple[int, datetime, str]:
    return table[fact.status].amount or 0, *fact.key


def _amounts(
    known: Sequence[Fact], table: Mapping[str, Rank]
) -> tuple[Decimal | None, Decimal, list[Problem]]:
    """Gross amount and fee: each from the most trusted status that tells it, then the latest."""

    def trust(fact: Fact) -> tuple[int, datetime, str]:
        return _trust(fact, table)

    payments = [f for f in known if table[f.status].amount is not None and not of_refund(f)]
    with_amount = sorted((f for f in payments if _has_amount(f, table)), key=trust)
    if not with_amount:
        return None, ZERO, []
    best = with_amount[-1]
    amount = best.amount or ZERO
    with_fee = sorted((f for f in payments if f.fee is not None), key=trust)
    source = best if best.fee is not None else (with_fee[-1] if with_fee else None)
    fee = source.fee if source is not None and source.fee is not None else ZERO
    if source is not None and fee > amount:
        text = "A fee of {} is more than the payment of {}."
        return amount, ZERO, [Problem("fee", source.event_id, text, (fee, amount))]
    return amount, fee, []


def _missing_amount(paid: Sequence[Fact], amount: Decimal | None) -> list[Problem]:
    if amount is not None or not paid:
        return []
    first = min(paid, key=lambda f: f.key)
    text = f"“{first.status}” says that money came, but no event says how much."
    return [Problem("no-amount", first.event_id, text)]


# --- disputes ---------------------------------------------------------------------------------


def _dispute(
    back: Sequence[Fact], paid: Sequence[Fact], amount: Decimal | None
) -> DisputeState | None:
    if not back or amount is None:
        return None
    first = min(back, key=lambda f: f.key)
    # A bank debit is returned as a whole, whatever amount its failure tells.
    is_return = back[0].status == "failed"
    amounts = [] if is_return else [f.amount for f in back if f.amount]
    is_won = is_return and max(f.at for f in paid) >= max(f.at for f in back)
    return DisputeState(
        status="won" if is_won else "lost",
        amount=min(amounts[-1], amount) if amounts else amount,
        at=first.at,
        reason_code=code_of(back),
        reason=message_of(back),
        dispute_id=text_of(back, "dispute_id"),
        event_ids=tuple(sorted(f.event_id for f in back)),
    )
