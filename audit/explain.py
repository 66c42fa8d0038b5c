"""One balance explained: what it is, and each figure with the rows that it came from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.models import Brand
from audit import legacy
from audit.legacy import LegacyFigure
from core import moments
from core.money import ZERO, display
from invoicing.models import FeeDecision, Invoice, LedgerEntry
from invoicing.queries.settlements import JobSettlement, job_settlement
from invoicing.settlement import equation
from invoicing.settlement.explain import Figure, explain
from invoicing.settlement.types import Reason, Settlement
from workorders.models import WorkOrder


class NoSuchNumberError(Exception):
    """Nothing to explain has that number; the message says so in words."""


class SeveralBrandsError(Exception):
    """The number exists in several brands, whose slugs are its arguments."""


@dataclass(frozen=True)
class FeeOfPayment:
    """The technology fee of one card payment: what should have come with it, and what did.

    ``policy`` is the brand's for a missing fee when the payment came, ``decisions`` what people
    decided since, the last one last.
    """

    payment: str
    label: str
    expected: Decimal
    collected: Decimal
    missing: Decimal
    policy: str
    decisions: Sequence[FeeDecision]


@dataclass(frozen=True)
class Explained:
    """The job or invoice of a number, with everything that explains its balance."""

    brand: Brand
    title: str
    settlement: Settlement
    fees: Sequence[FeeOfPayment]
    legacy: Sequence[LegacyFigure]


def explain_number(number: str, brands: Sequence[Brand]) -> Explained:
    """Explain the job, or the invoice, that has ``number`` in one of ``brands``.

    A job goes before an invoice of the same number (which is its first one). Raises
    NoSuchNumberError or SeveralBrandsError.
    """
    matches = [hit for brand in brands if (hit := _find(brand, number)) is not None]
    if not matches:
        raise NoSuchNumberError(f"There is no work order and no invoice {number}.")
    if len(matches) > 1:
        raise SeveralBrandsError(*(job.brand.slug for job, _ in matches))
    job, invoice = matches[0]
    if invoice is not None and invoice.is_credit_note:
        text = f"{invoice.number} is a credit note; explain {job.number}, whose bill it lowers."
        raise NoSuchNumberError(text)
    answer = job_settlement(job)
    settlement, title = _part(job, invoice, answer)
    reported = (
        legacy.figures(job.brand, {job.pk: answer}).get(job.pk, []) if invoice is None else []
    )
    return Explained(job.brand, title, settlement, _fees(job, settlement), reported)


def _find(brand: Brand, number: str) -> tuple[WorkOrder, Invoice | None] | None:
    job = WorkOrder.objects.filter(brand=brand, number__iexact=number).first()
    if job is not None:
        job.brand = brand
        return job, None
    rows = Invoice.objects.filter(brand=brand, number__iexact=number)
    invoice = rows.select_related("work_order").first()
    if invoice is None:
        return None
    invoice.work_order.brand = brand
    return invoice.work_order, invoice


def _part(job: WorkOrder, invoice: Invoice | None, answer: JobSettlement) -> tuple[Settlement, str]:
    if invoice is None:
        numbers = ", ".join(d.invoice.number for d in answer.documents) or "none yet"
        return answer.whole, f"Work order {job.number} (invoices: {numbers})"
    mine = next(d for d in answer.documents if d.invoice.pk == invoice.pk)
    return mine.settlement, f"Invoice {invoice.number} of work order {job.number}"


# The technology fee ------------------------------------------------------------------------------


def _fees(job: WorkOrder, settlement: Settlement) -> list[FeeOfPayment]:
    """Each payment that should have brought a fee."""
    because = settlement.because
    rulings: dict[str, list[FeeDecision]] = {}
    for row in FeeDecision.objects.filter(brand=job.brand, work_order=job).order_by("pk"):
        rulings.setdefault(row.payment, []).append(row)
    entries = LedgerEntry.objects.filter(brand=job.brand, work_order=job, kind="payment")
    policies = dict(entries.order_by("pk").values_list("payment", "uncollected"))
    return [
        FeeOfPayment(
            payment=row.source,
            label=row.label,
            expected=row.amount,
            collected=_of(because["fee_kept"], row.source),
            missing=_of(because["fee_uncollected"], row.source),
            policy=policies.get(row.source, ""),
            decisions=rulings.get(row.source, []),
        )
        for row in because["fee_expected"]
    ]


def _of(rows: Sequence[Reason], payment: str) -> Decimal:
    return sum((row.amount for row in rows if row.source == payment), ZERO)


# Words and JSON ----------------------------------------------------------------------------------


def lines_of(explained: Explained) -> Iterator[str]:
    """The explanation as text for people, line by line."""
    settlement, currency = explained.settlement, explained.brand.currency
    yield f"{explained.title}, {explained.brand.name}: {settlement.word.value}"
    yield f"  {equation.line(settlement, currency)}"
    due = display(settlement.amount_due, currency)
    yield f"  amount due {due}"
    for figure in explain(settlement, currency):
        yield ""
        yield from _figure(figure, currency)
    if settlement.items:
        yield ""
        yield "Items"
        for item in settlement.items:
            paid = f"{display(item.covered, currency)} of {display(item.total, currency)}"
            yield f"  {item.label}: {paid}, {item.status.value.replace('_', ' ')}"
    for fee in explained.fees:
        yield ""
        yield from _fee(fee, explained.brand)
    if explained.legacy:
        yield ""
        yield from _legacy(explained.legacy, currency)


def _figure(figure: Figure, currency: str) -> Iterator[str]:
    note = f" ({figure.note})" if figure.note else ""
    yield f"{figure.label} {display(figure.amount, currency)}{note}"
    for row in figure.rows:
        ref = f"  [{row.ref}]" if row.ref else ""
        note = f", {row.note}" if row.note else ""
        yield f"  {display(row.amount, currency)}  {row.label}{note}{ref}"


def _fee(fee: FeeOfPayment, brand: Brand) -> Iterator[str]:
    currency = brand.currency
    yield f"Technology fee of {fee.label} [{fee.payment}]"
    yield f"  expected {display(fee.expected, currency)}, found {display(fee.collected, currency)}"
    if fee.missing:
        policy = fee.policy or "absorb"
        yield f"  not collected {display(fee.missing, currency)}; policy then: {policy}"
        for row in fee.decisions:
            verb = "billed" if row.bill else "waived"
            day = moments.day_of(row.happened_at, brand.time_zone).isoformat()
            yield f"  {verb} on {day} by {row.by or 'nobody named'}: {row.reason}"
        if not fee.decisions:
            yield "  nobody decided otherwise"


def _legacy(figures: Sequence[LegacyFigure], currency: str) -> Iterator[str]:
    yield "The older system reported"
    for figure in figures:
        reported, ours = _shown(figure.reported, currency), _shown(figure.ours, currency)
        name = figure.name.replace("_", " ")
        yield f"  {name} {reported}, ours {ours}: {_verdict(figure, currency)}"


def _verdict(figure: LegacyFigure, currency: str) -> str:
    if not figure.differs:
        return "agrees"
    by = f" by {display(abs(figure.off_by), currency)}" if figure.off_by else ""
    return f"disagrees{by}{f' ({figure.cause})' if figure.cause else ''}"


def _shown(value: Decimal | str, currency: str) -> str:
    return value if isinstance(value, str) else display(value, currency)


def as_json(settlement: Settlement) -> dict[str, Any]:
    """The figures for programs: amounts as strings, ``status`` is the word that pages show."""
    fee = settlement.fee
    amounts = {
        "billed": settlement.billed,
        "services": settlement.services,
        "fee_kept": fee.kept,
        "fee_due": fee.due,
        "fee_expected": fee.expected,
        "fee_uncollected": fee.uncollected,
        "credits": settlement.credits,
        "received": settlement.received,
        "refunded": settlement.refunded,
        "pending": settlement.pending,
        "balance": settlement.balance,
        "amount_due": settlement.amount_due,
    }
    return {
        **{name: _text(amount) for name, amount in amounts.items()},
        "status": settlement.word.value,
        "lines": [
            {
                "key": item.key,
                "label": item.label,
                "total": _text(item.total),
                "covered": _text(item.covered),
                "status": item.status.value,
            }
            for item in settlement.items
        ],
        "because": {name: _rows(rows) for name, rows in settlement.because.items()},
    }


def _text(amount: Decimal) -> str:
    """An amount for programs; zero has no sign."""
    return str(amount if amount else abs(amount))


def _rows(rows: Sequence[Reason]) -> list[dict[str, str]]:
    return [
        {
            "label": row.label,
            "amount": _text(row.amount),
            "ref": row.ref,
            "note": row.note,
        }
        for row in rows
    ]
