"""Card numbers in what a provider sends are stored as their last four digits. Pure.

Ids of the provider are never touched. Whether an event came again with other content is asked of
what came, before this (``payments.ingest.incoming.content_hash``).
"""

import json
import re
from dataclasses import replace
from decimal import Decimal

from django.core.serializers.json import DjangoJSONEncoder

from core.card_numbers import is_id_key, mask_document, mask_spans, masked, spans
from payments.providers.base import IncomingFact

# The last key before a value in JSON.
_KEY = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:')


def mask_fact(fact: IncomingFact, payload: str, *, job: str) -> tuple[IncomingFact, str, bool]:
    """``fact`` and its ``payload`` without card numbers, and whether there was one.

    ``job`` is the number of the job that the fact is about, "" where none is known yet.
    """
    is_job = fact.work_order.strip().lower() == job.lower()
    shown = replace(
        fact,
        work_order=fact.work_order if is_job else masked(fact.work_order),
        status=masked(fact.status),
        method=masked(fact.method),
        detail=masked(fact.detail),
        data=mask_document(fact.data)[0],
    )
    ids = {fact.event_id, fact.order_id, *([fact.work_order] if is_job else [])}
    text = mask_payload(payload, ids)
    return shown, text, (shown, text) != (fact, payload)


def mask_payload(payload: str, ids: set[str]) -> str:
    """A body without card numbers, spelled as it came; ``ids`` are those of the event itself."""
    found = [
        (begin, end)
        for begin, end in spans(payload)
        if payload[begin:end] not in ids and not _is_under_id(payload[:begin])
    ]
    text = mask_spans(payload, found)
    if "\\u" not in payload:
        return text
    try:
        content = json.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        return text
    # An escaped digit (\\u0034) is none until it is read.
    safe, left = mask_document(content)
    return json.dumps(safe, cls=DjangoJSONEncoder) if left else text


def _is_under_id(before: str) -> bool:
    """Whether what follows ``before`` is the value of a key that names something."""
    keys = _KEY.findall(before)
    return bool(keys) and is_id_key(keys[-1])
