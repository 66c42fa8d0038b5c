"""What cancelling a work order would come to: what stays billed, what goes back. Writes nothing.

Two questions are answered by a plan: what remains billed, and what happens to money that is then
too much. Amounts are in the brand's currency.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from django.core.exceptions import ValidationError

from core.money import ZERO, charge_tax, display, quantize
from invoicing.domain import client_credit, ledger
from invoicing.domain.allocate import Legs
from invoicing.domain.issuing import Notes, unchanged_line
from invoicing.domain.rollup import figures_of
from invoicing.models import ClientCredit, CreditKind
from invoicing.settlement.types import Bill, EntryKind, InvoiceStatus, Line, Settlement
from payments.domain import preview as what_if
from payments.domain.preview import NEW, Sheet, Sheets
from payments.models import (
    RECEIVED_STATUSES,
    AttemptStatus,
    Payment,
    PaymentAttempt,
    PaymentStatus,
)
from payments.refunds.verbs import refund_fee, refundable
from payments.timeline.labels import means
from workorders.domain.charges import ChargeLine, charges_fingerprint
from workorders.domain.fingerprint import fingerprint
from workorders.models import WorkOrder


class Remains(StrEnum):
    """What stays billed on a cancelled job."""

    NOTHING = "nothing"
    FEE = "fee"
    EVERYTHING = "everything"


class Held(StrEnum):
    """What happens to money that is then too much."""

    REFUND = "refund"
    KEEP = "keep"
    CREDIT = "credit"


@dataclass(frozen=True)
class Plan:
    """How a job is to be cancelled. ``fee`` is the one line that stays billed, for FEE only.

    ``notes``: what becomes of credit notes made from its bills that these do not need any more.
    """

    remains: Remains
    money: Held
    reason: str
    fee: ChargeLine | None = None
    notes: Notes = Notes.VOID


@dataclass(frozen=True)
class PlannedRefund:
    """What goes back of one payment."""

    payment: Payment
    services: Decimal
    fee: Decimal

    @property
    def total(self) -> Decimal:
        """Both parts."""
        return self.services + self.fee

    @property
    def to(self) -> str:
        """Where it goes: ``Visa •4242``."""
        return means(self.payment)


@dataclass(frozen=True)
class TakenOff:
    """What of a credit leaves an invoice that does not need it any more.

    ``ends``: it is a note made from this job's bill, and is voided: it lowered what is not billed.
    """

    credit: ClientCredit
    invoice_id: int
    amount: Decimal
    ends: bool = False


@dataclass(frozen=True)
class Preview:
    """The job's money before and after, and all that would be done about it.

    ``credits`` says what money becomes the client's credit, by the invoice that holds it;
    ``taken_off`` which credits go back to the client because the bill does not need them.
    ``fingerprint`` differs as soon as anything of it does.
    """

    before: Settlement
    after: Settlement
    lines: Sequence[Line]
    refunds: Sequence[PlannedRefund] = ()
    credits: Mapping[int, Decimal] = field(default_factory=dict)
    taken_off: Sequence[TakenOff] = ()
    warnings: Sequence[str] = ()
    fingerprint: str = ""

    @property
    def to_credit(self) -> Decimal:
        """What becomes the client's credit, in all."""
        return sum(self.credits.values(), ZERO)

    @property
    def refunded(self) -> Decimal:
        """What goes back, in all, fee included."""
        return sum((refund.total for refund in self.refunds), ZERO)


def preview(job: WorkOrder, plan: Plan) -> Preview:
    """What ``plan`` would come to now. Reads only.

    ValidationError names ``amount`` or ``description`` of a fee that cannot be billed.
    """
    currency = job.brand.currency
    sheets = what_if.sheets_of(job)
    after = _billed(job, sheets, plan)
    refunds: list[PlannedRefund] = []
    moved: dict[int, Decimal] = {}
    if plan.money == Held.REFUND:
        refunds, after = _refunded(job, after)
    elif plan.money == Held.CREDIT:
        moved = _to_credit(job, after)
        after = what_if.with_entries(after, EntryKind.TO_CREDIT, moved, "Overpayment")
    taken: list[TakenOff] = []
    if plan.money != Held.KEEP:
        taken, after = _taken_off(job, after, plan.notes)
    previewed = Preview(
        before=what_if.whole(sheets, currency),
        after=what_if.whole(after, currency),
        lines=[line for s in after if s.bill.status != InvoiceStatus.VOID for line in s.bill.lines],
        refunds=refunds,
        credits=moved,
        taken_off=taken,
    )
    previewed = replace(previewed, warnings=list(_warnings(job, previewed, after)))
    return replace(previewed, fingerprint=_fingerprint(job, plan, previewed))


def surplus(job: WorkOrder, remains: Remains, fee: ChargeLine | None = None) -> Decimal:
    """How much would be held too much with only this billed, before anything goes back."""
    plan = Plan(remains, Held.KEEP, "", fee)
    billed = _billed(job, what_if.sheets_of(job), plan)
    return max(ZERO, -what_if.whole(billed, job.brand.currency).balance)


# What stays billed -------------------------------------------------------------------------------


def _billed(job: WorkOrder, sheets: Sheets, plan: Plan) -> list[Sheet]:
    """The documents after the charges and the status changed, as ``follow_charges`` makes them."""
    if plan.remains == Remains.EVERYTHING:
        return _everything(job, sheets)
    line = fee_line(job, plan)
    has_issued = any(sheet.bill.status == InvoiceStatus.ISSUED for sheet in sheets)
    left: list[Sheet] = []
    for sheet in sheets:
        if sheet.bill.status == InvoiceStatus.VOID:
            left.append(sheet)
        elif sheet.bill.status == InvoiceStatus.ISSUED or not _drops(sheet, line, has_issued):
            left.append(sheet.billing(()))
    return left if line is None else _with_fee(job, left, line)


def _drops(draft: Sheet, line: Line | None, has_issued: bool) -> bool:
    """Whether a draft goes once its charges are gone, and is not needed for the fee."""
    used = draft.bill.entries or draft.bill.in_flight
    return not used and (line is None or has_issued)


def _with_fee(job: WorkOrder, sheets: Sheets, line: Line) -> list[Sheet]:
    """The documents with the fee: on the draft, else the last issued invoice, else a new one."""
    for status in (InvoiceStatus.DRAFT, InvoiceStatus.ISSUED):
        rows = [n for n, sheet in enumerate(sheets) if sheet.bill.status == status]
        if rows:
            billed = sheets[rows[-1]].billing([line], InvoiceStatus.ISSUED)
            return [*sheets[: rows[-1]], billed, *sheets[rows[-1] + 1 :]]
    return [*sheets, _new(job, [line])]


def _everything(job: WorkOrder, sheets: Sheets) -> list[Sheet]:
    """Everything stays billed: what was never issued is issued now."""
    if not sheets:
        lines = [_line_of(c.pk, unchanged_line(c), job.brand.currency) for c in job.charges.all()]
        return [_new(job, lines)] if lines else []
    return issuing_first(sheets)


def issuing_first(sheets: Sheets) -> list[Sheet]:
    """The documents with the first bill issued: a draft with no bill before it."""
    if any(sheet.bill.status != InvoiceStatus.DRAFT for sheet in sheets):
        return list(sheets)
    return [s.billing(s.bill.lines, InvoiceStatus.ISSUED) if s.bill.lines else s for s in sheets]


def _new(job: WorkOrder, lines: Sequence[Line]) -> Sheet:
    bill = Bill(InvoiceStatus.ISSUED, job.brand.currency, tuple(lines))
    return Sheet(NEW, job.number, bill)


def fee_line(job: WorkOrder, plan: Plan) -> Line | None:
    """The line that stays billed; ValidationError where it cannot."""
    if plan.remains != Remains.FEE:
        return None
    fee = plan.fee
    if fee is None or not fee.description.strip():
        raise ValidationError({"description": "Say what is billed for the cancellation."})
    if not fee.amount.is_finite() or fee.amount <= 0:
        text = "Enter an amount above zero, or bill nothing."
        raise ValidationError({"amount": text})
    return _line_of(-1, fee, job.brand.currency)


def _line_of(key: int, line: ChargeLine, currency: str) -> Line:
    amount = quantize(line.amount, currency)
    return Line(key, line.description, amount, charge_tax(amount, line.tax_percent, currency))


# What goes back ----------------------------------------------------------------------------------


def paying(job: WorkOrder) -> list[Payment]:
    """Payments that brought money to the job, the newest first."""
    rows = Payment.objects.filter(
        brand=job.brand,
        allocations__work_order=job,
        status__in=RECEIVED_STATUSES,
        currency=job.brand.currency,
    ).select_related("work_order")
    payments = sorted(rows, key=lambda p: (p.paid_at or p.happened_at, p.pk), reverse=True)
    for payment in payments:
        payment.brand = job.brand
    return payments


def _refunded(job: WorkOrder, sheets: Sheets) -> tuple[list[PlannedRefund], list[Sheet]]:
    """Return the surplus, the newest payment first; what stays is not refundable money."""
    refunds, now = [], list(sheets)
    live = {s.invoice_id for s in sheets if s.bill.status == InvoiceStatus.ISSUED}
    for payment in paying(job):
        held = ledger.held_by(job, f"payment:{payment.pk}")
        # Money on a void invoice is the client's credit already.
        if not held or not {pk for pk, legs in held.items() if legs} <= live:
            continue
        refund, now = _refund_of(job, payment, held, now)
        if refund is not None:
            refunds.append(refund)
    return refunds, now


def _refund_of(
    job: WorkOrder, payment: Payment, held: Mapping[int, Legs], sheets: list[Sheet]
) -> tuple[PlannedRefund | None, list[Sheet]]:
    left = refundable(payment, job)
    currency, key = job.brand.currency, f"payment:{payment.pk}"
    services, fee, now = ZERO, ZERO, sheets
    # A fee that is due goes down with what is returned, so the first answer may be short of some
    # cents; each cent returned moves the balance by one cent at most, so it is never too much.
    while (lack := -what_if.whole(now, currency).balance) > 0 and services < left.services:
        services = min(left.services, services + lack)
        fee = refund_fee(payment, services, job)
        now = what_if.with_refund(sheets, key, Legs(services, fee), held, means(payment))
    if left.services == 0 and left.fee > 0:
        fee = _fee_too_much(what_if.whole(sheets, currency), left.fee)
        now = what_if.with_refund(sheets, key, Legs(fee=fee), held, means(payment))
    if not services and not fee:
        return None, sheets
    return PlannedRefund(payment, services, fee), now


def _fee_too_much(settlement: Settlement, left: Decimal) -> Decimal:
    """What of money that is all fee belongs to services which are not billed any more."""
    if settlement.fee.due or settlement.balance > 0:
        return ZERO
    return max(ZERO, min(left, settlement.fee.kept - settlement.fee.expected))


def _to_credit(job: WorkOrder, sheets: Sheets) -> dict[int, Decimal]:
    """What each issued invoice has too much in money, at most what the job has."""
    left = max(ZERO, -what_if.whole(sheets, job.brand.currency).balance)
    credits = {}
    for sheet in sheets:
        settlement = sheet.settlement
        if settlement.status != InvoiceStatus.ISSUED or sheet.invoice_id == NEW:
            continue
        money = settlement.received - settlement.refunded - settlement.became_credit
        part = min(left, -settlement.balance, money)
        if part > 0:
            credits[sheet.invoice_id], left = part, left - part
    return credits


def _ends(credit: ClientCredit, part: Decimal, job: WorkOrder, notes: Notes) -> bool:
    """Whether a credit that ``part`` comes off is a note of this very job, used nowhere else."""
    is_mine = credit.kind == CreditKind.CREDIT_NOTE and credit.work_order_id == job.pk
    return notes == Notes.VOID and is_mine and credit.used == part and not credit.returned


def _taken_off(
    job: WorkOrder, sheets: list[Sheet], notes: Notes
) -> tuple[list[TakenOff], list[Sheet]]:
    """Credits that an invoice has too much of, once its money is dealt with; the newest first."""
    taken_off = []
    left = max(ZERO, -what_if.whole(sheets, job.brand.currency).balance)
    for sheet in sheets:
        over = -sheet.settlement.balance
        if sheet.bill.status != InvoiceStatus.ISSUED or over <= 0 or sheet.invoice_id == NEW:
            continue
        rows = ClientCredit.objects.filter(brand=job.brand, entries__invoice=sheet.invoice_id)
        for credit in rows.distinct().order_by("-pk"):
            is_own = credit.kind == CreditKind.OVERPAYMENT and credit.invoice_id == sheet.invoice_id
            part = min(over, client_credit.applied_to(credit, sheet.invoice_id))
            if not is_own and ZERO < part <= left:
                ends = _ends(credit, part, job, notes)
                taken_off.append(TakenOff(credit, sheet.invoice_id, part, ends))
                over, left = over - part, left - part
    for taken in taken_off:
        amounts = {taken.invoice_id: taken.amount}
        sheets = what_if.with_entries(
            sheets, EntryKind.CREDIT_REVERSAL, amounts, "Taken off", taken.credit.pk
        )
    return taken_off, sheets


# What somebody should know -----------------------------------------------------------------------


def _warnings(job: WorkOrder, previewed: Preview, sheets: Sheets) -> Iterator[str]:
    yield from _under_way(job, sheets)
    for refund in previewed.refunds:
        if refund.payment.status == PaymentStatus.DISPUTED:
            yield (
                f"The client’s bank disputes {refund.payment.short_number}: refunded now, it may "
                "leave twice. Wait for the bank, or keep the money for now."
            )
    currency = job.brand.currency
    if previewed.after.balance < 0:
        over = display(-previewed.after.balance, currency)
        yield f"{over} more than is billed stays here: the job reads Overpaid until it is returned."
    open_ = [s for s in sheets if s.settlement.balance]
    if previewed.after.balance == 0 and open_:
        rest = " and ".join(f"{s.number} {display(s.settlement.balance, currency)}" for s in open_)
        yield f"The job comes to zero, its invoices do not: {rest}. Move the credit between them."


def _under_way(job: WorkOrder, sheets: Sheets) -> Iterator[str]:
    """Money that may still come: cancelling does not stop it."""
    currency = job.brand.currency
    comes = "It is not counted. If it arrives, the job is paid that much more; refund it then."
    for flight in (f for s in sheets for f in s.bill.in_flight if not f.is_refund):
        sum_ = display(flight.services + flight.fee, currency)
        yield f"{sum_} is under way ({flight.label}). {comes}"
    unknown = Payment.objects.filter(
        brand=job.brand, allocations__work_order=job, status=PaymentStatus.UNKNOWN
    )
    tries = PaymentAttempt.objects.filter(
        brand=job.brand, work_order=job, payment=None, status=AttemptStatus.UNKNOWN
    )
    payments = [(row.amount, row.currency) for row in unknown]
    for amount, paid_in in [*payments, *((row.amount, row.currency) for row in tries)]:
        sum_ = display(amount, paid_in)
        yield f"{sum_} may have been charged: its outcome is unknown. {comes}"


def _fingerprint(job: WorkOrder, plan: Plan, previewed: Preview) -> str:
    rows: list[Sequence[object]] = [
        [str(job.status), charges_fingerprint(list(job.charges.all()))],
        [
            plan.remains.value,
            plan.money.value,
            plan.fee and (plan.fee.description, plan.fee.service_id),
        ],
        list(map(str, figures_of(previewed.before).values())),
        list(map(str, figures_of(previewed.after).values())),
        *([r.payment.pk, str(r.services), str(r.fee)] for r in previewed.refunds),
        *([pk, str(amount)] for pk, amount in previewed.credits.items()),
        *([t.credit.pk, t.invoice_id, str(t.amount), t.ends] for t in previewed.taken_off),
        list(previewed.warnings),
    ]
    return fingerprint(rows)
