"""Everything that people and providers may do to the money of a job, to be done in any order.

A verb may be refused (ValidationError): that is an answer. Anything else that a verb
raises is a fault, and so is a balance that differs afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from core import moments
from invoicing.domain import (
    client_credit,
    credit_notes,
    fee_decisions,
    issuing,
    prepayments,
    tripwire,
)
from invoicing.domain.credit_lines import CreditLine
from invoicing.models import ClientCredit, Invoice
from invoicing.queries import settlements
from payments.cancelling.cancel import cancel_job
from payments.cancelling.preview import Held, Plan, Remains, preview
from payments.domain import record, returns
from payments.ingest.incoming import IncomingFact
from payments.ingest.receive import receive
from payments.models import Method, Payment, Refund, ReturnReason
from payments.refunds import preview as preview_of_refunds
from payments.refunds import undo, verbs
from workorders.domain import charges, jobs
from workorders.models import WorkOrder, WorkOrderStatus

T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
REFUSALS = ValidationError
D = Decimal


@dataclass
class World:
    """One client with two jobs, and what was done to them so far."""

    brand: Brand
    jobs: list[WorkOrder]
    minute: int = 0
    orders: int = 0
    refused: int = 0
    done: list[str] = field(default_factory=list)

    def later(self) -> datetime:
        self.minute += 7
        return T0 + timedelta(minutes=self.minute)

    def job(self, n: int) -> WorkOrder:
        job = WorkOrder.objects.get(pk=self.jobs[n % len(self.jobs)].pk)
        job.brand = self.brand
        return job

    def do(self, name: str, n: int, cents: int) -> None:
        """Try one verb with a number to choose by and an amount in cents."""
        try:
            with transaction.atomic():
                VERBS[name](self, n, D(cents).scaleb(-2))
                tripwire.check()  # as its commit would
        except REFUSALS:
            self.refused += 1
        else:
            self.done.append(f"{name}({n}, {cents})")


Verb = Callable[[World, int, Decimal], Any]


def _pick(rows: Any, n: int) -> Any:
    """One of the rows, by number; a refusal where there is none."""
    choices = list(rows.order_by("pk"))
    if not choices:
        raise ValidationError("nothing to choose from")
    return choices[n % len(choices)]


# The bill -----------------------------------------------------------------------------------------


def bill(world: World, n: int, amount: Decimal) -> None:
    job = world.job(n)
    lines = [charges.ChargeLine("Inspection", amount)]
    if n % 3 == 1:
        lines.append(
            charges.ChargeLine("Radon", D("150.00"), tax_name="Sales tax", tax_percent=D("8.25"))
        )
    if n % 3 == 2:
        lines.append(charges.ChargeLine("Discount", -min(amount, D("25.00"))))
    charges.replace_charges(world.brand, job.pk, lines, reason="Another scope")


def edit(world: World, n: int, amount: Decimal) -> None:
    job = world.job(n)
    rows = list(job.charges.all())
    lines = [
        charges.ChargeLine(
            row.description,
            amount if row is rows[0] else row.amount,
            id=row.pk,
            tax_name=row.tax_name,
            tax_percent=row.tax_percent,
        )
        for row in rows
    ]
    charges.replace_charges(world.brand, job.pk, lines, reason="Corrected")


def confirm(world: World, n: int, amount: Decimal) -> None:
    jobs.set_status(world.brand, world.job(n).pk, WorkOrderStatus.CONFIRMED, reason="Booked")


def cancel(world: World, n: int, amount: Decimal) -> None:
    jobs.set_status(world.brand, world.job(n).pk, WorkOrderStatus.CANCELLED, reason="Called off")


def call_off(world: World, n: int, amount: Decimal) -> None:
    """Cancel with its money: what remains billed, and what becomes of what is held."""
    remains, money = list(Remains)[n % 3], list(Held)[n // 3 % 3]
    fee = charges.ChargeLine("Late cancellation", amount) if remains == Remains.FEE else None
    plan = Plan(remains, money, "Called off", fee)
    job = world.job(n)
    promised = preview(job, plan)
    try:
        cancel_job(world.brand, job.pk, plan, expected=promised.fingerprint, by="Dana")
    except ValidationError as error:
        if "other amounts" in str(error):
            raise AssertionError("a preview was not kept") from error
        raise
    came_to = settlements.job_settlement(world.job(n)).whole
    assert (came_to.balance, came_to.word) == (promised.after.balance, promised.after.word)


def prepay(world: World, n: int, amount: Decimal) -> None:
    client = world.jobs[0].client_id
    prepayments.record_prepayment(
        world.brand,
        client,
        amount,
        method=Method.CHECK,
        reference=f"{n}",
        received_at=world.later(),
    )


def issue(world: World, n: int, amount: Decimal) -> None:
    issuing.issue_bill(world.brand, world.job(n).pk)


def void(world: World, n: int, amount: Decimal) -> None:
    rows = Invoice.objects.filter(brand=world.brand, kind="standard")
    notes = list(issuing.Notes)[n % 2]
    invoice = _pick(rows, n)
    issuing.void_invoice(world.brand, invoice.pk, reason="Never should have been", notes=notes)


# Money in -----------------------------------------------------------------------------------------


def _fact(world: World, order: str, job: WorkOrder, status: str, **values: Any) -> None:
    world.orders += 1
    fact = IncomingFact(
        event_id=f"ev-{world.orders}",
        order_id=order,
        work_order=job.number,
        status=status,
        at=world.later(),
        **values,
    )
    receive(world.brand, "guardian", fact, payload="{}", received_at=fact.at)


def card(world: World, n: int, amount: Decimal) -> None:
    """A card payment: with its fee, with a part of it, or without any."""
    job = world.job(n)
    fee = (D(0), D("1.00"), (amount * D("0.035")).quantize(D("0.01")))[n % 3]
    _fact(
        world,
        f"ord-{world.orders}",
        job,
        "captured",
        amount=amount + fee,
        fee=fee,
        method="card",
        data={"funding": ("credit", "debit")[n % 2], "last4": "4242"},
    )


def check(world: World, n: int, amount: Decimal) -> None:
    """A check that nobody has confirmed yet, or cash."""
    method = (Method.CHECK, Method.CASH)[n % 2]
    money = record.Manual(method=method, reference="1234", happened_at=world.later())
    record.record_payment(world.brand, world.job(n), amount, money, by="Dana")


def check_over_both(world: World, n: int, amount: Decimal) -> None:
    money = record.Manual(method=Method.CASH, happened_at=world.later())
    shares = [(world.job(0), amount), (world.job(1), D("10.00"))]
    record.record_check_over(world.brand, shares, money, by="Dana")


def _payment(world: World, n: int) -> Payment:
    payment: Payment = _pick(Payment.objects.filter(brand=world.brand), n)
    return payment


def clear(world: World, n: int, amount: Decimal) -> None:
    record.confirm(_payment(world, n), by="Dana")


def correct(world: World, n: int, amount: Decimal) -> None:
    changes = record.Correction(amount=amount)
    record.correct(_payment(world, n), changes, reason="Read wrong")


def void_payment(world: World, n: int, amount: Decimal) -> None:
    record.void(_payment(world, n), reason="Entered by mistake")


def bounce(world: World, n: int, amount: Decimal) -> None:
    fee = D("35.00") if n % 3 == 0 else None
    said = returns.Returned(moments.today(world.brand.time_zone), ReturnReason.FUNDS, bank_fee=fee)
    returns.return_payment(_payment(world, n), said)


def clear_after_all(world: World, n: int, amount: Decimal) -> None:
    returns.undo_return(_payment(world, n), reason="It was another check")


# Money back ---------------------------------------------------------------------------------------


def refund(world: World, n: int, amount: Decimal) -> None:
    payment = _payment(world, n)
    left = verbs.refundable(payment).services
    services = left if n % 4 == 0 else min(left, amount)
    verbs.queue_refund(payment, services, reason="Agreed", by="Dana")


def refund_asked(world: World, n: int, amount: Decimal) -> None:
    """A refund with its question answered: the client owes less, or owes it again."""
    payment, owes = _payment(world, n // 2), list(preview_of_refunds.Owes)[n % 2]
    job = payment.work_order
    left = verbs.refundable(payment, job).services
    preview_of_refunds.refund(
        payment, job, min(left, amount), owes=owes, reason="Agreed", by="Dana"
    )


def _refund(world: World, n: int) -> Refund:
    refund: Refund = _pick(Refund.objects.filter(brand=world.brand), n)
    return refund


def refund_done(world: World, n: int, amount: Decimal) -> None:
    verbs.complete_refund(_refund(world, n), reference=f"re_{world.later():%H%M}{n}")


def refund_failed(world: World, n: int, amount: Decimal) -> None:
    verbs.fail_refund(_refund(world, n), why="Account closed")


def refund_cancelled(world: World, n: int, amount: Decimal) -> None:
    """Its credit note goes with it; the job comes to what was shown."""
    row = _refund(world, n)
    promised = undo.preview_cancel(row)
    try:
        undo.cancel_refund(row, reason="Not wanted after all", expected=promised.fingerprint)
    except ValidationError as error:
        if "other amounts" in str(error):
            raise AssertionError("a preview was not kept") from error
        raise
    came_to = settlements.job_settlement(row.work_order).whole
    assert (came_to.balance, came_to.word) == (promised.after.balance, promised.after.word)


def dispute(world: World, n: int, amount: Decimal) -> None:
    """The bank takes a card payment back, wholly or in part."""
    payment = _pick(Payment.objects.filter(brand=world.brand, provider="guardian"), n)
    part = {"amount": min(amount, payment.amount)} if n % 2 else {}
    _fact(world, payment.provider_order_id, payment.work_order, "chargeback", **part)


def provider_refund(world: World, n: int, amount: Decimal) -> None:
    """The provider reports a gross refund: queued, done, or failed after all."""
    status = ("refund_queued", "refunded", "refund_failed")[n % 3]
    payment = _pick(Payment.objects.filter(brand=world.brand, provider="guardian"), n)
    values = {"amount": min(amount, payment.amount), "data": {"refund_id": f"re-{n // 3}"}}
    _fact(world, payment.provider_order_id, payment.work_order, status, **values)


# Credits and fees ---------------------------------------------------------------------------------


def credit_note(world: World, n: int, amount: Decimal) -> None:
    invoice = _pick(Invoice.objects.filter(brand=world.brand, kind="standard"), n)
    lines = [CreditLine("Goodwill", -amount)]
    note = credit_notes.draft_credit_note(world.brand, invoice.pk, lines, reason="Goodwill")
    credit_notes.issue_credit_note(world.brand, note.pk)


def void_note(world: World, n: int, amount: Decimal) -> None:
    note = _pick(Invoice.objects.filter(brand=world.brand, kind="credit_note"), n)
    credit_notes.void_credit_note(world.brand, note.pk, reason="Made twice")


def apply(world: World, n: int, amount: Decimal) -> None:
    credit = _pick(ClientCredit.objects.filter(brand=world.brand), n)
    invoice = _pick(Invoice.objects.filter(brand=world.brand, status="issued"), n // 2)
    part = min(amount, client_credit.left_of(credit))
    client_credit.apply_credit(world.brand, credit.pk, invoice.pk, part, reason="Used")


def take_off(world: World, n: int, amount: Decimal) -> None:
    credit = _pick(ClientCredit.objects.filter(brand=world.brand), n)
    invoice = _pick(Invoice.objects.filter(brand=world.brand), n // 2)
    client_credit.unapply_credit(world.brand, credit.pk, invoice.pk, reason="Wrong invoice")


def keep(world: World, n: int, amount: Decimal) -> None:
    """What a job was overpaid becomes the client's credit."""
    for document in settlements.job_settlement(world.job(n)).documents:
        surplus = -document.settlement.balance
        if surplus > 0:
            client_credit.keep_as_credit(world.brand, document.invoice.pk, surplus, reason="Kept")


def _missing_fee(world: World, n: int) -> tuple[WorkOrder, str]:
    job = world.job(n)
    rows = settlements.job_settlement(job).whole.because["fee_uncollected"]
    keys = [row.ref for row in rows if row.ref.startswith("payment:")]
    if not keys:
        raise ValidationError("no fee is missing")
    return job, keys[n % len(keys)]


def waive(world: World, n: int, amount: Decimal) -> None:
    job, key = _missing_fee(world, n)
    fee_decisions.waive_fee(world.brand, job.pk, key, reason="Our mistake", by="Dana")


def bill_fee(world: World, n: int, amount: Decimal) -> None:
    job, key = _missing_fee(world, n)
    fee_decisions.bill_fee(world.brand, job.pk, key, reason="Agreed", by="Dana")


def switch_fee(world: World, n: int, amount: Decimal) -> None:
    job = world.job(n)
    jobs.set_fee_disabled(world.brand, job.pk, not job.fee_disabled, reason="Regular client")


VERBS: dict[str, Verb] = {
    verb.__name__: verb
    for verb in (
        *(bill, edit, confirm, cancel, call_off, issue, void, prepay),
        *(card, check, check_over_both, clear, correct, void_payment, bounce, clear_after_all),
        *(
            refund,
            refund_asked,
            refund_done,
            refund_failed,
            refund_cancelled,
            dispute,
            provider_refund,
        ),
        *(credit_note, void_note, apply, take_off, keep, waive, bill_fee, switch_fee),
    )
}
