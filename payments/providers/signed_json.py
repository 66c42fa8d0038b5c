"""Paystory's own webhook format, which FlexFund and Guardian post: a signed JSON object. Pure.

``X-Signature`` is the hex HMAC-SHA256 of the raw body with the brand's secret.
"""

import contextlib
import hashlib
import hmac
import json
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    ValidationError,
)

from payments.providers.base import IncomingFact, Refused, Webhooks

MAX_DEPTH = 32


def _instant(value: Any) -> Any:
    if isinstance(value, str) and "T" in value.upper():
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(value.replace("Z", "+00:00").replace("z", "+00:00"))
    raise ValueError("must be a time with a zone, like 2026-10-14T15:42:00Z")


def _number(value: Any) -> Any:
    """A JSON number or a string of digits; both exact, never a float."""
    if value is None or isinstance(value, Decimal):
        return value
    try:
        if isinstance(value, int | str) and not isinstance(value, bool):
            return Decimal(value)
    except ArithmeticError:
        pass
    raise ValueError("must be a decimal number, like 340.52")


Amount = Annotated[Decimal | None, PlainValidator(_number)]


class Body(BaseModel):
    """The documented fields. Others are stored with ``data``: no new field is ever refused."""

    model_config = ConfigDict(strict=True, extra="allow", arbitrary_types_allowed=True)

    event_id: str
    order_id: str
    status: str
    at: Annotated[AwareDatetime, BeforeValidator(_instant)]
    work_order: str | None = ""
    amount: Amount = None
    fee: Amount = None
    currency: str | None = ""
    method: str | None = ""
    detail: str | None = ""
    data: dict[str, Any] | None = None


def sign(secret: str, raw: bytes) -> str:
    """The signature of a body: hex HMAC-SHA256."""
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def is_signed(secret: str, raw: bytes, header: str) -> bool:
    """Whether ``header`` is the signature of ``raw``; capitals and outer spaces are ignored."""
    return hmac.compare_digest(sign(secret, raw).encode(), header.strip().lower().encode())


def read(raw: bytes) -> IncomingFact:
    """The fact in a body. Raises Refused: 400 for no JSON object, 422 naming a wrong field."""
    try:
        content = json.loads(raw.decode(), parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise Refused(400, "the body is not JSON") from error
    if _depth(content) > MAX_DEPTH:
        raise Refused(400, f"the body is nested more than {MAX_DEPTH} deep")
    if not isinstance(content, dict):
        raise Refused(400, "the body is not a JSON object")
    try:
        body = Body.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise Refused(422, first["msg"].removeprefix("Value error, "), _field(first)) from error
    return _incoming(body)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _depth(content: Any) -> int:
    """How deep lists and objects are nested; without recursion, which is what it guards."""
    level, depth = [content], 0
    while level:
        depth += 1
        level = [
            child
            for item in level
            if isinstance(item, list | dict)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
    return depth


def _field(error: Any) -> str:
    return str(error["loc"][0]) if error["loc"] else ""


def _incoming(body: Body) -> IncomingFact:
    return IncomingFact(
        event_id=body.event_id,
        order_id=body.order_id,
        status=body.status,
        at=body.at,
        work_order=body.work_order or "",
        amount=body.amount,
        fee=body.fee,
        method=(body.method or "").lower(),
        detail=body.detail or "",
        currency=(body.currency or "").upper(),
        data={**(body.model_extra or {}), **(body.data or {})},
    )


WEBHOOKS = Webhooks(
    signature_header="X-Signature",
    signature_text="hex HMAC-SHA256 of the raw body",
    is_signed=is_signed,
    read=read,
    # Brands have given their providers this address.
    url_name="pac_webhook",
)
