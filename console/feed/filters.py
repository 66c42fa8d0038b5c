"""Filters of a feed: read from the URL, turned into a condition on entries, counted per chip."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from activity.models import Entry, State
from core import moments
from payments.models import PENDING_STATUSES, RECEIVED_STATUSES, REFUND_COUNTS
from payments.providers.registry import feed_sources
from ui.lists import Params, between

RECEIVED = [status.value for status in RECEIVED_STATUSES]
UNDER_WAY = [status.value for status in PENDING_STATUSES]
RETURNED = [status.value for status in REFUND_COUNTS]
# key → (label, condition on entries). The order is the order of the chips.
PAYMENT_SHOWS: Mapping[str, tuple[str, Q]] = {
    "problems": ("Only problems", Q(problem=True)),
    "money": ("Money moved", Q(money_moved=True)),
    "attempts": (
        "Attempts",
        Q(kind__in=["attempt", "provider"]) | Q(data__beside__has_key="attempt"),
    ),
    "refunds": ("Refunds", Q(kind="refund") | Q(thread__kind="refund")),
    "charges": ("Charges", Q(kind__in=["charge", "job"])),
    "documents": ("Invoices and credits", Q(kind__in=["invoice", "credit"])),
    "fees": ("Fee decisions", Q(kind="fee")),
}
# What the figures on top link to: the rows that each of them is the sum of, as of now.
FIGURE_SHOWS: Mapping[str, tuple[str, Q]] = {
    # Each row's ``data["billed"]``: what a revision changed in the services billed, tax included.
    "billed": (
        "Billed",
        Q(
            kind="invoice",
            data__has_key="billed",
            thread__kind="invoice",
            thread__status="issued",
            thread__data__kind="standard",
        ),
    ),
    # Each row's ``data["credited"]``: what it changed in the credits applied.
    "credits": ("Credits", Q(kind="credit", data__has_key="credited")),
    "received": (
        "Received",
        Q(money_moved=True, thread__kind="payment", thread__status__in=RECEIVED),
    ),
    "refunded": ("Refunded", Q(thread__kind="refund", thread__status__in=RETURNED)),
    "pending": ("Pending", Q(thread__kind="payment", thread__status__in=UNDER_WAY)),
}
ALL_SHOWS: Mapping[str, tuple[str, Q]] = {
    "payments": ("Payments", Q(payment_view=True)),
    "problems": ("Only problems", Q(problem=True)),
    "job": ("Job and charges", Q(kind__in=["job", "charge", "item"])),
    "documents": ("Invoices and credits", Q(kind__in=["invoice", "credit", "fee"])),
    "people": ("People", Q(kind="contact")),
    "notes": ("Notes", Q(kind="note")),
    "messages": ("Messages", Q(kind="message")),
}
_PEOPLE = {"staff": "Staff", "client": "Client"}
_MACHINES = {"system": "System", "import": "Import", "api": "API", "database": "Database"}
STATES: Mapping[str, str] = {
    State.SUCCEEDED: "Succeeded",
    State.PENDING: "Pending",
    State.ATTENTION: "Attention",
    State.FAILED: "Failed or disputed",
    State.REFUNDED: "Refunded",
    State.VOIDED: "Voided",
}


def sources() -> dict[str, str]:
    """Source of an entry → its label, in the order of the menu."""
    return {**_PEOPLE, **feed_sources(), **_MACHINES}


@dataclass(frozen=True)
class Filters:
    """A feed's filter as its URL states it. ``errors`` name the parameter that was unreadable."""

    show: str = ""
    source: str = ""
    state: str = ""
    payment: str = ""
    since: date | None = None
    until: date | None = None
    reference: str = ""
    flat: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def narrows(self) -> bool:
        """Whether anything may be hidden."""
        return bool(self.show or self.refined)

    @property
    def refined(self) -> bool:
        """Whether a filter other than the chips is set: the form under them is open then."""
        named = (self.source, self.state, self.payment, self.reference, self.since, self.until)
        return any(named)

    def condition(self, shows: Mapping[str, tuple[str, Q]], zone: moments.Zone) -> Q:
        """The condition on entries. Days are the brand's."""
        wanted = shows[self.show][1] if self.show else Q()
        if self.source:
            wanted &= Q(source=self.source)
        if self.state:
            wanted &= Q(state=self.state)
        if self.payment:
            wanted &= Q(thread__kind="payment", thread__data__number=int(self.payment)) | Q(
                thread__parent__kind="payment", thread__parent__data__number=int(self.payment)
            )
        if self.reference:
            wanted &= Q(references__contains=[self.reference])
        wanted &= between("occurred_at", self.since, self.until, zone)
        return wanted


def parse(query: QueryDict, shows: Mapping[str, tuple[str, Q]]) -> Filters:
    """Read a URL. What cannot be read is left out and named in ``errors``."""
    params = Params(query)
    payment = params.number("payment", "a payment of this job", prefix="P-", digits=6)
    return Filters(
        show=params.choice("show", shows),
        source=params.choice("source", sources()),
        state=params.choice("state", STATES),
        payment="" if payment is None else str(payment),
        since=params.day("since"),
        until=params.day("until"),
        reference=params.text("ref"),
        flat=params.flag("flat"),
        errors=params.errors,
    )


def counts(entries: QuerySet[Entry], shows: Mapping[str, tuple[str, Q]]) -> dict[str, int]:
    """How many entries each chip would show; ``""`` is all. One query."""
    sums = {key or "all_": Count("pk", filter=q) for key, (_, q) in shows.items()}
    numbers = entries.aggregate(all_=Count("pk"), **sums)
    return {"": numbers.pop("all_"), **numbers}
