"""What to ask before a payment is recorded by hand: is it here already, is it too much?

Nothing is refused. Ask under the locks of the jobs, so that two people who record the same check
at the same moment are asked, too. Amounts are in the brand's currency.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from django.db.models import F, Q

from accounts.models import Brand
from core import moments
from core.money import ZERO
from core.refusal import Question
from invoicing.models import ClientCredit, CreditKind
from invoicing.queries.settlements import job_settlement
from payments.models import Payment, PaymentStatus
from payments.timeline.labels import full_number, means, money_text
from workorders.models import WorkOrder

# What was recorded and came to nothing may be recorded again.
_NOT_HERE = (
    PaymentStatus.VOIDED,
    PaymentStatus.FAILED,
    PaymentStatus.CHARGED_BACK,
    PaymentStatus.RETURNED,
)

Amounts = Mapping[int, Decimal]


def questions(
    brand: Brand, jobs: Mapping[int, WorkOrder], new: Payment, amounts: Amounts
) -> list[Question]:
    """What somebody should look at before ``new`` is recorded; ``amounts`` by work order id.

    ``new`` is not saved. ``jobs`` are locked, and know their brand.
    """
    found = [*_same_payments(brand, new, amounts), *_same_prepayments(brand, jobs, new)]
    return [*found, *(q for job, amount in amounts.items() for q in _above_due(jobs[job], amount))]


# --- already here? ----------------------------------------------------------------------------


def _same_payments(brand: Brand, new: Payment, amounts: Amounts) -> Iterator[Question]:
    """Payments with the same method and reference (or day), job and amount."""
    rows = Payment.objects.filter(
        brand=brand, method=new.method, allocations__work_order__in=list(amounts)
    ).exclude(status__in=_NOT_HERE)
    rows = rows.annotate(job=F("allocations__work_order_id"), share=F("allocations__amount"))
    seen = set()
    for row in rows.select_related("work_order", "brand").order_by("pk"):
        is_same = row.amount == new.amount or row.share == amounts[row.job]
        if row.pk in seen or not is_same or not _same_name(row, new):
            continue
        seen.add(row.pk)
        number = full_number(row.work_order.number, row.number)
        amount = money_text(row.amount, row.currency)
        day = moments.day_text(moments.day_of(row.happened_at, brand.time_zone))
        state = row.get_status_display().lower()
        text = f"{means(row)} of {amount} is recorded already: {number}, of {day}, {state}."
        yield Question(text, "payment", number)


def _same_name(row: Payment, new: Payment) -> bool:
    """Whether two payments have one reference; without any, whether they are of one day."""
    ours, theirs = _plain(new.reference), _plain(row.reference)
    if ours or theirs:
        return ours == theirs
    zone = row.brand.time_zone
    return moments.day_of(row.happened_at, zone) == moments.day_of(new.happened_at, zone)


def _plain(reference: str) -> str:
    """A reference as people compare it: ``# 01234`` is ``1234``."""
    text = "".join(c for c in reference.casefold() if c.isalnum())
    return text.lstrip("0") or text


def _same_prepayments(
    brand: Brand, jobs: Mapping[int, WorkOrder], new: Payment
) -> Iterator[Question]:
    """Prepayments of the same clients with the same method, reference and amount."""
    if not _plain(new.reference):
        return
    clients = Q(client__in=[job.client_id for job in jobs.values()])
    rows = ClientCredit.objects.filter(
        clients, brand=brand, kind=CreditKind.PREPAYMENT, method=new.method, amount=new.amount
    )
    for row in rows.select_related("client").order_by("pk"):
        if _plain(row.reference) == _plain(new.reference):
            amount = money_text(row.amount, brand.currency)
            text = (
                f"{row.label} of {amount} is recorded already: a prepayment of {row.client.name}."
            )
            yield Question(text, "credit", row.pk)


# --- too much? --------------------------------------------------------------------------------


def _above_due(job: WorkOrder, amount: Decimal) -> Iterator[Question]:
    """Whether ``amount`` is more than the job asks for, drafts and money on its way counted."""
    whole = job_settlement(job).whole
    due, on_way = whole.amount_due + whole.unbilled, whole.pending
    left = max(due - on_way, ZERO)
    if amount <= left:
        return
    number, currency = job.number, job.brand.currency
    given, more, rest = (money_text(x, currency) for x in (amount, amount - left, left))
    asked, coming = money_text(due, currency), money_text(on_way, currency)
    waiting = f"{asked} is due on {number} and {coming} is on its way already"
    if left:
        why = f" ({waiting})" if on_way else ""
        text = f"{given} is {more} more than what is due on {number}: {rest}{why}. The rest stays"
        yield Question(f"{text} there as overpaid.", "work_order", number)
    else:
        why = waiting if on_way else f"Nothing is due on {number}"
        yield Question(f"{why}: all of {given} stays there as overpaid.", "work_order", number)
