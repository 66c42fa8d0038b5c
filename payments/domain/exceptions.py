"""What a person must decide: raised once, resolved by somebody or by a later fact."""

import hashlib
from collections.abc import Mapping, Sequence

from django.db.models import Q

from core import clock
from payments.domain.errors import PaymentError
from payments.domain.locks import lock_work_orders
from payments.domain.status import save_changes
from payments.fold import Problem
from payments.models import ExceptionKind, Payment, PaymentException, ProviderEvent


def raise_once(
    kind: ExceptionKind,
    event: ProviderEvent,
    summary: str,
    *,
    payment: Payment | None = None,
    payload: str = "",
    key: str = "",
) -> bool:
    """Open an exception about ``event``, once per ``key``. False: it was raised before."""
    hashed = hashlib.sha256(key.encode()).hexdigest() if key else ""
    if PaymentException.objects.filter(event=event, kind=kind, payload_hash=hashed).exists():
        return False
    PaymentException.objects.bulk_create(
        [
            PaymentException(
                brand_id=event.brand_id,
                work_order_id=event.work_order_id,
                event=event,
                payment=payment,
                kind=kind,
                summary=summary[:500],
                payload=payload,
                payload_hash=hashed,
                happened_at=clock.now() if kind == ExceptionKind.CONFLICT else event.happened_at,
            )
        ],
        ignore_conflicts=True,
    )
    return True


def of_order(event: ProviderEvent, kind: ExceptionKind) -> Q:
    """Exceptions of one kind about any event of the same order."""
    return Q(
        brand_id=event.brand_id,
        kind=kind,
        event__provider=event.provider,
        event__order_id=event.order_id,
    )


def raise_unmatched(event: ProviderEvent) -> None:
    """One for the whole order, however many events of it come in."""
    if PaymentException.objects.filter(of_order(event, ExceptionKind.UNMATCHED)).exists():
        return
    said = event.work_order_number or "no number at all"
    summary = f"Order {event.order_id} names the job {said}, which this brand does not have."
    raise_once(ExceptionKind.UNMATCHED, event, summary)


def close(rows: Q, *, by: str, resolution: str, work_order_id: int | None = None) -> int:
    """Resolve open exceptions; they move to the job that became known."""
    values: dict[str, object] = {
        "resolved_at": clock.now(),
        "resolved_by": by[:200],
        "resolution": resolution[:500],
    }
    if work_order_id is not None:
        values["work_order_id"] = work_order_id
    return PaymentException.objects.filter(rows, resolved_at=None).update(**values)


def sync_problems(
    event: ProviderEvent,
    problems: Sequence[Problem],
    events: Mapping[str, ProviderEvent],
    payment: Payment | None,
) -> None:
    """Raise what does not fit now; what a later fact explained resolves by itself."""
    now = {_problem_key(p): p for p in problems}
    stale = PaymentException.objects.filter(
        of_order(event, ExceptionKind.AMOUNT), resolved_at=None
    ).exclude(payload_hash__in=[hashlib.sha256(k.encode()).hexdigest() for k in now])
    ids = list(stale.values_list("pk", flat=True))
    if ids:
        close(Q(pk__in=ids), by="Paystory", resolution="A later event explained it.")
    for key, problem in now.items():
        about = events.get(problem.event_id, event)
        raise_once(ExceptionKind.AMOUNT, about, problem.summary, payment=payment, key=key)


def _problem_key(problem: Problem) -> str:
    return f"{problem.key}:{problem.summary}"


def resolve(exception: PaymentException, *, by: str, note: str) -> None:
    """Somebody looked and decided. Call inside a transaction. PaymentError without a note."""
    if not note.strip():
        raise PaymentError("note", "Say what was decided, so that others can follow.")
    if exception.work_order_id is not None:
        lock_work_orders(exception.brand, [exception.work_order_id])
    current = PaymentException.objects.select_for_update().get(pk=exception.pk)
    if current.resolved_at is not None:
        raise PaymentError("", f"Already resolved by {current.resolved_by}.")
    save_changes(
        current,
        {"resolved_at": clock.now(), "resolved_by": by[:200], "resolution": note.strip()[:500]},
    )
