"""What each status of a provider says, as data: read these tables to know what a fact does.

A payment stands where its highest-ranked fact puts it (``payments.facts.fold``). Pure: no Django.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Rank:
    """What a status says: its rank, the payment status it means, how far to trust its amount.

    ``paid`` facts say that money came. ``amount`` orders statuses by whose amount is the
    payment's; None: its amount is something else (a refund, a dispute, a title company's wire).
    """

    rank: int
    payment: str
    amount: int | None = 0
    paid: bool = False


# Pay-at-close: funded is paid; what follows is between provider and title company.
PAC_RANKS: dict[str, Rank] = {
    "offered": Rank(10, "requires_action", 10),
    "selected": Rank(20, "requires_action", 20),
    "agreement_signed": Rank(30, "pending", 30),
    "info_needed": Rank(40, "pending", 25),
    "submitted": Rank(50, "processing", 40),
    "approved": Rank(60, "processing", 50),
    # A sale falls through, and the backup card may still be charged: failed ranks low.
    "failed": Rank(70, "failed", 5),
    "cancelled": Rank(80, "voided", 5),
    "funded": Rank(100, "completed", 100, paid=True),
    "refund_queued": Rank(105, "completed", None),
    "voided": Rank(110, "voided", 5),
    "collected_at_closing": Rank(120, "completed", 1, paid=True),
    "backup_charged": Rank(130, "completed", 90, paid=True),
    "refunded": Rank(140, "completed", None),
    "refund_failed": Rank(145, "completed", None),
    "charged_back": Rank(200, "charged_back", None),
}

# Card and bank: captured is paid. A void undoes a capture, but not a settlement.
_CARD_RANKS: dict[str, Rank] = {
    "authorised": Rank(10, "pending", 10),
    "failed": Rank(20, "failed", 5),
    "captured": Rank(30, "completed", 100, paid=True),
    "refund_queued": Rank(35, "completed", None),
    "voided": Rank(40, "voided", 5),
    "settled": Rank(50, "completed", 90, paid=True),
    "refunded": Rank(60, "completed", None),
    "refund_failed": Rank(65, "completed", None),
    "chargeback": Rank(200, "charged_back", None),
}

CARD_METHODS = ("card", "ach")
# Statuses that only the card and bank family has: they tell the family where no method does.
CARD_ONLY = frozenset(_CARD_RANKS) - frozenset(PAC_RANKS)
# Where a pay-at-close step stands in an order that also has card steps. Without these places a
# step that counted before the first card step came in would count for nothing after it.
_AMONG_CARD = {
    "offered": 1,
    "selected": 2,
    "agreement_signed": 3,
    "info_needed": 4,
    "submitted": 5,
    "approved": 6,
    "cancelled": 7,
    "funded": 31,
    "collected_at_closing": 51,
    "backup_charged": 52,
    "charged_back": 200,
}
CARD_RANKS: dict[str, Rank] = {
    **{status: replace(PAC_RANKS[status], rank=rank) for status, rank in _AMONG_CARD.items()},
    **_CARD_RANKS,
}
CHARGED_BACK = ("charged_back", "chargeback")
REFUND_STAGES = {"refund_queued": "queued", "refunded": "completed", "refund_failed": "failed"}
# Nobody returns or takes back what was never taken: without a capture these prove that there
# was one, and the earliest of them says since when at the latest.
IMPLY_PAID = frozenset(REFUND_STAGES) | frozenset(CHARGED_BACK)
STAGE_RANKS = {"queued": 1, "completed": 2, "failed": 3}
