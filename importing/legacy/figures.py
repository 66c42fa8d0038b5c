"""Figures of older systems: names of services, totals that credits lowered, what differs.

A row of older figures is stored as it came. ``restore`` computes its total before a credit,
``as_legacy`` is the way back. Where a figure differs from the settlement, the disagreement has a
cause in words and changes nothing.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.models import Brand
from audit.legacy import LegacyFigure
from core.money import ZERO
from importing.format.documents import LegacyIn
from importing.legacy.compare import Disagreement, Ours, compared
from importing.models import ImportedJob, LegacyFigures
from invoicing.models import ClientCredit
from invoicing.queries.settlements import JobSettlement, job_settlements
from invoicing.settlement.types import Settlement
from payments.models import RECEIVED_STATUSES, Method, PaymentAllocation
from workorders.models import ServiceType

__all__ = [
    "RULE",
    "Disagreement",
    "Restored",
    "as_legacy",
    "disagreements",
    "figures",
    "restore",
    "restored_total",
    "service_type_of",
    "stored_row",
]

# The rule as docs/import-format.md has it; ``service_type_of`` must do exactly this.
RULE = (
    "A service is of type *cancellation* when its name speaks of a **same-day cancellation**: "
    "ignoring case and punctuation, the words “same day” are followed at once by a word that "
    "starts with “cancel” (any spelling: cancel, cancelled, cancelation, cancellation, "
    "cancellations). Every other name is a *standard* service, a plain “Cancellation” among "
    "them: the status of the job and the amount play no part. An explicit `service_type` on "
    "the charge always wins over the name."
)
_SAME_DAY_CANCELLATION = re.compile(r"\bsame ?day cancel\w*\b")


def service_type_of(name: str) -> ServiceType:
    """The type of a service of an older system, by its name and ``RULE``."""
    words = " ".join(re.findall(r"[a-z0-9]+", name.casefold()))
    if _SAME_DAY_CANCELLATION.search(words):
        return ServiceType.CANCELLATION
    return ServiceType.STANDARD


# Totals that a credit lowered --------------------------------------------------------------------


@dataclass(frozen=True)
class Restored:
    """A row of older figures with its total before credits, which law 3 never lowers.

    ``total`` and ``credit`` are None where the row has none; ``rest`` is all else of it. Amounts
    are in the brand's currency.
    """

    total: Decimal | None
    credit: Decimal | None
    rest: LegacyIn

    @property
    def balance(self) -> Decimal | None:
        """The total less the credit."""
        return None if self.total is None else self.total - (self.credit or ZERO)


def restored_total(row: LegacyIn) -> Decimal | None:
    """The total before a credit lowered it; None where the row has none."""
    if row.total_amount is None:
        return None
    return row.total_amount + (row.credit_applied or ZERO)


def restore(row: LegacyIn) -> Restored:
    """``row`` with its total before a credit lowered it. ``as_legacy`` is the way back."""
    names = row.model_fields_set - {"total_amount", "credit_applied"}
    rest = LegacyIn.model_construct(names, **{name: getattr(row, name) for name in names})
    return Restored(restored_total(row), row.credit_applied, rest)


def as_legacy(restored: Restored) -> dict[str, Any]:
    """The row of the older system, exactly as it was: its total lowered by the credit again.

    Only keys that were given; amounts as ``Decimal``.
    """
    row = {name: getattr(restored.rest, name) for name in restored.rest.model_fields_set}
    if restored.credit is not None:
        row["credit_applied"] = restored.credit
    if restored.balance is not None:
        row["total_amount"] = restored.balance
    return row


def stored_row(brand: Brand, work_order_id: int, document: str = "") -> LegacyIn | None:
    """The older figures of a job ("") or of one of its documents, as they were imported."""
    rows = LegacyFigures.objects.filter(brand=brand, work_order=work_order_id, document=document)
    stored = rows.first()
    return None if stored is None else _as_row(stored, brand)


def _as_row(figures: LegacyFigures, brand: Brand) -> LegacyIn:
    return LegacyIn.model_validate(figures.row, context={"currency": brand.currency})


# Compared with ours ------------------------------------------------------------------------------


def disagreements(brand: Brand, work_order_ids: Collection[int]) -> list[Disagreement]:
    """Each older figure of these jobs that differs from the settlement, with its cause.

    By job, a job's own row first. Reads rows, no rollups, in constant queries; jobs without
    older figures cost nothing.
    """
    return [d for _, d in _compared(brand, work_order_ids)]


def figures(
    brand: Brand, settlements: Mapping[int, JobSettlement]
) -> dict[int, list[LegacyFigure]]:
    """The same by job id, in the terms of audits and explanations (``audit.legacy``)."""
    by_job: defaultdict[int, list[LegacyFigure]] = defaultdict(list)
    for row, d in _compared(brand, settlements.keys()):
        name = f"{d.figure} of {row.document}" if row.document else d.figure
        figure = LegacyFigure(name, _plain(d.legacy), _plain(d.ours), d.cause)
        by_job[row.work_order_id].append(figure)
    return dict(by_job)


def _plain(value: Decimal | bool) -> Decimal | str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def _compared(
    brand: Brand, work_order_ids: Collection[int]
) -> Iterator[tuple[LegacyFigures, Disagreement]]:
    mine = LegacyFigures.objects.filter(brand=brand, work_order__in=work_order_ids)
    rows = list(mine.select_related("work_order").order_by("work_order_id", "document"))
    if not rows:
        return
    settled = _Settled(brand, {row.work_order_id for row in rows})
    for row in rows:
        for disagreement in compared(_as_row(row, brand), settled.of(row)):
            yield row, disagreement


class _Settled:
    """Our figures of some jobs, read in constant queries."""

    def __init__(self, brand: Brand, ids: set[int]) -> None:
        self._settled = job_settlements(brand, ids)
        mine = {"brand": brand, "work_order__in": ids}
        paid = PaymentAllocation.objects.filter(
            **mine, status__in=RECEIVED_STATUSES, payment__method=Method.CARD
        )
        self._cards = list(paid.values_list("work_order_id", "payment__funding"))
        rows = ClientCredit.objects.filter(**mine).exclude(external_id="")
        self._credits = {(row.work_order_id, row.external_id): row.amount for row in rows}
        lines = ImportedJob.objects.filter(**mine).values_list("work_order_id", "line")
        self._switched_off = {pk for pk, line in lines if _was_switched_off(line)}

    def of(self, row: LegacyFigures) -> Ours:
        """Our figures of what ``row`` is about."""
        job = row.work_order
        return Ours(
            number=row.document or job.number,
            settlement=_of_document(self._settled[job.pk], row.document),
            given_back=self._given_back(row),
            fee_disabled=job.fee_disabled or job.pk in self._switched_off,
            cards=[funding for pk, funding in self._cards if pk == job.pk],
        )

    def _given_back(self, row: LegacyFigures) -> Decimal | None:
        name = row.document or row.work_order.number
        keys = [f"#prepaid:{name}", row.document or "#legacy"]
        amounts = [self._credits.get((row.work_order_id, key)) for key in keys]
        return next((amount for amount in amounts if amount is not None), None)


def _was_switched_off(line: dict[str, Any]) -> bool:
    """Whether the card fee was ever off in the imported line of a job."""
    return any(state.get("fee_disabled") for state in (line, *line.get("history", ())))


def _of_document(answer: JobSettlement, number: str) -> Settlement:
    for document in answer.documents:
        if number and document.invoice.number == number:
            return document.settlement
    return answer.whole
