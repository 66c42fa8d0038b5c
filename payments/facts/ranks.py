"""What the status of a provider's fact says about a payment. Pure: no Django, no provider.

A payment has the state of its highest-ranked fact (``payments.facts.fold``). Which statuses a
provider has, and their ranks, is in its folder under ``payments/providers/``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Rank:
    """The rank of a status, the payment status it means, and how far to trust its amount.

    ``paid`` facts say that money came. ``amount`` orders statuses by whose amount is the
    payment's; None: its amount is something else (a refund, a dispute, a title company's wire).
    ``settles`` facts say how much of what came reached the provider's settlement.
    """

    rank: int
    payment: str
    amount: int | None = 0
    paid: bool = False
    settles: bool = False


@dataclass(frozen=True)
class Ranks:
    """The rank of each status of one provider, for its two kinds of orders.

    ``pac`` is read for orders paid at closing, ``card`` for orders paid by card or bank debit.
    The same status may rank differently in them.
    """

    pac: Mapping[str, Rank] = field(default_factory=dict)
    card: Mapping[str, Rank] = field(default_factory=dict)

    @cached_property
    def card_only(self) -> frozenset[str]:
        """Statuses that make an order a card order, also where no fact names a method."""
        return frozenset(self.card) - frozenset(self.pac)

    def of(self, family: str) -> Mapping[str, Rank]:
        """The table of a family: ``card`` or ``pac``."""
        return self.card if family == "card" else self.pac

    def knows(self, status: str) -> bool:
        """Whether ``status`` means something to us; the same in an order of either family."""
        return status in self.card or status in self.pac


CARD_METHODS = ("card", "ach")
# The statuses below mean the same for every provider: a provider with other words for a refund or
# a chargeback translates them before its fact is stored.
CHARGED_BACK = ("charged_back", "chargeback")
REFUND_STAGES = {"refund_queued": "queued", "refunded": "completed", "refund_failed": "failed"}
# Nobody returns or takes back what was never taken: without a capture these prove that there
# was one, and the earliest of them says since when at the latest.
IMPLY_PAID = frozenset(REFUND_STAGES) | frozenset(CHARGED_BACK)
STAGE_RANKS = {"queued": 1, "completed": 2, "failed": 3}
