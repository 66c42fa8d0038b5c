"""The rows of a payment's disputes: those of an import, and those that a provider's events report.

Which facts are about which dispute, ``payments.facts.fold_disputes`` decides anew with each fold;
here its answer becomes rows, and what is no dispute any more is *withdrawn*.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.money import quantize
from payments.domain.status import save_changes
from payments.facts.fold_disputes import DisputeState
from payments.ingest.named_job import named_job
from payments.models import Dispute, DisputeStatus, Payment, RefundOrigin


def freeze(values: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """An imported dispute as the import reports it, opened at ``at``; amounts are text in JSON."""
    closed: datetime | None = values["closed_at"]
    return {
        "status": str(values["status"]),
        "amount": f"{values['amount']}",
        "at": at.isoformat(),
        "closed_at": closed.isoformat() if closed else None,
        "reason_code": values["reason_code"],
        "reason": values["reason"],
        "dispute_id": values["provider_dispute_id"],
    }


def imported_disputes(known: Sequence[Dispute]) -> list[DisputeState]:
    """The imported disputes among a payment's for the fold, never read from what rows say now."""
    rows = [row for row in known if row.origin == RefundOrigin.IMPORT]
    return [_thawed(row.pk, row.imported_fact) for row in rows if row.imported_fact]


def _thawed(pk: int, fact: Mapping[str, Any]) -> DisputeState:
    return DisputeState(
        key=f"#{pk}",
        status=fact["status"],
        amount=Decimal(fact["amount"]),
        at=datetime.fromisoformat(fact["at"]),
        closed_at=datetime.fromisoformat(fact["closed_at"]) if fact["closed_at"] else None,
        reason_code=fact["reason_code"],
        reason=fact["reason"],
        dispute_id=fact["dispute_id"],
        row=pk,
    )


def write_disputes(
    payment: Payment, states: Sequence[DisputeState], known: Sequence[Dispute]
) -> None:
    """Bring the rows of imported and reported disputes to ``states``; only what differs is written.

    ``known`` are all disputes of the payment, by age: these rows are written. The caller holds
    the locks of every job that ``payment`` pays.
    """
    rows = [row for row in known if row.origin != RefundOrigin.PERSON]
    row_of = _assigned(rows, states)
    id_of = {row_of[state.key].pk: state.dispute_id for state in states if state.key in row_of}
    for row in rows:
        # First these: an id belongs to one dispute, and another may have it now.
        if row.pk not in id_of:
            values = {"status": DisputeStatus.WITHDRAWN, "closed_at": None}
            save_changes(row, {**values, "provider_dispute_id": ""})
        elif row.provider_dispute_id not in ("", id_of[row.pk]):
            save_changes(row, {"provider_dispute_id": ""})
    for state in states:
        _write(payment, state, row_of.get(state.key))


def _assigned(rows: Sequence[Dispute], states: Sequence[DisputeState]) -> dict[str, Dispute]:
    """Which row each dispute has: an import's its own, else by key, else one that is free."""
    by_pk = {row.pk: row for row in rows}
    result = {s.key: by_pk[s.row] for s in states if s.row is not None}
    taken = {row.pk for row in result.values()}
    reported = [r for r in rows if r.origin == RefundOrigin.PROVIDER and r.pk not in taken]
    by_key = {row.provider_key: row for row in reported}
    without = [s for s in states if s.key not in result]
    result |= {s.key: by_key[s.key] for s in without if s.key in by_key}
    free = [row for row in reported if row not in result.values()]
    for state in without:
        if state.key not in result and free:
            result[state.key] = free.pop(0)
    return result


def _write(payment: Payment, state: DisputeState, row: Dispute | None) -> None:
    values: dict[str, Any] = {
        "status": state.status,
        "currency": payment.currency,
        "amount": quantize(state.amount, payment.currency),
        "reason_code": state.reason_code,
        "reason": state.reason,
        "provider_dispute_id": state.dispute_id[:120],
        "happened_at": state.at,
        "closed_at": state.closed_at,
        "share_of": named_job(payment, state.jobs),
    }
    if row is None:
        Dispute.objects.create(
            brand_id=payment.brand_id,
            work_order=payment.work_order,
            payment=payment,
            origin=RefundOrigin.PROVIDER,
            provider_key=state.key,
            **values,
        )
        return
    if row.origin == RefundOrigin.PROVIDER:
        values["provider_key"] = state.key
    elif row.share_of_id is not None:
        del values["share_of"]  # the import names it
    save_changes(row, values)
