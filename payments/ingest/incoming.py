"""A provider's fact on its way in: what is accepted, how it is compared, how it is folded."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder

from activity.actors import Actor
from activity.actors import provider as provider_actor
from core import money
from core.refusal import refusal
from payments.facts.fold import Fact, Problem
from payments.models import ProviderEvent
from payments.providers.base import IncomingFact as IncomingFact
from payments.providers.registry import label_of

LIMITS = {"event_id": 120, "order_id": 120, "status": 80, "work_order": 60, "method": 16}
MAX_DETAIL = 1000
MAX_REFUND_ID = 100


def actor_of(provider: str) -> Actor:
    """How the timeline names a provider."""
    return provider_actor(label_of(provider), provider)


def checked(fact: IncomingFact, home: str) -> IncomingFact:
    """``fact`` with exact amounts in its currency, ``home`` (the brand's) where it names none.

    Raises ValidationError naming the field that cannot be stored.
    """
    for name, limit in LIMITS.items():
        value = getattr(fact, name)
        if name in ("event_id", "order_id", "status") and not value.strip():
            raise refusal(name, "must not be empty")
        if len(value) > limit:
            raise refusal(name, f"is longer than {limit} characters")
        if not _is_storable(value):
            raise refusal(name, "has characters that cannot be stored")
    if fact.at.tzinfo is None:
        raise refusal("at", "needs a time zone, like 2026-10-14T15:42:00Z")
    currency = fact.currency.strip().upper()
    if currency and not money.is_currency(currency):
        raise refusal("currency", "must be an active currency of ISO 4217, like USD")
    currency = currency or home
    fee = _amount("fee", fact.fee, currency)
    return replace(
        fact,
        currency=currency,
        amount=_amount("amount", fact.amount, currency),
        fee=fee if fee is not None else _free_fee(fact.data, currency),
        detail=clean(fact.detail)[:MAX_DETAIL],
        data=clean(dict(fact.data)),
    )


def _amount(name: str, value: Any, currency: str) -> Decimal | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool | float) or not isinstance(value, Decimal | int | str):
        raise refusal(name, "must be a decimal number, like 340.52")
    try:
        amount = money.parse_amount(f"{value}", currency)
    except (money.AmountError, ArithmeticError) as error:
        raise refusal(name, str(error)) from error
    if amount < 0:
        raise refusal(name, "must not be negative")
    return amount


def _free_fee(data: Mapping[str, Any], currency: str) -> Decimal | None:
    """The fee among the free fields, where it is one; the fact is accepted whatever it says."""
    try:
        return _amount("data.fee", data.get("fee"), currency)
    except ValidationError:
        return None


def odd_fees(events: Iterable[ProviderEvent]) -> list[Problem]:
    """Free fees that are no amount: not counted as money, and shown to a person."""
    text = "Its fee is no amount of {}: “{}”. It was ignored."
    return [
        Problem(
            f"data.fee:{event.event_id}",
            event.event_id,
            text.format(event.currency, f"{event.data['fee']}"[:100]),
        )
        for event in events
        if event.fee_amount is None and event.data.get("fee") not in (None, "")
    ]


def _is_storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def clean(value: Any) -> Any:
    """``value`` without what PostgreSQL cannot hold: NUL and lone surrogates become U+FFFD."""
    if isinstance(value, str):
        if _is_storable(value):
            return value
        return "".join("\ufffd" if c == "\x00" or "\ud800" <= c <= "\udfff" else c for c in value)
    if isinstance(value, Mapping):
        return {clean(str(k)): clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean(v) for v in value]
    return value


def content_hash(fact: IncomingFact, home: str) -> str:
    """The same for the same content, however its body was spelled (spaces, key order).

    ``fact`` as ``checked`` leaves it; ``home`` is the brand's currency.
    """
    content = {
        "order_id": fact.order_id,
        "work_order": fact.work_order,
        "status": fact.status,
        "at": fact.at.astimezone(UTC).isoformat(),
        "amount": None if fact.amount is None else f"{fact.amount:f}",
        "fee": None if fact.fee is None else f"{fact.fee:f}",
        "method": fact.method,
        "detail": fact.detail,
        "data": fact.data,
    }
    if fact.currency != home:  # named or not, the brand's own is the same
        content["currency"] = fact.currency
    text = json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def as_fact(event: ProviderEvent) -> Fact:
    """A stored event as the fold wants it."""
    refund_id = event.data.get("refund_id")
    is_id = isinstance(refund_id, str | int) and not isinstance(refund_id, bool)
    return Fact(
        event_id=event.event_id,
        status=event.status,
        at=event.happened_at,
        amount=event.amount,
        fee=event.fee_amount,
        method=event.method,
        detail=event.detail,
        data=event.data,
        currency=event.currency,
        refund_id=str(refund_id).strip()[:MAX_REFUND_ID] if is_id else "",
        job=event.work_order_number,
    )
