"""What a CSR of Cedar & Stone sees under *Needs attention*: eight jobs, always the same eight.

Every other job of the volume is settled or still on its way.
"""

from collections.abc import Callable
from decimal import Decimal

from demo.build import BOOKKEEPER, STRIPE, Calendar, Line, card, client_actor, step
from demo.payments import Money, Pay, by_hand, declined, stripe

MakeMoney = Callable[[Calendar, Pay, Line], Money]
NO_FEE = Decimal(0)


def with_attention(c: Calendar, n: int, line: Line, day: int) -> Line:
    """The ``n``-th job, inspected ``day`` days ago; one of the eight gets the money of its case."""
    make = CASES.get(n)
    if make is None:
        return line
    services = sum((Decimal(x["amount"]) for x in line["charges"]), Decimal(0))
    pay = Pay(line["client"]["name"], services, day, day, "3", 1001 + n)
    history = [s for s in line["history"] if s.get("status") != "cancelled" and "charges" not in s]
    return {**line, "history": history, "attempts": [], **make(c, pay, line["actor"])}


def two_declines(c: Calendar, pay: Pay, csr: Line) -> Money:
    """Two cards, two declines, nothing since."""
    tries = (("18:41", "0341", "insufficient_funds"), ("18:47", "7719", "do_not_honor"))
    attempts = [
        declined(c.at(pay.day, at), pay, card("Visa", last4, "debit"), NO_FEE, code, f"N{last4}")
        for at, last4, code in tries
    ]
    return {"attempts": attempts, "payments": []}


def returned_debit(c: Calendar, pay: Pay, csr: Line) -> Money:
    """A bank debit came back for want of funds, and nobody has paid since."""
    bank = {"method": "ach", "card_brand": "Alpine Bank", "last4": "5530"}
    made = stripe(c.at(pay.day - 1, "12:15"), pay, bank, NO_FEE, "processing")
    back = step(c.at(pay.day - 5, "07:30"), STRIPE, status="failed", failure_code="R01")
    made["attempts"][0]["history"] = [back]
    made["history"] = [back]
    return {"payments": [made]}


def disputed(c: Calendar, pay: Pay, csr: Line) -> Money:
    """The bank asks for the money back; the answer is due next week."""
    made = stripe(c.at(pay.day, "13:08"), pay, card("Mastercard", "6644", "debit"), NO_FEE)
    made["disputes"] = [
        {
            "id": f"dp_3R{pay.number}",
            "at": c.at(2, "07:20"),
            "actor": STRIPE,
            "status": "open",
            "amount": made["amount"],
            "reason_code": "fraudulent",
            "reason": "The cardholder says they did not make this payment",
            "evidence_due_on": c.day(-9),
        }
    ]
    return {"payments": [made]}


def refund_failed(c: Calendar, pay: Pay, csr: Line) -> Money:
    """Part of it should have gone back, and could not."""
    made = stripe(c.at(pay.day, "16:52"), pay, card("Visa", "2108", "debit"), NO_FEE)
    failed = step(
        c.at(3, "06:10"), STRIPE, status="failed", failure_reason="The card account was closed"
    )
    made["refunds"] = [
        {
            "id": "R",
            "at": c.at(6, "10:15"),
            "actor": BOOKKEEPER,
            "status": "pending",
            "amount": "75.00",
            "reason": "Attic was not accessible",
            "provider_refund_id": f"re_3R{pay.number}",
            "history": [failed],
        }
    ]
    return {"payments": [made]}


def unknown(c: Calendar, pay: Pay, csr: Line) -> Money:
    """Stripe did not answer: perhaps charged, perhaps not."""
    means = card("Visa", "4417", "debit")
    made = stripe(c.ago(21), pay, means, NO_FEE, "unknown")
    return {"payments": [made | {"actor": client_actor(pay.who)}]}


def promised(method: str, note: str, due: int) -> MakeMoney:
    """Money that was promised and should be here by now; ``due`` days ago."""

    def make(c: Calendar, pay: Pay, csr: Line) -> Money:
        made = by_hand(c.at(pay.day - 1, "11:20"), pay, csr, method, "pending")
        return {"payments": [made | {"note": note, "follow_up_on": c.day(due)}]}

    return make


# By position; all of them were inspected in the last three weeks.
CASES: dict[int, MakeMoney] = {
    276: promised("check", "Check is in the mail", 6),
    278: promised("wire", "Relocation company sends a wire", 2),
    279: disputed,
    281: refund_failed,
    282: returned_debit,
    285: promised("check", "Agent brings the check to the office", 0),
    288: two_declines,
    290: unknown,
}
