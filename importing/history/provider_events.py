"""An order's status history → provider events, as webhooks would bring them. Pure."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from importing.format.money import AttemptIn, PaymentIn, ProviderStep
from importing.history.base import History, Version, single
from payments.facts.ranks import REFUND_STAGES
from payments.ingest.incoming import IncomingFact
from payments.ingest.incoming import actor_of as provider_actor
from payments.models import Method


def event_histories(
    item: PaymentIn | AttemptIn, fee: Decimal | None, number: str, path: str
) -> Iterator[History]:
    """One history per provider event of ``item``, a payment or an attempt of job ``number``.

    Where no step has an amount, the events take that of ``item`` and ``fee``.
    """
    by = provider_actor(item.provider)
    has_amounts = any(s.amount and s.status not in REFUND_STAGES for s in item.provider_steps)
    for n, step in enumerate(item.provider_steps):
        fact = _fact(item, step, n, number)
        if not has_amounts and step.status not in REFUND_STAGES:
            fact |= {"amount": item.amount, "fee": fee}
        version = Version(step.at, by, {"provider": str(item.provider), **fact})
        event = fact["event_id"]
        place = f"{path}.statusHistory[{n}]"
        yield single("event", f"{item.provider}:{event}", version, place, topic=f"event:{event}")


def _fact(item: PaymentIn | AttemptIn, step: ProviderStep, n: int, number: str) -> dict[str, Any]:
    data = dict(step.data)
    if step.refund_id:
        data["refund_id"] = step.refund_id
    if n == 0:
        data = _first_data(item) | data
    return {
        "event_id": step.event_id or event_id(item.order_id, n, step),
        "order_id": item.order_id,
        "status": step.status,
        "at": step.at,
        "work_order": number,
        "amount": step.amount,
        "fee": step.fee_amount,
        "method": item.method if item.method in (Method.CARD, Method.ACH) else "",
        "detail": step.detail,
        "data": data,
    }


def _first_data(item: PaymentIn | AttemptIn) -> dict[str, Any]:
    """Card and payer, which the fold reads from the first event."""
    known = {
        "card_brand": item.card_brand,
        "last4": item.last4,
        "funding": item.funding,
        "payer_name": getattr(item, "payer_name", ""),
    }
    return {name: str(value) for name, value in known.items() if value}


def event_id(order_id: str, index: int, step: ProviderStep) -> str:
    """The id of an event that has none: the same for the same order, place and content."""
    content = step.model_dump(mode="json", exclude_unset=True)
    text = json.dumps([order_id, index, content], sort_keys=True, cls=DjangoJSONEncoder)
    return f"import:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def incoming(values: Mapping[str, Any]) -> IncomingFact:
    """The fact of an event's values, as a webhook would bring it."""
    return IncomingFact(**{k: v for k, v in values.items() if k != "provider"})
