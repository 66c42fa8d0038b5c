"""What the forms refuse, the import refuses too: addresses, days to come, sums, numbers. Pure.

Only new lines are checked: one that was imported before these rules stays readable.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core import money
from importing.errors import Refused
from importing.format.base import Happening
from importing.format.documents import InvoiceLineIn
from importing.format.job import ChargeIn, Job
from importing.format.money import AttemptIn, PaymentIn
from importing.proof.sums import COUNTING_STEPS, STEPS, Counts
from invoicing.models import InvoiceStatus
from payments.models import (
    RECEIVED_STATUSES,
    REFUND_COUNTS,
    DisputeStatus,
    PaymentStatus,
    Provider,
)
from workorders.domain.numbers import RESERVED_NUMBERS

LONGEST_EMAIL = 254
# For clocks and time zones, as in ``payments.domain.checks``.
GRACE = timedelta(days=1)
TOO_LARGE = Decimal(10) ** money.MAX_WHOLE_DIGITS
MONEY = (Counts.RECEIVED, Counts.SETTLED)
BACK = (Counts.TAKEN_BACK, Counts.REFUND_QUEUED, Counts.REFUNDED)
CAME = (*RECEIVED_STATUSES, PaymentStatus.CHARGED_BACK)


def check_strictly(job: Job, now: datetime) -> Iterator[Refused]:
    """Everything of ``job`` that a form would not take at ``now``, with its path."""
    if job.number.lower() in RESERVED_NUMBERS:
        yield Refused("number", f"“{job.number}” cannot be a number: it is part of addresses")
    yield from _emails(job)
    yield from _days(job, now + GRACE)
    yield from _sums(job)


# E-mail addresses --------------------------------------------------------------------------------


def _emails(job: Job) -> Iterator[Refused]:
    yield from _email("client.email", job.client.email)
    for n, contact in enumerate(job.contacts):
        path = f"contacts[{n}].email"
        yield from _email(path, contact.email)
        if contact.gets_invoices and not contact.email:
            yield Refused(path, "missing: somebody who gets invoices needs an e-mail address")


def _email(path: str, given: str) -> Iterator[Refused]:
    if not given:
        return
    if len(given) > LONGEST_EMAIL:
        yield Refused(path, f"is longer than {LONGEST_EMAIL} characters")
        return
    try:
        validate_email(given)
    except ValidationError:
        several = given.count("@") > 1
        what = "give one address, and other people as contacts" if several else "leave it empty"
        yield Refused(path, f"“{given}” is no e-mail address: {what}")


# Days to come ------------------------------------------------------------------------------------


def _days(job: Job, latest: datetime) -> Iterator[Refused]:
    """Money that came or went, and documents that were issued, in the future."""
    for path, at in _happened(job):
        if at > latest:
            day = at.date().isoformat()
            yield Refused(path, f"{day} is in the future: what has happened is imported, no plan")


def _happened(job: Job) -> Iterator[tuple[str, datetime]]:
    for n, attempt in enumerate(job.attempts):
        yield from _steps(attempt, f"attempts[{n}]")
    for n, payment in enumerate(job.payments):
        yield from _of_payment(payment, f"payments[{n}]")
    for n, invoice in enumerate(job.invoices):
        if invoice.status != InvoiceStatus.DRAFT:
            yield f"invoices[{n}].at", invoice.at
        if invoice.voided_at is not None:
            yield f"invoices[{n}].voided_at", invoice.voided_at
    for n, credit in enumerate(job.credits):
        yield f"credits[{n}].at", credit.at
        yield from _at(f"credits[{n}].applied", credit.applied)


def _of_payment(payment: PaymentIn, path: str) -> Iterator[tuple[str, datetime]]:
    if payment.status in CAME or payment.provider == Provider.MANUAL:
        yield f"{path}.at", payment.at
    came = {n for n, s in enumerate(payment.history) if s.status in CAME or s.reconciled_note}
    yield from (pair for n, pair in enumerate(_at(f"{path}.history", payment.history)) if n in came)
    yield from _steps(payment, path)
    for m, refund in enumerate(payment.refunds):
        here = f"{path}.refunds[{m}]"
        if refund.status in REFUND_COUNTS:
            yield f"{here}.at", refund.at
        yield from _at(f"{here}.history", refund.history)
    yield from _at(f"{path}.disputes", payment.disputes)
    for m, dispute in enumerate(payment.disputes):
        yield from _at(f"{path}.disputes[{m}].history", dispute.history)


def _at(path: str, items: Sequence[Happening]) -> Iterator[tuple[str, datetime]]:
    return ((f"{path}[{n}].at", item.at) for n, item in enumerate(items))


def _steps(item: PaymentIn | AttemptIn, path: str) -> Iterator[tuple[str, datetime]]:
    for n, step in enumerate(item.provider_steps):
        if step.status in COUNTING_STEPS:
            yield f"{path}.statusHistory[{n}].at", step.at


# Sums --------------------------------------------------------------------------------------------


def _sums(job: Job) -> Iterator[Refused]:
    """No sum of a job is more than the database can hold, as no single amount is."""
    billed = {"charges": job.charges}
    billed |= {f"history[{n}].charges": s.charges or () for n, s in enumerate(job.history)}
    for path, charges in billed.items():
        yield from _fits(path, _with_tax(charges))
    documents = [(f"invoices[{n}]", (i.lines, *(r.lines for r in i.revisions)))
                 for n, i in enumerate(job.invoices)]  # fmt: skip
    for path, versions in documents:
        for lines in versions:
            yield from _fits(f"{path}.lines", _with_tax(lines))
    last = [x for i in job.invoices for x in _with_tax(i.last_lines)]
    figures = [r.total_amount for r in (job.legacy, *(i.legacy for i in job.invoices)) if r]
    yield from _fits("invoices", [*last, *(a for a in figures if a is not None)])
    yield from _fits("payments", (_largest(p) for p in job.payments))
    yield from _fits("credits", (c.amount for c in job.credits))


def _largest(payment: PaymentIn) -> Decimal:
    return max([payment.amount, *(s.amount for s in payment.history if s.amount is not None)])


def _with_tax(lines: Iterable[ChargeIn | InvoiceLineIn]) -> Iterator[Decimal]:
    for line in lines:
        yield abs(line.amount)
        if line.tax is not None:
            exact = abs(line.amount * line.tax.percent).scaleb(-2)
            yield exact if line.tax.amount is None else abs(line.tax.amount)


def _fits(path: str, amounts: Iterable[Decimal]) -> Iterator[Refused]:
    if sum((abs(a) for a in amounts), money.ZERO) >= TOO_LARGE:
        yield Refused(path, f"together they are {TOO_LARGE:,} or more: too large")


# Disputes and refunds ----------------------------------------------------------------------------


def check_money_back(path: str, payment: PaymentIn, amount: Decimal) -> Iterator[Refused]:
    """No bank takes back, and nobody refunds, what never came; ``amount`` is what came."""
    lost = money.ZERO
    for n, dispute in enumerate(payment.disputes):
        here = f"{path}.disputes[{n}].amount"
        is_lost = _ended(dispute) == DisputeStatus.LOST
        if dispute.amount > amount:
            yield Refused(here, f"more than the payment of {amount}")
        elif is_lost and lost + dispute.amount > amount:
            yield Refused(here, f"with those before it {lost + dispute.amount}, of {amount}")
        lost += dispute.amount if is_lost else money.ZERO
    back = [r.amount for r in payment.refunds if _ended(r) in REFUND_COUNTS]
    if lost and sum(back, lost) > amount and max(lost, sum(back, money.ZERO)) <= amount:
        why = f"with the refunds {sum(back, lost)} went back, more than the payment of {amount}"
        yield Refused(f"{path}.disputes", why)
    if payment.provider_steps or _came(payment):
        return
    for n, refund in enumerate(payment.refunds):
        if _ended(refund) in REFUND_COUNTS:
            why = "a refund of money that never came: say when the payment was received"
            yield Refused(f"{path}.refunds[{n}].status", why)


def check_steps_back(path: str, item: PaymentIn | AttemptIn) -> Iterator[Refused]:
    """No step takes or gives back more than the order brought."""
    steps = item.provider_steps
    came = max([item.amount, *(s.amount for s in steps if s.amount and _is(s.status, *MONEY))])
    for n, step in enumerate(steps):
        if step.amount is not None and step.amount > came and _is(step.status, *BACK):
            here = f"{path}.statusHistory[{n}].amount"
            yield Refused(here, f"more than the payment of {came}")


def _is(status: str, *counts: Counts) -> bool:
    return STEPS.get(status) in counts


def _came(payment: PaymentIn) -> bool:
    statuses = [payment.status, *(s.status for s in payment.history if s.status)]
    return statuses[-1] in CAME or bool(payment.disputes)


def _ended(item: Any) -> Any:
    return item.history[-1].status if item.history else item.status
