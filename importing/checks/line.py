"""One line of text → a checked job, or the problems that a person can find by number and path."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from core import clock, money
from importing.checks.common import in_order, twice, unique
from importing.checks.documents import check_documents
from importing.checks.strict import check_money_back, check_steps_back, check_strictly
from importing.errors import Refused
from importing.format.documents import LegacyIn
from importing.format.job import ChargeIn, Job
from importing.format.money import AttemptIn, PaymentIn, RefundIn
from payments.models import REFUND_COUNTS
from payments.providers.registry import with_steps
from workorders.models import WorkOrderStatus

DEEPEST = 32  # lists and objects inside each other
LONGEST = 300  # characters of a path or a reason


@dataclass(frozen=True)
class Problem:
    """Why a line was refused. ``path`` is like ``payments[0].amount``, "" for the whole line.

    Both may quote the file: long texts are cut, and what a terminal or a JSON file cannot show is
    written as an escape.
    """

    line: int
    path: str
    reason: str

    def __post_init__(self) -> None:
        for name in ("path", "reason"):
            object.__setattr__(self, name, _printable(getattr(self, name)))


def _printable(text: str) -> str:
    if len(text) > LONGEST:
        text = f"{text[: LONGEST - 1]}…"
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


class BadLine(Exception):
    """Everything that is wrong with one line."""

    def __init__(self, wrong: Sequence[Refused]) -> None:
        super().__init__("; ".join(str(w) for w in wrong))
        self.wrong = list(wrong)


def decode(raw: bytes) -> dict[str, Any]:
    """The object of one line, numbers as ``Decimal``. Raises Refused for anything else."""
    try:
        data = json.loads(
            raw.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_once,
        )
    except UnicodeDecodeError as error:
        raise Refused("", f"not UTF-8 text (byte {error.start + 1})") from error
    except json.JSONDecodeError as error:
        raise Refused("", f"not JSON: {error.msg} at character {error.colno}") from error
    except RecursionError as error:
        raise Refused("", "not JSON that we read: nested too deeply") from error
    except (ValueError, ArithmeticError) as error:
        # Python reads no integer of more than 4,300 digits, and no exponent beyond its own.
        raise Refused("", "not JSON that we read: a number in it is too long") from error
    if not isinstance(data, dict):
        raise Refused("", "a line is one JSON object, in braces")
    _not_too_deep(data)
    return data


def _not_too_deep(data: dict[str, Any]) -> None:
    """Raise Refused with the path of a value that is nested deeper than anybody reads."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in inside:
            if not isinstance(one, dict | list):
                continue
            if len(path) >= DEEPEST:
                raise Refused(path_of(path[:6]), f"nested more than {DEEPEST} levels deep")
            waiting.append(((*path, key), one))


def _no_constant(word: str) -> Any:
    raise Refused("", f"{word} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise Refused(key, "the key stands here twice")
        result[key] = value
    return result


def validate(data: dict[str, Any], currency: str, now: datetime | None = None) -> Job:
    """The job of a decoded line, amounts in ``currency``. Raises BadLine with every problem.

    ``now`` is the moment after which nothing has happened yet; without it the present one.
    """
    try:
        job = Job.model_validate(data, context={"currency": currency})
    except ValidationError as error:
        raise BadLine([refused(e) for e in error.errors(include_url=False)]) from error
    wrong = [*check(job), *check_strictly(job, now or clock.now())]
    wrong += check_documents(job, currency) if not wrong else ()
    if wrong:
        raise BadLine(wrong)
    return job


def refused(error: Any) -> Refused:
    """One error of the model, with its path, in our words."""
    path = path_of(error["loc"])
    if error["type"] == "extra_forbidden":
        return Refused(path, "unknown key")
    if error["type"] == "missing":
        return Refused(path, "missing")
    return Refused(path, error["msg"].removeprefix("Value error, "))


def path_of(parts: Iterable[str | int]) -> str:
    """``("payments", 0, "amount")`` as ``payments[0].amount``."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


# --- fields against each other -------------------------------------------------------------------


def check(job: Job) -> Iterator[Refused]:
    """Every contradiction between the fields of a job, with its path."""
    if job.published_at is not None and any(s.published is not None for s in job.history):
        yield Refused("published_at", "history tells of publishing, too: give one of them")
    if job.published_at is not None and job.published_at < job.at:
        yield Refused("published_at", "before the job was booked")
    yield from in_order("history", job, job.history)
    for n, step in enumerate(job.history):
        if step.status == WorkOrderStatus.CANCELLED and not step.reason:
            yield Refused(f"history[{n}].reason", "a cancellation needs its reason")
    for name in ("notes", "messages", "attempts", "payments"):
        yield from unique(name, getattr(job, name))
    yield from _charges("charges", job.charges, job.legacy)
    for n, step in enumerate(job.history):
        yield from _charges(f"history[{n}].charges", step.charges or (), job.legacy)
    for n, attempt in enumerate(job.attempts):
        yield from _attempt(f"attempts[{n}]", attempt)
    for n, payment in enumerate(job.payments):
        yield from _payment(f"payments[{n}]", payment, job.number)


def _charges(path: str, charges: Sequence[ChargeIn], legacy: LegacyIn | None) -> Iterator[Refused]:
    yield from unique(path, charges)
    for n, charge in enumerate(charges):
        if charge.service is None and charge.description is None:
            yield Refused(f"{path}[{n}]", "needs a service or a description")
    gives_back = legacy is not None and (legacy.total_amount or money.ZERO) < 0
    if sum((c.amount for c in charges), money.ZERO) < 0 and not gives_back:
        yield Refused(path, "add up to less than zero")


def _attempt(path: str, attempt: AttemptIn) -> Iterator[Refused]:
    yield from in_order(f"{path}.history", attempt, attempt.history)
    if attempt.provider_steps:
        yield from _provider_order(path, attempt)
    elif attempt.status is None:
        yield Refused(f"{path}.status", "missing (or statusHistory in its place)")


def _payment(path: str, payment: PaymentIn, number: str) -> Iterator[Refused]:
    if _fee_of(payment) > payment.amount:
        yield Refused(f"{path}.fee_amount", "more than the amount")
    yield from in_order(f"{path}.history", payment, payment.history)
    yield from _shares(path, payment, number)
    if payment.provider_steps:
        yield from _provider_order(path, payment)
    elif payment.status is None:
        yield Refused(f"{path}.status", "missing (or statusHistory in its place)")
    for n, attempt in enumerate(payment.attempts):
        if attempt.provider_steps:
            yield Refused(f"{path}.attempts[{n}].statusHistory", "give it to the payment instead")
        yield from _attempt(f"{path}.attempts[{n}]", attempt)
    for name in ("attempts", "refunds", "disputes"):
        items = getattr(payment, name)
        yield from unique(f"{path}.{name}", items)
        for n, item in enumerate(items):
            if item.at < payment.at:
                yield Refused(f"{path}.{name}[{n}].at", "before the payment began")
            if name != "attempts":
                yield from in_order(f"{path}.{name}[{n}].history", item, item.history)
    yield from _refunds(path, payment)
    yield from check_money_back(path, payment, _last("amount", payment))
    if len(payment.disputes) > 1 and any(d.id is None for d in payment.disputes):
        yield Refused(f"{path}.disputes", "several disputes need an id each")


def _fee_of(payment: PaymentIn) -> Decimal:
    """The fee that it names; zero where it names none."""
    return payment.fee_amount or money.ZERO


def _refunds(path: str, payment: PaymentIn) -> Iterator[Refused]:
    """No refund may be more than the payment, nor all refunds that count together.

    Refunds count from the moment they are queued (docs/import-format.md); failed and cancelled
    ones do not. The same holds for their fee parts and the payment's fee.
    """
    paid = _last("amount", payment)
    refunded = refunded_fee = money.ZERO
    for n, refund in enumerate(payment.refunds):
        here = f"{path}.refunds[{n}]"
        fee = refund.fee_amount or money.ZERO
        counts = _last("status", refund) in REFUND_COUNTS
        if refund.amount > payment.amount:
            yield Refused(f"{here}.amount", "more than the payment")
        elif counts and refunded + refund.amount > paid:
            why = f"with the refunds before it {refunded + refund.amount}, more than the payment"
            yield Refused(f"{here}.amount", why)
        if fee > min(refund.amount, _fee_of(payment)):
            yield Refused(f"{here}.fee_amount", "more fee than there is to refund")
        elif counts and refunded_fee + fee > (_last("fee_amount", payment) or money.ZERO):
            yield Refused(f"{here}.fee_amount", "with the refunds before it more than the fee")
        if counts:
            refunded, refunded_fee = refunded + refund.amount, refunded_fee + fee


def _last(name: str, item: PaymentIn | RefundIn) -> Any:
    """The value of the field ``name`` after the last step of the history."""
    given = [getattr(step, name, None) for step in item.history]
    return next((v for v in reversed(given) if v is not None), getattr(item, name))


# What follows from a provider's events where there are some.
FROM_EVENTS = (
    *("status", "shares", "note", "follow_up_on", "provider_status", "reference"),
    *("failure_code", "failure_message", "decline_code", "attempts", "disputes"),
)
# What a step of staff may say of such a payment.
STEP_KEYS = {"at", "actor", "source", "note", "follow_up_on", "reconciled_note"}


def _provider_order(path: str, item: PaymentIn | AttemptIn) -> Iterator[Refused]:
    reporting = [kind.slug for kind in with_steps()]
    if item.provider not in reporting:
        yield Refused(f"{path}.statusHistory", f"only orders of {_and(reporting)} have one")
    if not item.order_id:
        yield Refused(f"{path}.order_id", "missing: a status history belongs to an order")
    yield from _events(path, item)
    yield from check_steps_back(path, item)
    for name in FROM_EVENTS:
        if getattr(item, name, None):
            yield Refused(f"{path}.{name}", "follows from statusHistory; do not give it as well")
    for n, step in enumerate(item.history):
        for name in sorted(step.model_fields_set - STEP_KEYS):
            yield Refused(f"{path}.history[{n}].{name}", "follows from statusHistory")
    for n, refund in enumerate(getattr(item, "refunds", ())):
        if not refund.provider_refund_id or refund.history:
            yield Refused(
                f"{path}.refunds[{n}]",
                "beside statusHistory a refund needs provider_refund_id and no history",
            )


def _events(path: str, item: PaymentIn | AttemptIn) -> Iterator[Refused]:
    """A problem for an event that a history has twice, with something else in it."""
    seen: dict[str, Any] = {}
    for n, step in enumerate(item.status_history):
        if step.event_id and seen.setdefault(step.event_id, step) != step:
            yield Refused(f"{path}.statusHistory[{n}].event_id", twice(step.event_id))


def _and(names: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _shares(path: str, payment: PaymentIn, number: str) -> Iterator[Refused]:
    if not payment.shares:
        return
    if money.ZERO + sum(s.amount for s in payment.shares) != payment.amount:
        yield Refused(f"{path}.shares", "do not sum to the amount")
    if money.ZERO + sum(s.fee_amount for s in payment.shares) != _fee_of(payment):
        yield Refused(f"{path}.shares", "their fees do not sum to the fee")
    named = [s.work_order.lower() for s in payment.shares]
    if len(set(named)) != len(named):
        yield Refused(f"{path}.shares", "a job stands here twice")
    if number.lower() not in named:
        yield Refused(f"{path}.shares", "this job has no share of it")
    for n, step in enumerate(payment.history):
        if step.amount is not None or step.fee_amount is not None:
            yield Refused(f"{path}.history[{n}].amount", "a shared amount cannot be corrected here")
