"""What a person must decide: raised once, resolved by somebody or by a later fact."""

import hashlib
from collections.abc import Mapping, Sequence

from django.db.models import Q

from core import clock
from core.money import display
from core.refusal import refusal
from payments.domain.locks import lock_work_orders
from payments.domain.status import save_changes
from payments.facts.fold import Problem
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


def of_order(event: ProviderEvent, *kinds: ExceptionKind) -> Q:
    """Exceptions of these kinds about any event of the same order."""
    return Q(
        brand_id=event.brand_id,
        kind__in=kinds,
        event__provider=event.provider,
        event__order_id=event.order_id,
    )


def raise_unmatched(event: ProviderEvent) -> None:
    """One for the whole order, however many events of it come in."""
    known = PaymentException.objects.filter(of_order(event, ExceptionKind.UNMATCHED))
    if known.filter(resolved_at=None).exists():
        return  # one that was dismissed never hides money that came later
    named = event.work_order_number or "no number at all"
    summary = f"Order {event.order_id} names the job {named}, which this brand does not have."
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


EXPLAINED = "A later event explained it."
US = "Paystory"


def sync_problems(
    event: ProviderEvent,
    problems: Mapping[ExceptionKind, Sequence[Problem]],
    events: Mapping[str, ProviderEvent],
    payment: Payment | None,
) -> None:
    """Raise what does not fit now; what a later fact explained resolves by itself.

    One problem is one exception of its order, whichever event it is about by now. What a person
    resolved stays resolved; what was only explained opens again if it does not fit after all.
    """
    mine = PaymentException.objects.filter(of_order(event, *problems))
    known = list(mine.order_by("resolved_at", "pk"))
    for kind, of_kind in problems.items():
        rows = {row.payload_hash: row for row in known if row.kind == kind}
        _sync_kind(kind, rows, event, of_kind, events, payment)


def _sync_kind(
    kind: ExceptionKind,
    rows: Mapping[str, PaymentException],
    event: ProviderEvent,
    problems: Sequence[Problem],
    events: Mapping[str, ProviderEvent],
    payment: Payment | None,
) -> None:
    currency = payment.currency if payment is not None else event.currency
    now = {hashlib.sha256(p.identity.encode()).hexdigest(): p for p in problems}
    stale = [r.pk for key, r in rows.items() if r.resolved_at is None and key not in now]
    if stale:
        close(Q(pk__in=stale), by=US, resolution=EXPLAINED)
    for hashed, problem in now.items():
        known = rows.get(hashed)
        if known is None:
            summary = problem.summary(lambda amount: display(amount, currency))
            about = events.get(problem.event_id, event)
            key = problem.identity
            raise_once(kind, about, summary, payment=payment, key=key)
        elif (known.resolved_by, known.resolution) == (US, EXPLAINED):
            save_changes(known, {"resolved_at": None, "resolved_by": "", "resolution": ""})


def resolve(exception: PaymentException, *, by: str, note: str) -> None:
    """Somebody looked and decided. Call inside a transaction. ValidationError without a note."""
    if not note.strip():
        raise refusal("note", "Say what was decided, so that others can follow.")
    if exception.work_order_id is not None:
        lock_work_orders(exception.brand, [exception.work_order_id])
    current = PaymentException.objects.select_for_update(no_key=True).get(pk=exception.pk)
    if current.resolved_at is not None:
        raise refusal("", f"Already resolved by {current.resolved_by}.")
    save_changes(
        current,
        {"resolved_at": clock.now(), "resolved_by": by[:200], "resolution": note.strip()[:500]},
    )
