"""What an import cannot bring: fees waived or billed, invoices and credit notes voided.

Each is done by the verb that staff use, in their name and at its own time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from accounts.models import Brand
from activity.actors import Actor, ActorKind, acting_as
from demo.build import BOOKKEEPER, DANA, MARCUS, Calendar, Line
from invoicing.domain import client_credit, credit_notes, fee_decisions, issuing
from invoicing.domain.credit_lines import CreditLine
from invoicing.models import ClientCredit, CreditKind, Invoice
from payments.domain import record
from payments.models import Method
from workorders.models import WorkOrder

INSTALMENTS = 100


@dataclass(frozen=True)
class StaffAction:
    """One verb of one person at its time."""

    at: str
    who: Line
    do: Callable[[], object]


def _brand(slug: str) -> Brand:
    return Brand.objects.get(slug=slug)


def _job(number: str) -> WorkOrder:
    return WorkOrder.objects.select_related("brand").get(number=number)


def _invoice(number: str) -> Invoice:
    return Invoice.objects.get(brand=_brand("fhi"), number=number)


def bill_it(number: str) -> None:
    """Ask the client for the fee that their card payment came in without."""
    job, key = _missing(number)
    why = "Client agreed to pay it separately"
    fee_decisions.bill_fee(job.brand, job.pk, key, why)


def waive(number: str) -> None:
    """Waive the fee that a card payment came in without."""
    job, key = _missing(number)
    fee_decisions.waive_fee(job.brand, job.pk, key, "Our form did not show the fee")


def _missing(number: str) -> tuple[WorkOrder, str]:
    job = _job(number)
    return job, fee_decisions.missing_fees(job)[0].payment


def pay_the_fee(number: str, at: datetime) -> None:
    """17.95 by check: the fee itself carries no fee."""
    job = _job(number)
    check = record.Manual(method=Method.CHECK, reference="4406", happened_at=at)
    payment = record.record_payment(job.brand, job, Decimal("17.95"), check, by="Ruth Okafor")
    record.confirm(payment, by="Ruth Okafor", at=at)


def pay_in_cash(number: str, at: datetime) -> None:
    """1.00 in cash."""
    job = _job(number)
    cash = record.Manual(method=Method.CASH, payer_name=job.client.name, happened_at=at)
    record.record_payment(job.brand, job, Decimal("1.00"), cash, by="Dana Whitfield")


def void_invoice(number: str, reason: str) -> None:
    """Void an invoice; credits on it return to the client, who keeps the note from it."""
    keep = issuing.Notes.KEEP
    issuing.void_invoice(_brand("fhi"), _invoice(number).pk, reason=reason, notes=keep)


def void_credit_note(job: str) -> None:
    """Void the credit note of a job, which nobody used."""
    note = Invoice.objects.get(work_order=_job(job), kind="credit_note")
    credit_notes.void_credit_note(note.brand, note.pk, reason="Report was in time after all")


def use_prepayment(of: str, on: str) -> None:
    """Put the whole prepayment of one job on the invoice of another."""
    credit = ClientCredit.objects.get(work_order=_job(of), kind=CreditKind.PREPAYMENT)
    client_credit.apply_credit(credit.brand, credit.pk, _invoice(on).pk, credit.amount)


def draft_credit_note(number: str) -> None:
    """A draft under its provisional number; it binds nobody yet."""
    lines = [CreditLine("Second bathroom was locked", Decimal("-40.00"))]
    reason = "Second bathroom was locked"
    credit_notes.draft_credit_note(_brand("fhi"), _invoice(number).pk, lines, reason=reason)


def instalments(fhi: Calendar) -> list[StaffAction]:
    """FHI646 is paid in a hundred instalments of 1.00, five a day."""
    times = [fhi.at(24 - n // 5, f"{9 + n % 5}:15".rjust(5, "0")) for n in range(INSTALMENTS)]
    return [
        StaffAction(at, DANA, partial(pay_in_cash, "FHI646", datetime.fromisoformat(at)))
        for at in times
    ]


def decisions(fhi: Calendar, ria: Calendar) -> list[StaffAction]:
    """Every action, oldest first."""
    paid_at = datetime.fromisoformat(ria.at(6, "10:10"))
    return [
        *instalments(fhi),
        StaffAction(ria.at(8, "09:20"), MARCUS, lambda: bill_it("RIA2165")),
        StaffAction(ria.at(8, "09:25"), MARCUS, lambda: waive("RIA2166")),
        StaffAction(ria.at(8, "09:30"), MARCUS, lambda: bill_it("RIA2167")),
        StaffAction(ria.at(6, "10:10"), BOOKKEEPER, lambda: pay_the_fee("RIA2167", paid_at)),
        StaffAction(fhi.at(6, "14:00"), BOOKKEEPER, lambda: use_prepayment("FHI660", "FHI661")),
        StaffAction(
            fhi.at(5, "16:05"),
            BOOKKEEPER,
            lambda: void_invoice("FHI653", "Billed twice by two offices"),
        ),
        StaffAction(
            fhi.at(3, "10:45"),
            BOOKKEEPER,
            lambda: void_invoice("FHI655", "Billed to the wrong company"),
        ),
        StaffAction(fhi.at(3, "11:00"), BOOKKEEPER, lambda: void_credit_note("FHI657")),
        StaffAction(fhi.at(2, "15:10"), BOOKKEEPER, lambda: draft_credit_note("FHI663")),
    ]


def do_all(now: datetime) -> None:
    """Do every action as of its own time. The jobs must be loaded."""
    at = {b.slug: Calendar(now, b.time_zone) for b in Brand.objects.filter(slug__in=("fhi", "ria"))}
    for decided in decisions(at["fhi"], at["ria"]):
        actor = Actor(ActorKind.STAFF, decided.who["name"])
        with acting_as(actor, at=datetime.fromisoformat(decided.at), imported=True):
            decided.do()
