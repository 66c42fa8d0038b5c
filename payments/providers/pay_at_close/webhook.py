"""``/webhooks/pac/<provider>/<brand>/``: what FlexFund and Guardian tell us, signed.

The body is at most 64 KiB of JSON; ``X-Signature`` is the hex HMAC-SHA256 of the raw body with
the brand's secret. Every answer is JSON. 200: known from now on (or already). 202: kept for a
person. 4xx: nothing was stored, and ``field`` says what is wrong. 503: try again.
"""

import contextlib
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

import structlog
from django.db import DatabaseError, DataError
from django.db.models import F
from django.http import HttpRequest, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    ValidationError,
)

from accounts.access import public
from core import clock
from core.secrets import SecretUnreadable, unseal
from payments.domain.errors import PaymentError
from payments.ingest.incoming import LABELS, IncomingFact
from payments.ingest.receive import Outcome, receive
from payments.models import ProviderAccount

log = structlog.get_logger()

MAX_BYTES = 64 * 1024
MAX_DEPTH = 32
MAX_AHEAD = timedelta(days=1)
# No provider is older; before year 1 a time in another zone cannot even be written in UTC.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
STATUS_OF = {Outcome.UNMATCHED: 202, Outcome.UNFOLDABLE: 202, Outcome.CONFLICT: 202}


class Refused(Exception):
    """The answer to a webhook that is not taken."""

    def __init__(self, status: int, error: str, field: str = "") -> None:
        super().__init__(error)
        self.status, self.error, self.field = status, error, field


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
    """The documented fields. Others are kept beside ``data``: no new field is ever refused."""

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


@csrf_exempt
@public
@require_POST
def pac_webhook(request: HttpRequest, provider: str, brand_slug: str) -> JsonResponse:
    """Take one fact. Never a 500: a provider that hears one would only ask again."""
    try:
        account = _account(provider, brand_slug)
        raw = _body(request)
        _check_signature(account, raw, request.headers.get("X-Signature", ""))
        fact = _fact(raw)
        received = receive(
            account.brand, provider, fact, payload=raw.decode(), received_at=clock.now()
        )
    except Refused as refusal:
        return _answer(refusal.status, error=refusal.error, field=refusal.field)
    except PaymentError as error:
        return _answer(422, error=error.message, field=error.field)
    except DataError:
        log.exception("webhook.not_storable", provider=provider, brand=brand_slug)
        return _answer(422, error="a value is out of range")
    except DatabaseError:
        log.exception("webhook.database", provider=provider, brand=brand_slug)
        return _answer(503, error="try again")
    except Exception:  # whatever we did not foresee: nothing was stored, so it must come again
        log.exception("webhook.unexpected", provider=provider, brand=brand_slug)
        return _answer(503, error="try again")
    return _answer(STATUS_OF.get(received.outcome, 200), result=received.outcome.value)


def _answer(status: int, **content: str) -> JsonResponse:
    return JsonResponse({k: v for k, v in content.items() if v}, status=status)


def _account(provider: str, brand_slug: str) -> ProviderAccount:
    account = (
        ProviderAccount.objects.select_related("brand")
        .filter(provider=provider, brand__slug=brand_slug, is_active=True)
        .first()
    )
    if provider not in LABELS or account is None:
        raise Refused(404, "no such provider account")
    return account


def _body(request: HttpRequest) -> bytes:
    """At most ``MAX_BYTES``, also where the length was not told or was a lie."""
    try:
        if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
            raise Refused(413, f"more than {MAX_BYTES} bytes")
        raw = request.read(MAX_BYTES + 1)
    except (ValueError, UnreadablePostError) as error:
        raise Refused(400, "the body could not be read") from error
    if len(raw) > MAX_BYTES:
        raise Refused(413, f"more than {MAX_BYTES} bytes")
    return raw


def sign(secret: str, raw: bytes) -> str:
    """The signature of a body: hex HMAC-SHA256."""
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def _check_signature(account: ProviderAccount, raw: bytes, told: str) -> None:
    try:
        expected = sign(unseal(account.webhook_secret), raw)
    except SecretUnreadable as error:
        log.exception("webhook.secret_unreadable", provider=account.provider)
        raise Refused(503, "try again") from error
    if hmac.compare_digest(expected.encode(), told.strip().lower().encode()):
        return
    ProviderAccount.objects.filter(pk=account.pk).update(
        refused_count=F("refused_count") + 1, last_refused_at=clock.now()
    )
    raise Refused(400, "the signature does not match the body", "X-Signature")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _fact(raw: bytes) -> IncomingFact:
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
        raise Refused(422, first["msg"].removeprefix("Value error, "), _where(first)) from error
    return _incoming(body)


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


def _where(error: Any) -> str:
    return str(error["loc"][0]) if error["loc"] else ""


def _incoming(body: Body) -> IncomingFact:
    if body.at > clock.now() + MAX_AHEAD:
        raise Refused(422, "is in the future", "at")
    if body.at < EARLIEST:
        raise Refused(422, "is before the year 2000", "at")
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
