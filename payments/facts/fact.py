"""One provider fact as the fold sees it, and what its nested fields say. Pure: no Django."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Fact:
    """One thing that a provider reported of an order. ``refund_id`` and ``fee`` may be missing.

    ``currency`` is what its amounts are in; "" for the brand's own. ``job`` is the number that it
    names as its job.
    """

    event_id: str
    status: str
    at: datetime
    amount: Decimal | None = None
    fee: Decimal | None = None
    method: str = ""
    detail: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    refund_id: str = ""
    currency: str = ""
    job: str = ""

    @property
    def key(self) -> tuple[datetime, str]:
        """Total order of facts that share a rank."""
        return self.at, self.event_id


def _text(value: Any) -> str:
    """A short word out of a provider's data; structures are not words."""
    return str(value).strip() if isinstance(value, (str, int, Decimal)) else ""


def text_of(facts: Sequence[Fact], *names: str) -> str:
    """What the highest-ranked fact says under one of ``names``, also inside a nested ``card``."""
    for fact in reversed(facts):
        nested = fact.data.get("card")
        for place in (fact.data, nested if isinstance(nested, Mapping) else {}):
            for name in names:
                if text := _text(place.get(name)):
                    return text
    return ""


def code_of(facts: Sequence[Fact]) -> str:
    """The provider's reason code, the most telling one it gives."""
    names = ("decline_code", "failure_code", "return_code", "reason_code", "code")
    return text_of(facts, *names)[:60]


def message_of(facts: Sequence[Fact]) -> str:
    """The reason in the provider's own words, of the highest-ranked of ``facts``."""
    names = ("failure_message", "message", "reason")
    texts = (fact.detail or text_of([fact], *names) for fact in reversed(facts))
    return next((text for text in texts if text), "")[:300]


def order_amount_of(facts: Sequence[Fact]) -> Decimal | None:
    """What the whole order is of, where no step of the payment itself reports an amount.

    An import knows it of steps that are about a refund or a dispute alone.
    """
    for fact in reversed(facts):
        text = _text(fact.data.get("order_amount"))
        if _AMOUNT.match(text):
            return Decimal(text)
    return None


_AMOUNT = re.compile(r"^\d{1,12}(\.\d{1,3})?$", re.ASCII)
FUNDINGS = ("credit", "debit", "prepaid", "unknown")


def card_of(known: Sequence[Fact]) -> dict[str, str]:
    """Card or bank account, as far as any fact tells it."""
    fundings = (text_of([fact], "funding").lower() for fact in reversed(known))
    return {
        "card_brand": text_of(known, "card_brand", "brand", "bank_name")[:30],
        "last4": text_of(known, "last4", "card_last4", "account_last4")[-4:],
        "funding": next((f for f in fundings if f in FUNDINGS), ""),
    }


REFERENCE_NAMES = ("reference", "transaction_id", "charge_id", "auth_code", "confirmation")


def references_of(facts: Sequence[Fact]) -> tuple[str, ...]:
    """The provider's other ids of this payment, for search."""
    references = {_text(f.data.get(name))[:120] for f in facts for name in REFERENCE_NAMES}
    return tuple(sorted(references - {""}))


def jobs_of(facts: Sequence[Fact]) -> tuple[str, ...]:
    """The numbers of jobs that ``facts`` name, in capitals: numbers match in any case."""
    return tuple(sorted({fact.job.strip().upper() for fact in facts} - {""}))
