"""``/webhooks/<provider>/<brand>/``: where providers post what happened, signed.

The body is at most 64 KiB. How it is signed and read is the provider's (``ProviderKind``). Every
answer is JSON. 200: known from now on (or already). 202: stored for a person to decide. 4xx:
nothing was stored, and ``field`` says what is wrong. 503: try again.
"""

from datetime import UTC, datetime, timedelta

import structlog
from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError
from django.db.models import F
from django.http import HttpRequest, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.access import public
from core import clock
from core.refusal import field_of, message_of
from core.secrets import SecretUnreadable, unseal
from payments.ingest.receive import Outcome, Received, receive
from payments.models import ProviderAccount
from payments.providers.base import IncomingFact, Refused, Webhooks
from payments.providers.registry import kind_of

log = structlog.get_logger()

MAX_BYTES = 64 * 1024
MAX_AHEAD = timedelta(days=1)
# No provider is older; before year 1 a time in another zone cannot even be written in UTC.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
STATUS_OF = {Outcome.UNMATCHED: 202, Outcome.UNFOLDABLE: 202, Outcome.CONFLICT: 202}


@csrf_exempt
@public
@require_POST
def webhook(request: HttpRequest, provider: str, brand_slug: str) -> JsonResponse:
    """Take one fact. Never a 500: a provider that gets one would only ask again."""
    try:
        received = _receive(request, provider, brand_slug)
    except Refused as refusal:
        return _answer(refusal.status, error=refusal.error, field=refusal.field)
    except ValidationError as error:
        return _answer(422, error=message_of(error), field=field_of(error))
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


def _receive(request: HttpRequest, provider: str, brand_slug: str) -> Received:
    account, webhooks = _account(provider, brand_slug)
    raw = _body(request)
    _check_signature(account, webhooks, raw, request.headers.get(webhooks.signature_header, ""))
    fact = webhooks.read(raw)
    _check_time(fact)
    payload = raw.decode(errors="replace")
    return receive(account.brand, provider, fact, payload=payload, received_at=clock.now())


def _answer(status: int, **content: str) -> JsonResponse:
    return JsonResponse({k: v for k, v in content.items() if v}, status=status)


def _account(provider: str, brand_slug: str) -> tuple[ProviderAccount, Webhooks]:
    webhooks = kind_of(provider).webhooks
    account = (
        ProviderAccount.objects.select_related("brand")
        .filter(provider=provider, brand__slug=brand_slug, is_active=True)
        .first()
    )
    if webhooks is None or account is None:
        raise Refused(404, "no such provider account")
    return account, webhooks


def _body(request: HttpRequest) -> bytes:
    """At most ``MAX_BYTES``, also where the length is missing or wrong."""
    try:
        if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
            raise Refused(413, f"more than {MAX_BYTES} bytes")
        raw = request.read(MAX_BYTES + 1)
    except (ValueError, UnreadablePostError) as error:
        raise Refused(400, "the body could not be read") from error
    if len(raw) > MAX_BYTES:
        raise Refused(413, f"more than {MAX_BYTES} bytes")
    return raw


def _check_signature(account: ProviderAccount, webhooks: Webhooks, raw: bytes, header: str) -> None:
    try:
        secret = unseal(account.webhook_secret)
    except SecretUnreadable as error:
        log.exception("webhook.secret_unreadable", provider=account.provider)
        raise Refused(503, "try again") from error
    if webhooks.is_signed(secret, raw, header):
        return
    ProviderAccount.objects.filter(pk=account.pk).update(
        refused_count=F("refused_count") + 1, last_refused_at=clock.now()
    )
    raise Refused(400, "the signature does not match the body", webhooks.signature_header)


def _check_time(fact: IncomingFact) -> None:
    if fact.at.tzinfo is None:
        raise Refused(422, "needs a time zone, like 2026-10-14T15:42:00Z", "at")
    if fact.at > clock.now() + MAX_AHEAD:
        raise Refused(422, "is in the future", "at")
    if fact.at < EARLIEST:
        raise Refused(422, "is before the year 2000", "at")
