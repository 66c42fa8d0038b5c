"""What Paystory needs to know of a payment provider: one ``ProviderKind`` each. Pure: no Django.

A provider's folder answers with its kind; ``payments.providers.registry`` lists the kinds. Code
elsewhere asks the registry and names no provider.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from core.money import AmountError
from payments.facts.declines import DeclineWords
from payments.facts.ranks import Rank, Ranks


@dataclass(frozen=True)
class IncomingFact:
    """One fact as a webhook or an import reports it. Amounts gross, in ``currency``.

    "" is the brand's own.
    """

    event_id: str
    order_id: str
    status: str
    at: datetime
    work_order: str = ""
    amount: Decimal | None = None
    fee: Decimal | None = None
    method: str = ""
    detail: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    currency: str = ""


class Refused(Exception):
    """A webhook that is not accepted. ``status`` is the HTTP status of the answer.

    ``field`` names the field or header that is wrong, "" for none.
    """

    def __init__(self, status: int, error: str, field: str = "") -> None:
        super().__init__(error)
        self.status, self.error, self.field = status, error, field


@dataclass(frozen=True)
class Webhooks:
    """How a provider's webhooks prove where they come from, and how their bodies are read.

    ``is_signed(secret, body, header)``: whether ``header``, the value of ``signature_header`` (""
    where it is missing), proves the raw ``body``. Compare with ``hmac.compare_digest``.

    ``read(body)``: the one fact in a body that is proven. Raises Refused, or ValidationError naming
    the field. It translates; what a fact means for a payment is decided elsewhere.

    ``signature_text`` explains the signature on the brand's settings page.
    """

    signature_header: str
    signature_text: str
    is_signed: Callable[[str, bytes, str], bool]
    read: Callable[[bytes], IncomingFact]
    # The name of its address in payments/urls.py.
    url_name: str = "webhook"


@dataclass(frozen=True)
class Status:
    """One status of a provider: what it does to a payment, and how its step reads.

    ``tone`` is a state of the timeline (``activity.models.State``). ``word`` is for the pill, ""
    for none. ``headline`` may have the places ``{amount}`` and ``{means}``.

    ``rank_among_card``: the rank of a pay-at-close status in an order that also has card steps.
    """

    rank: Rank
    tone: str
    word: str
    headline: str
    rank_among_card: int | None = None


@dataclass(frozen=True)
class Statuses:
    """The statuses that a provider reports: of orders paid at closing, and by card or bank.

    A status that is in neither is stored and shown as it came, and changes no money.
    """

    pay_at_close: Mapping[str, Status] = field(default_factory=dict)
    card: Mapping[str, Status] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ValueError for a pay-at-close status without a rank among card steps.

        It would count until the first card step came in and for nothing after it, so the order
        in which facts arrive would matter (law 6: facts commute).
        """
        for name, status in self.pay_at_close.items():
            if status.rank_among_card is None and name not in self.card:
                raise ValueError(f"“{name}” needs a rank in orders that also have card steps")

    def __bool__(self) -> bool:
        return bool(self.pay_at_close or self.card)

    def plus(
        self,
        *,
        pay_at_close: Mapping[str, Status] | None = None,
        card: Mapping[str, Status] | None = None,
    ) -> "Statuses":
        """These statuses and a provider's own; its own win where both have a name."""
        return Statuses(
            {**self.pay_at_close, **(pay_at_close or {})}, {**self.card, **(card or {})}
        )

    @cached_property
    def ranks(self) -> Ranks:
        """The tables that the fold reads."""
        among_card = {
            name: replace(status.rank, rank=status.rank_among_card)
            for name, status in self.pay_at_close.items()
            if status.rank_among_card is not None
        }
        return Ranks(
            pac={name: status.rank for name, status in self.pay_at_close.items()},
            card={**among_card, **{name: status.rank for name, status in self.card.items()}},
        )

    def find(self, name: str, *, is_card: bool) -> Status | None:
        """The status of a step by card or bank, or of one at closing; None for an unknown one.

        A status that only the other kind of order has reads the same in this one.
        """
        first, second = (
            (self.card, self.pay_at_close) if is_card else (self.pay_at_close, self.card)
        )
        return first.get(name) or second.get(name)


@dataclass(frozen=True)
class ProviderKind:
    """One payment provider, as its folder describes it."""

    # Stored in the ``provider`` columns and in addresses: never changes. At most 16 characters.
    slug: str
    # Its name on pages, on the timeline and in messages.
    label: str
    # None: it sends none, or not yet.
    webhooks: Webhooks | None = None
    # Empty: it reports no steps of its orders.
    statuses: Statuses = field(default_factory=Statuses)
    # Its own decline codes; they come before the common ones of cards and banks.
    decline_codes: Mapping[str, DeclineWords] = field(default_factory=dict)
    # Whether feeds offer it as a source to filter by.
    is_feed_source: bool = False
    # Whether it sends refunds itself and confirms them; False: staff move the money by hand.
    moves_money: bool = True
    # What helps to recognise its reference of a refund, shown under the field.
    refund_reference_hint: str = ""
    # How many decimals its minor unit has, by currency: its own table, never the books'. A card
    # provider may count UGX in hundredths, of which there are none. Empty: it is sent decimals.
    minor_decimals: Mapping[str, int] = field(default_factory=dict)

    def minor_units(self, currency: str) -> int:
        """How many decimals of ``currency`` its minor unit has (USD 2: 340.52 is 34052).

        AmountError for a currency that is not in its table: nothing is guessed about money.
        """
        if currency not in self.minor_decimals:
            raise AmountError(f"{self.label} takes no minor units of {currency}")
        return self.minor_decimals[currency]

    def to_minor(self, amount: Decimal, currency: str) -> int:
        """``amount`` in the units that it is sent; AmountError where it is no whole number."""
        minor = amount.scaleb(self.minor_units(currency))
        if minor != minor.to_integral_value():
            raise AmountError(f"{self.label} cannot be sent {amount} {currency}: too many decimals")
        return int(minor)
