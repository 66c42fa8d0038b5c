"""The rows of a payment's refunds: ours, imported ones, and those that a provider reports."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from payments.domain.numbers import next_number
from payments.domain.status import save_changes
from payments.facts.fold import OrderState, RefundState
from payments.ingest.match_refunds import Used, follow, parts_of
from payments.ingest.named_job import named_job
from payments.models import Payment, Refund, RefundOrigin, RefundStatus
from payments.timeline.labels import means


def write_refunds(
    payment: Payment, state: OrderState, known: Sequence[Refund]
) -> dict[str, Refund]:
    """Write each refund with its services and fee part; answers the refund of each event.

    ``known`` are all that the payment has, by age: these rows are written. A refund that got its
    id late keeps its row and its number. The caller holds the locks of every job that
    ``payment`` pays.
    """
    used = Used()
    ours = follow(payment, state, known, used)
    mine = [s for s in state.refunds if s.ours is None or s.key not in ours]
    rows = [row for row in known if row.origin != RefundOrigin.PERSON]
    row_of = _assigned(rows, mine)
    _give_up(rows, row_of)
    refund_of: dict[str, Refund] = {}
    for one in state.refunds:
        if one.key in ours:
            refund_of |= dict.fromkeys(one.event_ids, ours[one.key])
    # Parts that an import knew are used up before those that are worked out.
    for one in sorted(mine, key=lambda s: s.row is None):
        row = _write(payment, one, used, row_of.get(one.key))
        used.use(row)
        refund_of |= dict.fromkeys(one.event_ids, row)
    return refund_of


def _assigned(rows: Sequence[Refund], states: Sequence[RefundState]) -> dict[str, Refund]:
    """Which row each refund has: an import's its own, else by key, else one that lost its key.

    Of these one with the same amount comes first.
    """
    by_pk = {row.pk: row for row in rows}
    result = {s.key: by_pk[s.row] for s in states if s.row is not None}
    reported = [r for r in rows if r.origin == RefundOrigin.PROVIDER]
    by_key = {row.provider_key: row for row in reported}
    by_key |= {row.provider_refund_id: row for row in reported if row.provider_refund_id}
    without = [s for s in states if s.key not in result]
    result |= {s.key: by_key[s.key] for s in without if s.key in by_key}
    taken = {row.pk for row in result.values()}
    free = [row for row in reported if row.pk not in taken]
    for state in (s for s in without if s.key not in result):
        same = next((row for row in free if row.amount == state.amount), None)
        if same is not None:
            free.remove(same)
            result[state.key] = same
    return result


def _give_up(rows: Sequence[Refund], row_of: Mapping[str, Refund]) -> None:
    """A refund that later facts explained away was never one; its row says so.

    Rows let go of ids first: an id belongs to one refund, and another may have it now.
    """
    key_of = {row.pk: key for key, row in row_of.items()}
    for row in rows:
        if row.pk not in key_of and row.origin == RefundOrigin.PROVIDER:
            values = {"status": RefundStatus.CANCELLED, "completed_at": None}
            save_changes(row, {**values, "provider_refund_id": ""})
        elif row.provider_refund_id not in ("", key_of.get(row.pk, row.provider_refund_id)):
            save_changes(row, {"provider_refund_id": ""})


def _write(payment: Payment, state: RefundState, used: Used, row: Refund | None) -> Refund:
    values: dict[str, Any] = {
        "status": state.status,
        "failure_reason": state.failure_reason[:300],
        "destination": means(payment)[:120],
        "happened_at": state.at,
        "completed_at": state.completed_at,
        "provider_refund_id": "" if state.is_derived else state.key,
        "share_of": named_job(payment, state.jobs),
        **_parts(payment, state, used, row),
    }
    if row is None:
        return Refund.objects.create(
            brand_id=payment.brand_id,
            work_order=payment.work_order,
            payment=payment,
            number=next_number(Refund, payment.work_order),
            currency=payment.currency,
            origin=RefundOrigin.PROVIDER,
            provider_key=state.key,
            **values,
        )
    if row.origin == RefundOrigin.IMPORT:
        del values["destination"]  # the import's own, or as it was first known
        if row.share_of_id is not None:
            del values["share_of"]  # the import names it
        save_changes(row, values)
        return row
    save_changes(row, {**values, "provider_key": state.key, "currency": payment.currency})
    return row


def _parts(payment: Payment, state: RefundState, used: Used, row: Refund | None) -> dict[str, Any]:
    """The parts that an import gave, of the same amount; else as a gross refund is split.

    An import gives none of a payment whose fee it does not know.
    """
    if row is not None and row.imported_fact is not None and payment.is_fee_reported:
        services, fee = (Decimal(row.imported_fact[name]) for name in ("services", "fee"))
        if services + fee == state.amount:
            return {"amount": state.amount, "services_amount": services, "fee_amount": fee}
    return parts_of(payment, state.amount, used if state.counts else Used())
