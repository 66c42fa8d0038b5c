"""What somebody decides about a fee that a card payment came in without: waive it, or bill it.

Each decision is a row that stays; the last one of a payment counts. Amounts are in the brand's
currency, and are what is uncollected at that moment: of a billed fee that was partly paid
already, the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from core.money import ZERO, display, zero_of
from invoicing.domain import rollup, stamp
from invoicing.models import FeeDecision
from invoicing.queries import settlements
from invoicing.settlement.fee import Open, open_fees
from invoicing.settlement.types import InvoiceStatus
from workorders.domain.locks import lock_work_order
from workorders.domain.reasons import cleaned_reason
from workorders.models import WorkOrder


@dataclass(frozen=True)
class MissingFee:
    """The fee that one payment came in without, and what was decided of it last.

    ``payment`` is the payment's key on the ledger ("payment:12"). ``amount`` is what is open of
    it now, without what was waived; of one that was waived whole, what billing it would ask for.
    ``is_billed``: the client is asked for it, by a decision or by the brand's policy.
    """

    payment: str
    label: str
    amount: Decimal
    is_billed: bool
    is_open: bool = True
    waived: Decimal = ZERO
    decided: FeeDecision | None = None

    @property
    def may_waive(self) -> bool:
        """Whether waiving it would change anything: some of it is open."""
        return self.is_open

    @property
    def to_bill(self) -> Decimal:
        """What billing it asks for: what is open, and what was waived of it before."""
        return self.amount + self.waived if self.is_open else self.amount

    @property
    def may_bill(self) -> bool:
        """Whether billing it would change anything."""
        return not self.is_billed


def missing_fees(
    job: WorkOrder, answer: settlements.JobSettlement | None = None
) -> list[MissingFee]:
    """Every payment of ``job`` whose fee is uncollected now; waived ones are, too.

    ``answer`` is the job's settlement, where the caller has it.
    """
    whole = answer or settlements.job_settlement(job)
    by_payment: dict[str, list[Open]] = {}
    for document in whole.documents:
        if document.settlement.status == InvoiceStatus.VOID:
            continue  # nothing is due on a void invoice, and nothing is to be decided of it
        for row in open_fees(document.settlement, document.bill.rulings):
            by_payment.setdefault(row.payment, []).append(row)
    decided = _decided(job, list(by_payment)) if by_payment else {}
    return [_missing(rows, decided.get(payment)) for payment, rows in by_payment.items()]


def _missing(rows: Sequence[Open], decided: FeeDecision | None) -> MissingFee:
    """One payment's fee over the bills of its job."""
    zero = zero_of(rows[0].amount)
    amount = sum((row.amount for row in rows), zero)
    waived = sum((row.waived for row in rows), zero)
    return MissingFee(
        payment=rows[0].payment,
        label=rows[0].label,
        amount=amount or waived,
        is_billed=any(row.asked for row in rows),
        is_open=amount > 0,
        waived=waived,
        decided=decided,
    )


def _decided(job: WorkOrder, payments: Sequence[str]) -> dict[str, FeeDecision]:
    rows = FeeDecision.objects.filter(
        brand=job.brand_id, work_order=job, payment__in=payments
    ).order_by("pk")
    return {row.payment: row for row in rows}


def waive_fee(
    brand: Brand,
    work_order_id: int,
    payment_key: str,
    reason: str,
    by: str = "",
    *,
    expected: Decimal | None = None,
) -> FeeDecision:
    """Let go of the fee that a payment came in without: the client is not asked for it.

    ``by`` is who decides (default: whoever acts), ``expected`` the amount that they saw.
    ValidationError: nothing is uncollected of it now, it is waived already, another amount is
    open by now; or it names ``reason``.
    """
    return _decide(brand, work_order_id, payment_key, reason, by, expected, bill=False)


def bill_fee(
    brand: Brand,
    work_order_id: int,
    payment_key: str,
    reason: str,
    by: str = "",
    *,
    expected: Decimal | None = None,
) -> FeeDecision:
    """Ask the client for the fee that a payment came in without. Arguments as ``waive_fee``."""
    return _decide(brand, work_order_id, payment_key, reason, by, expected, bill=True)


@transaction.atomic
def _decide(
    brand: Brand,
    work_order_id: int,
    payment_key: str,
    reason: str,
    by: str,
    expected: Decimal | None,
    *,
    bill: bool,
) -> FeeDecision:
    why = cleaned_reason(reason, required=True)
    job = lock_work_order(brand, work_order_id)
    missing = next((m for m in missing_fees(job) if m.payment == payment_key), None)
    if missing is None:
        raise ValidationError("This payment has no uncollected technology fee.", code="refused")
    if refusal := why_not(missing, bill=bill):
        raise ValidationError(refusal, code="refused")
    if expected is not None and expected != missing.amount:
        now = display(missing.amount, brand.currency)
        raise ValidationError(f"Meanwhile {now} of it is open. Look again.", code="refused")
    decision = FeeDecision.objects.create(
        brand=brand,
        work_order=job,
        payment=missing.payment,
        payment_label=missing.label[:200],
        bill=bill,
        amount=missing.to_bill if bill else missing.amount,
        reason=why,
        by=(by or stamp.by())[:200],
        happened_at=stamp.moment(),
    )
    rollup.recompute(job)
    return decision


def why_not(missing: MissingFee, *, bill: bool) -> str:
    """Why billing (else waiving) it is refused, in words for the page; "" when it is allowed."""
    if missing.may_bill if bill else missing.may_waive:
        return ""
    word = "billed" if bill else "waived"
    last = missing.decided
    if last is None or last.bill != bill:
        return f"It is {word} already, by your fee settings."
    return f"It is {word} already by {last.by}." if last.by else f"It is {word} already."
