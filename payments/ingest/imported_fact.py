"""A payment that was imported as it stood is a fact of its own beside the events that follow.

It is frozen in ``Payment.imported_fact`` when the importer writes the payment: the row itself
moves with each later event, and a fact that moved along would make the order of events matter.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from payments.facts.fold import Fact
from payments.models import Payment, PaymentStatus

S = PaymentStatus
# Status → the step that says the same, of pay-at-close and of card and bank.
_AS_STEP = {
    S.REQUIRES_ACTION: ("offered", "authorised"),
    S.PENDING: ("agreement_signed", "authorised"),
    S.PROCESSING: ("submitted", "authorised"),
    S.UNKNOWN: ("offered", "authorised"),
    S.COMPLETED: ("funded", "captured"),
    S.DISPUTED: ("funded", "captured"),
    S.FAILED: ("failed", "failed"),
    S.VOIDED: ("voided", "voided"),
    S.CHARGED_BACK: ("charged_back", "chargeback"),
    S.RETURNED: ("charged_back", "chargeback"),
}
# What an import knows and no event may tell.
DETAILS = ("card_brand", "last4", "funding", "payer_name", "failure_code")


def freeze(values: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The fact of an imported payment: its values as the import reports them, as of ``at``.

    Amounts are gross, written as text: JSON has no exact numbers.
    """
    shares = values.get("shares", ())
    return {
        "status": str(values["status"]),
        "amount": f"{values['amount']}",
        "fee": f"{values['fee_amount']}" if values.get("is_fee_reported", True) else None,
        "at": (values["paid_at"] or at).isoformat(),
        "method": str(values["method"]),
        "detail": values["failure_message"],
        "data": {name: str(values[name]) for name in DETAILS},
        "shares": [[number, f"{a}", f"{fee}"] for number, a, fee in shares if a is not None],
    }


def imported_status(payment: Payment | None) -> str:
    """The status that the import gave; "" for a payment that was not imported as one fact."""
    fact = payment.imported_fact if payment is not None else None
    return str(fact["status"]) if fact else ""


def imported_details(payment: Payment) -> Mapping[str, str]:
    """What the import knew of card and payer."""
    fact = payment.imported_fact
    return fact["data"] if fact else {}


def imported_shares(payment: Payment) -> dict[str, tuple[Decimal, Decimal]]:
    """Gross amount and fee of each job's share as an import over several reported it, by number."""
    rows = (payment.imported_fact or {}).get("shares", [])
    return {number: (Decimal(amount), Decimal(fee)) for number, amount, fee in rows}


def imported_fact(payment: Payment | None) -> list[Fact]:
    """The frozen fact, if there is one. Never read from what the row says now."""
    if payment is None or payment.imported_fact is None:
        return []
    frozen = payment.imported_fact
    is_card = frozen["method"] in ("card", "ach")
    return [
        Fact(
            event_id="",
            status=_AS_STEP[S(frozen["status"])][is_card],
            at=datetime.fromisoformat(frozen["at"]),
            amount=Decimal(frozen["amount"]),
            fee=None if frozen["fee"] is None else Decimal(frozen["fee"]),
            method=frozen["method"] if is_card else "",
            detail=frozen["detail"],
            data=frozen["data"],
        )
    ]
