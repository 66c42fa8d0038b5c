"""The summary of a job: its balance in one sentence, how it came to that, and what is open.

How: who paid and with what, what failed and why, what went back. Pure: words made from plain facts
and the settlement.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core.moments import day_text
from core.money import ZERO, display
from invoicing.settlement.sentence import sentence
from invoicing.settlement.types import Settlement, Word


@dataclass(frozen=True)
class PaymentFact:
    """One payment as the summary needs it. ``share`` is this job's part, fee included."""

    number: str
    status: str
    method: str
    means: str
    payer: str
    share: Decimal
    when: datetime
    why: str = ""
    reason: str = ""
    follow_up_on: date | None = None
    note: str = ""
    currency: str = ""


@dataclass(frozen=True)
class AttemptFact:
    """One try that no payment came of, or not yet."""

    status: str
    means: str
    amount: Decimal
    when: datetime
    why: str
    reason: str = ""


@dataclass(frozen=True)
class RefundFact:
    """One refund."""

    number: str
    status: str
    destination: str
    amount: Decimal
    why: str = ""
    # Of a payment that somebody recorded: no provider confirms it.
    by_hand: bool = False
    # The credit notes that stay although it failed: the client still owes less.
    notes: Sequence[str] = ()
    # The refund that was called off here, and that the provider made all the same.
    after_all: str = ""


@dataclass(frozen=True)
class JobFacts:
    """All that the summary needs of a job. ``due_on`` is the day of the one bill that is open."""

    currency: str
    settlement: Settlement
    client: str
    cancelled: bool
    published: bool
    payments: Sequence[PaymentFact]
    attempts: Sequence[AttemptFact]
    refunds: Sequence[RefundFact]
    today: date
    # What lost disputes took of payments that still count as received.
    lost: Decimal = ZERO
    due_on: date | None = None
    # What is due by each means, in words.
    price: str = ""
    # What void bills asked for and no document bills now.
    unbilled: Decimal = ZERO
    # What came for void invoices and is not used: its number, and how much.
    voided: Sequence[tuple[str, Decimal]] = ()
    # Payments in another currency than the brand's: named, counted nowhere.
    uncounted: Sequence[PaymentFact] = ()


@dataclass(frozen=True)
class Next:
    """Something that is open: its tone, its word, what it is; ``refund`` is whose row it is."""

    state: str
    word: str
    text: str
    refund: str = ""


@dataclass(frozen=True)
class Summary:
    """The sentence on top, how it came to that, and what is open under it."""

    sentence: str
    how: str
    nexts: list[Next]


RECEIVED = ("completed", "disputed")
GOING = ("pending", "processing", "requires_action")


def summarise(job: JobFacts) -> Summary:
    """The summary of a job's money so far."""
    received = [p for p in job.payments if p.status in RECEIVED]
    balance = sentence(
        job.settlement,
        job.currency,
        means=[p.means for p in received],
        cancelled=job.cancelled,
        published=job.published,
        due_on=job.due_on,
        today=job.today,
    )
    body = "; ".join(_clauses(job)) or _no_money(job)
    return Summary(balance, f"{body[:1].upper()}{body[1:]}.", list(_nexts(job)))


def _no_money(job: JobFacts) -> str:
    """The words where nobody paid anything; client credit may pay for the job all the same."""
    used = job.settlement.credit_used
    if not used:
        return "no money has moved yet"
    return f"no payment yet; {display(used, job.currency)} of client credit is applied"


def _clauses(job: JobFacts) -> Iterator[str]:
    received = [p for p in job.payments if p.status in RECEIVED]
    if len(received) == 1:
        yield _paid(received[0], job)
    elif received:
        total = sum((p.share for p in received), ZERO)
        last = max(received, key=lambda p: p.when)
        sum_ = display(total, job.currency)
        yield f"{sum_} received in {len(received)} payments, the last by {last.means}"
    if job.lost:
        yield f"{display(job.lost, job.currency)} of it was taken back by the bank"
    back = [r for r in job.refunds if r.status == "completed"]
    if back:
        total = sum((r.amount for r in back), ZERO)
        to = f" to {back[0].destination}" if len(back) == 1 and back[0].destination else ""
        yield f"{display(total, job.currency)} refunded{to}"
    for payment in job.payments:
        if payment.status in TAKEN_BACK:
            sum_ = display(payment.share, job.currency)
            whose = payment.payer or job.client
            how = TAKEN_BACK[payment.status]
            yield f"{sum_} that {whose} paid by {payment.means} was {how} by the bank"
    if not received:
        yield from _not_received(job)
    yield from _failed(job, bool(received))


WAYS = {
    "unknown": "{sum} by {means} may have been charged, its outcome is unknown",
    "pending": "{sum} by {means} is pending, nothing received yet",
    "processing": "{sum} by {means} is processing, nothing received yet",
    "requires_action": "{sum} by {means} waits for the client, nothing received yet",
    "voided": "{sum} by {means} was voided, nothing received",
}


TAKEN_BACK = {"charged_back": "taken back", "returned": "returned"}


def _not_received(job: JobFacts) -> Iterator[str]:
    """The newest payment that is no money yet, or none any more."""
    waiting = [p for p in job.payments if p.status in WAYS]
    if waiting:
        last = max(waiting, key=lambda p: (p.status != "voided", p.when))
        sum_ = display(last.share, job.currency)
        yield WAYS[last.status].format(sum=sum_, means=last.means)


def _paid(payment: PaymentFact, job: JobFacts) -> str:
    payer = payment.payer or job.client
    return f"{payer} paid {display(payment.share, job.currency)} by {payment.means}"


def _failed(job: JobFacts, paid: bool) -> Iterator[str]:
    tries = [a for a in job.attempts if a.status == "failed"]
    count = len(tries) + sum(p.status == "failed" for p in job.payments)
    if not count:
        return
    times = "once" if count == 1 else f"{count} times"
    reasons = {a.reason for a in tries if a.reason} | {
        p.reason for p in job.payments if p.status == "failed" and p.reason
    }
    why = f" ({', '.join(sorted(reasons))})" if 0 < len(reasons) < 3 else ""
    yield f"declined {times} before{why}" if paid else f"declined {times}{why}, nothing received"


def _nexts(job: JobFacts) -> Iterator[Next]:
    yield from _balance_next(job)
    for number, amount in job.voided:
        text = f"{display(amount, job.currency)} for {number}, now the client’s credit."
        yield Next("attention", "money on a void invoice", f"{text} Use it, or refund it.")
    for payment in job.payments:
        yield from _payment_next(payment, job)
    for payment in job.uncounted:
        if payment.status in (*RECEIVED, *GOING, "unknown"):
            sum_ = display(payment.share, payment.currency)
            text = f"P-{payment.number}: {sum_} by {payment.means}, not counted in any balance."
            yield Next("attention", "another currency", text)
    for refund in job.refunds:
        sum_ = display(refund.amount, job.currency)
        if refund.status == "failed":
            text = f"R-{refund.number}: {sum_} was not refunded. {refund.why}".strip()
            yield Next("failed", "refund failed", text + _notes_stay(refund))
        elif refund.status in ("queued", "pending"):
            until = "on its way, until the provider confirms it"
            if refund.by_hand and refund.status == "queued":
                until = "queued: mark it done when the money went back"
            text = f"R-{refund.number}: {sum_} {until}."
            yield Next("pending", "refund " + refund.status, text, refund.number)
        elif refund.after_all and job.settlement.amount_due:
            text = (
                f"R-{refund.number}: {sum_} was refunded by the provider, although "
                f"R-{refund.after_all} was called off. If the client owes less by it, make a "
                "credit note; else it is due again."
            )
            yield Next("attention", "refunded after all", text)
    yield from _retry(job)


def _notes_stay(refund: RefundFact) -> str:
    """What the credit notes of a failed refund mean."""
    if not refund.notes:
        return ""
    names, verb = " and ".join(refund.notes), "stays" if len(refund.notes) == 1 else "stay"
    return f" {names} {verb}: the client owes less, so the money is still theirs."


def _balance_next(job: JobFacts) -> Iterator[Next]:
    """What the balance itself waits for. A fee not collected is named where its verbs are."""
    settlement = job.settlement
    due = job.price or display(settlement.amount_due, job.currency)
    if settlement.word == Word.OVERPAID:
        over = display(-settlement.balance, job.currency)
        held = " held with nothing billed" if job.cancelled and not settlement.services else ""
        text = f"{over}{held} is the client’s: return it or keep it as credit."
        yield Next("attention", "overpaid", text)
    elif settlement.word == Word.DRAFT and settlement.amount_due:
        yield Next("neutral", "not issued", f"{due}. The client is not asked until it is issued.")
    elif settlement.amount_due and job.due_on and job.due_on < job.today:
        days = (job.today - job.due_on).days
        late = f"{days} day{'' if days == 1 else 's'} ago, on {day_text(job.due_on)}"
        yield Next("attention", "overdue", f"{due}. It was due {late}.")
    elif settlement.amount_due:
        yield Next("pending", "due", f"{due}. Waiting for the client to pay.")
    if job.unbilled:
        sum_ = display(job.unbilled, job.currency)
        text = f"{sum_} of charges, which a void invoice billed, are on no invoice now."
        yield Next("neutral", "not issued yet", text)


def _payment_next(payment: PaymentFact, job: JobFacts) -> Iterator[Next]:
    sum_ = display(payment.share, job.currency)
    name = f"P-{payment.number}" if payment.number.isdigit() else payment.number
    if payment.status == "unknown":
        yield Next(
            "attention",
            "outcome unknown",
            f"{name}: {sum_} may have been charged. Ask the provider before taking it again.",
        )
    elif payment.status == "disputed":
        yield Next("failed", "disputed", f"{name}: the client’s bank disputes {sum_}.")
    elif payment.status in GOING:
        text = f"{name}: {sum_} by {payment.means}. {payment.why}".strip()
        yield Next("pending", payment.status.replace("_", " "), text)
    if payment.follow_up_on:
        due = payment.follow_up_on <= job.today
        day = day_text(payment.follow_up_on, weekday=True, year=False)
        text = f"{name}: {payment.note or 'ask how it stands'}"
        yield Next(
            "attention" if due else "pending",
            f"follow-up due {day}" if due else f"follow up {day}",
            text,
        )


def _retry(job: JobFacts) -> Iterator[Next]:
    """The last try, when it failed and nothing came or is under way after it."""
    tries = [(a.when, a.amount, a.means, a.why) for a in job.attempts if a.status == "failed"]
    tries += [(p.when, p.share, p.means, p.why) for p in job.payments if p.status == "failed"]
    if not tries:
        return
    when, amount, means, why = max(tries, key=lambda t: t[0])
    good = (*RECEIVED, *GOING, "unknown")
    if any(p.when >= when for p in job.payments if p.status in good):
        return
    text = f"{display(amount, job.currency)} by {means}. {why}".strip()
    yield Next("failed", "last try declined", text)
