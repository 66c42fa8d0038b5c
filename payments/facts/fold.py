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
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from payments.facts.fact import Fact, card_of, code_of, message_of, references_of, text_of
from payments.facts.fold_amounts import amounts_of, in_one_currency
from payments.facts.fold_disputes import DisputeState, disputes_of
from payments.facts.fold_refunds import OurRefund, Problem, RefundState, of_refund, refunds_of
from payments.facts.ranks import CARD_METHODS, CHARGED_BACK, IMPLY_PAID, Rank, Ranks

__all__ = ["DisputeState", "Fact", "OrderState", "OurRefund", "Problem", "RefundState", "fold"]

ZERO = Decimal(0)
_KEEPS_PAID_AT = ("completed", "charged_back")


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
    disputes: tuple[DisputeState, ...]
    problems: tuple[Problem, ...]
    currency: str = ""
    is_fee_reported: bool = False


def family_of(facts: Iterable[Fact], ranks: Ranks) -> str:
    """``card`` (card and bank) or ``pac``, from all facts of an order."""
    is_card = any(f.method in CARD_METHODS or f.status in ranks.card_only for f in facts)
    return "card" if is_card else "pac"


def fold(
    facts: Iterable[Fact],
    ranks: Ranks,
    *,
    home: str = "",
    ours: Sequence[OurRefund] = (),
    refunds: Sequence[Fact] = (),
    disputes: Sequence[DisputeState] = (),
) -> OrderState:
    """The state of one order. ``facts`` is at least one; ValueError for none.

    ``ranks`` are of the provider that has the order, whoever that is.

    ``home`` is the brand's currency, in which facts speak that name none.

    ``ours`` is what somebody here asked for: the provider's word of such a refund is no second
    one. ``refunds`` and ``disputes`` are those of an import, as it reported them.
    """
    unique = _once(facts)
    if not unique:
        raise ValueError("an order without facts has no state")
    family = family_of(unique, ranks)
    table = ranks.of(family)
    ordered = sorted(
        (f for f in unique if f.status in table), key=lambda f: (table[f.status].rank, *f.key)
    )
    currency, known, currency_problems = in_one_currency(ordered, table, home)
    paid = [f for f in known if table[f.status].paid]
    came = amounts_of(known, table, paid)
    amount = came.amount
    back = _taken_back(known, paid)
    taken, dispute_problems = disputes_of(back, paid, amount, disputes)
    lost = [d.amount for d in taken if d.is_lost]
    is_whole = bool(lost) and sum(lost, ZERO) == amount
    status = "charged_back" if is_whole else _standing(known, table, is_disputed=bool(lost))
    same = [f for f in known if f.currency == currency]
    imported = refunds if currency == home else ()
    sent_back, refund_problems = refunds_of(same, amount, status, ours, imported)
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
        fee=came.fee,
        first_at=min(f.at for f in unique),
        paid_at=min((f.at for f in money), default=None) if status in _KEEPS_PAID_AT else None,
        attempt_status=attempt if amount is not None else None,
        attempt_at=min((f.at for f in known), default=None),
        failure_code=code_of(trouble),
        failure_message=message_of(trouble),
        **card_of(known),
        payer_name=text_of(known, "payer_name", "payer"),
        references=references_of(unique),
        refunds=sent_back,
        disputes=taken,
        problems=(
            *currency_problems,
            *came.problems,
            *dispute_problems,
            *refund_problems,
            *_too_much_back(amount, sent_back, taken),
        ),
        currency=currency,
        is_fee_reported=came.is_fee_reported,
    )


def _too_much_back(
    amount: Decimal | None, refunds: Sequence[RefundState], disputes: Sequence[DisputeState]
) -> list[Problem]:
    """Refunds and disputes that fit each by themselves, and together are more than was paid.

    Both are counted: a bank may take back what was refunded already. But somebody must know.
    """
    back = sum((r.amount for r in refunds if r.counts), ZERO)
    lost = [d for d in disputes if d.is_lost]
    taken = sum((d.amount for d in lost), ZERO)
    if amount is None or not back or not taken or back + taken <= amount:
        return []
    text = (
        "Refunds of {} and what the bank took back ({}) are together more than the payment of {}. "
        "All of it is counted: the client may have got money twice. Ask the provider."
    )
    events = [event for dispute in lost for event in dispute.event_ids]
    return [Problem("back", events[-1] if events else "", text, (back, taken, amount))]


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
