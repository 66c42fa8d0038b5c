"""Money that a client paid before there was a bill: client credit, no document and no payment.

It is recorded once the money arrived. ``client_credit.apply_credit`` puts it on invoices; what
nobody needs is given back. Amounts are in the brand's currency.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from core import clock, moments
from core.money import display, quantize
from core.refusal import Question, ask
from invoicing.models import ClientCredit, CreditKind
from invoicing.queries import credits as reads
from workorders.domain.locks import lock_work_orders
from workorders.domain.reasons import MAX_REASON, cleaned_reason
from workorders.models import Client

# What a prepayment may come by, in the words of payments; each with what its reference is.
METHODS = {
    "check": "Check",
    "cash": "Cash",
    "wire": "Wire",
    "bank_transfer": "Bank transfer",
    "card": "Card",
    "other": "Other",
}
REFERENCES = {
    "check": "check number",
    "wire": "wire reference",
    "bank_transfer": "transfer reference",
    "card": "reference of the card payment",
}
MAX_REFERENCE = 120
# Clocks differ a little: a minute ahead is now.
AHEAD = timedelta(minutes=1)


@transaction.atomic
def record_prepayment(
    brand: Brand,
    client_id: int,
    amount: Decimal,
    *,
    method: str,
    reference: str = "",
    received_at: datetime,
    reason: str = "",
    answer: str | None = None,
) -> ClientCredit:
    """Write down that ``amount`` of a client's money is here; it is theirs to use on invoices.

    ValidationError names ``amount`` (above zero), ``method``, ``reference`` (where the method
    has one), ``received_at`` (not to come) or ``client``. ``answer`` is what somebody answered to
    the question whether it is here already, "" before it was asked; None asks nobody.
    """
    client = Client.objects.filter(brand=brand, pk=client_id).first()
    if client is None:
        raise ValidationError({"client": "Choose a client of this brand."})
    _check_amount(brand, amount)
    if method not in METHODS:
        raise ValidationError({"method": "Choose how it was paid."})
    name = _reference(reference, REFERENCES.get(method, ""))
    if received_at > clock.now() + AHEAD:
        text = "That day is in the future: record it once the money has arrived."
        raise ValidationError({"received_at": text})
    label = f"{METHODS[method]} {name}".strip()
    if answer is not None:
        # Two people who record the same money at once wait for each other.
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        ask(_same(client, amount, label, received_at), answer)
    return ClientCredit.objects.create(
        brand=brand,
        client=client,
        kind=CreditKind.PREPAYMENT,
        amount=amount,
        label=label,
        method=method,
        reference=name,
        reason=cleaned_reason(reason, required=False),
        happened_at=received_at,
    )


def _same(client: Client, amount: Decimal, label: str, received_at: datetime) -> list[Question]:
    """The client's prepayments of that method, reference and amount; of that day without one."""
    zone, currency = client.brand.time_zone, client.brand.currency
    rows = client.credits.filter(kind=CreditKind.PREPAYMENT, amount=amount, label__iexact=label)
    found = []
    for row in rows.order_by("pk"):
        day = moments.day_of(row.happened_at, zone)
        if row.reference or day == moments.day_of(received_at, zone):
            words = f"{row.label} of {display(amount, currency)}"
            text = f"{words} is recorded already: a prepayment of {moments.day_text(day)}."
            found.append(Question(text, "credit", row.pk))
    return found


@transaction.atomic
def give_back(
    brand: Brand, credit_id: int, amount: Decimal, *, reference: str, reason: str
) -> ClientCredit:
    """Write down that ``amount`` of a prepayment went back, at the provider or the bank.

    ValidationError names ``amount`` (above zero, at most what is left), ``reference`` or
    ``reason``. Other credits came from a document: their money goes back by a refund there.
    """
    why = cleaned_reason(reason, required=True)
    name = _reference(reference, "reference of the transfer back")
    granted = ClientCredit.objects.get(brand=brand, pk=credit_id)
    if granted.work_order_id is not None:
        lock_work_orders(brand, [granted.work_order_id])
    credit = ClientCredit.objects.select_for_update(no_key=True).get(brand=brand, pk=credit_id)
    if refusal := why_not_give_back(credit):
        raise ValidationError(refusal, code="refused")
    _check_amount(brand, amount)
    left = reads.left_of(credit)
    if amount > left:
        text = f"Only {display(left, brand.currency)} is left of {credit.label}."
        raise ValidationError({"amount": text})
    credit.returned += amount
    credit.reason = f"{why} (given back as {name})"[:MAX_REASON]
    credit.save(update_fields=["returned", "reason"])
    return credit


def why_not_give_back(credit: ClientCredit) -> str:
    """Why a credit's money does not go back from here, with the way out; "" when it does."""
    if credit.kind == CreditKind.CREDIT_NOTE:
        return (
            f"{credit.label} is no money. Refund a payment of the client, then put it on what "
            "that leaves due."
        )
    if credit.kind == CreditKind.OVERPAYMENT:
        return "Put it back on its invoice, then refund the payment there."
    return "" if reads.left_of(credit) > 0 else f"Nothing is left of {credit.label}."


def _check_amount(brand: Brand, amount: Decimal) -> None:
    if not amount.is_finite() or amount <= 0 or amount != quantize(amount, brand.currency):
        raise ValidationError({"amount": "Enter an amount above zero."})


def _reference(text: str, needed: str) -> str:
    """The reference on one line; ValidationError where one is ``needed`` or it is too long."""
    cleaned = " ".join(text.split())
    if needed and not cleaned:
        raise ValidationError({"reference": f"Enter the {needed}."})
    if len(cleaned) > MAX_REFERENCE:
        raise ValidationError({"reference": f"At most {MAX_REFERENCE} characters."})
    return cleaned
