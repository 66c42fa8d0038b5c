"""An order's status history → provider events, as webhooks would bring them. Pure.

Each event follows from its own step and from what the file says of the whole order, never from
the steps next to it: a history in parts, in any order, gives the same events.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from importing.format.money import AttemptIn, PaymentIn, ProviderStep
from importing.history.base import History, Version, single
from payments.facts.ranks import Rank
from payments.ingest.incoming import IncomingFact
from payments.ingest.incoming import actor_of as provider_actor
from payments.models import Method
from payments.providers.registry import kind_of


def event_histories(
    item: PaymentIn | AttemptIn, fee: Decimal | None, number: str, path: str
) -> Iterator[History]:
    """One history per provider event of ``item``, a payment or an attempt of job ``number``.

    A step that is about the payment itself and has no amount takes that of ``item`` and ``fee``;
    one of the same amount and without a fee takes ``fee``. One that is about a refund or a dispute
    carries the amount of ``item`` along, as it may be the only one.
    """
    by = provider_actor(item.provider)
    for n, (event, step) in enumerate(identified(item)):
        fact = _fact(item, step, event, number)
        if _is_of_payment(item, step) and step.amount in (None, item.amount):
            fact["amount"] = item.amount
            fact["fee"] = fee if step.fee_amount is None else step.fee_amount
        elif not _is_of_payment(item, step) and _rank(item, step):
            fact["data"]["order_amount"] = str(item.amount)
        version = Version(step.at, by, {"provider": str(item.provider), **fact})
        place = f"{path}.statusHistory[{n}]"
        yield single("event", f"{item.provider}:{event}", version, place, topic=f"event:{event}")


def identified(item: PaymentIn | AttemptIn) -> Iterator[tuple[str, ProviderStep]]:
    """Every step of ``item`` with the id of its event.

    Without an id of its own it is made of order and content, so that it is the same wherever
    the step stands; of steps that are equal in everything each has another one.
    """
    seen: Counter[str] = Counter()
    for step in item.provider_steps:
        content = _content(item.order_id, step)
        yield step.event_id or _made_id(content, seen[content]), step
        seen[content] += 1


def _content(order_id: str, step: ProviderStep) -> str:
    given = step.model_dump(mode="json", exclude_unset=True)
    return json.dumps([order_id, given], sort_keys=True, cls=DjangoJSONEncoder)


def _made_id(content: str, nth: int) -> str:
    text = f"{content}#{nth}" if nth else content
    return f"import:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _is_of_payment(item: PaymentIn | AttemptIn, step: ProviderStep) -> bool:
    """Whether the amount of ``step`` would be the payment's, not a refund's or a dispute's.

    A status that nobody knows says nothing of the payment.
    """
    if step.status == "failed" and refund_id_of(step):
        return False
    rank = _rank(item, step)
    return rank is not None and rank.amount is not None


def _rank(item: PaymentIn | AttemptIn, step: ProviderStep) -> Rank | None:
    ranks = kind_of(item.provider).statuses.ranks
    return ranks.card.get(step.status) or ranks.pac.get(step.status)


def refund_id_of(step: ProviderStep) -> str:
    """The refund that a step is about, "" for none."""
    named = step.refund_id or step.data.get("refund_id")
    return str(named).strip() if isinstance(named, str | int) and named is not True else ""


def _fact(
    item: PaymentIn | AttemptIn, step: ProviderStep, event: str, number: str
) -> dict[str, Any]:
    data = _card_and_payer(item, step) | dict(step.data)
    if step.refund_id:
        data["refund_id"] = step.refund_id
    return {
        "event_id": event,
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


def _card_and_payer(item: PaymentIn | AttemptIn, step: ProviderStep) -> dict[str, Any]:
    """What the fold reads from any event, as far as the step does not say it itself."""
    nested = step.data.get("card")
    own = nested if isinstance(nested, Mapping) else {}
    known = {
        "card_brand": item.card_brand,
        "last4": item.last4,
        "funding": item.funding,
        "payer_name": getattr(item, "payer_name", ""),
    }
    return {name: str(value) for name, value in known.items() if value and name not in own}


def incoming(values: Mapping[str, Any]) -> IncomingFact:
    """The fact of an event's values, as a webhook would bring it."""
    return IncomingFact(**{k: v for k, v in values.items() if k != "provider"})
