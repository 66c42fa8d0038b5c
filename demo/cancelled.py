"""Jobs like FHI624: cancelled ones, and refunds after which the client owes again or not."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from core.split import fee_part
from demo.attempts import guardian
from demo.build import BOOKKEEPER, DANA, Calendar, Line, card, charge, event, job, step

INSPECTION = [charge("L1", "General Home Inspection", "329.00")]
SAME_DAY = [charge("L2", "Same Day Cancelation - HI NOT Done", "125.00")]
NEVER_PUBLISHED: dict[str, Any] = {"published_at": None}
HUNDRED = 100


def paid_by_card(c: Calendar, number: int, day: int, **more: Any) -> Line:
    """329.00 and the fee of 11.52, captured by Guardian ``day`` days ago."""
    sums = {"amount": "340.52", "fee_amount": "11.52"}
    steps = [
        event(c.at(day, "08:14:05"), "authorised", **sums),
        event(c.at(day, "08:14:41"), "captured", **sums),
    ]
    means = card("Visa", f"{4000 + number}")
    order = f"GRD-8{number}0"
    return guardian(order, "340.52", means, steps, fee_amount="11.52", **more)


def went_back(at: str, amount: str, fee: str, reason: str, key: str) -> Line:
    """A refund that billing wrote down once it was done."""
    return {
        "id": key,
        "at": at,
        "actor": BOOKKEEPER,
        "status": "completed",
        "amount": amount,
        "fee_amount": fee,
        "reason": reason,
        "provider_refund_id": f"rf_{key}",
    }


def _cancelled(c: Calendar, day: int, reason: str, charges: list[Line]) -> Line:
    return step(c.at(day, "15:30"), DANA, status="cancelled", reason=reason, charges=charges)


def never_paid(c: Calendar) -> Line:
    """Nothing is billed, nothing was paid."""
    later = [_cancelled(c, 9, "Seller withdrew the house", [])]
    return job(
        c,
        625,
        "Ingrid Solberg",
        "14 Heron Place, Boise ID",
        8,
        bill=INSPECTION,
        later=later,
        **NEVER_PUBLISHED,
    )


def fee_unpaid(c: Calendar) -> Line:
    """125.00 is billed for the cancellation, and open."""
    later = [_cancelled(c, 8, "Buyer called it off that morning", SAME_DAY)]
    return job(
        c,
        626,
        "Marco Bellini",
        "530 Tamarack Lane, Boise ID",
        8,
        bill=INSPECTION,
        later=later,
        **NEVER_PUBLISHED,
    )


def money_held(c: Calendar) -> Line:
    """Nothing is billed any more, and the money is still here: overpaid."""
    later = [_cancelled(c, 4, "Buyer lost the loan", [])]
    return job(
        c,
        627,
        "Olivia Renner",
        "77 Sagewood Court, Meridian ID",
        3,
        bill=INSPECTION,
        later=later,
        payments=[paid_by_card(c, 627, 6)],
        **NEVER_PUBLISHED,
    )


def all_returned(c: Calendar) -> Line:
    """Nothing is billed any more, and everything went back."""
    why = "Inspector was ill, the client booked elsewhere"
    refund = went_back(c.at(9, "16:10"), "340.52", "11.52", why, "62800")
    return job(
        c,
        628,
        "Rafael Quintero",
        "9 Sandpiper Way, Eagle ID",
        8,
        bill=INSPECTION,
        later=[_cancelled(c, 9, why, [])],
        payments=[paid_by_card(c, 628, 10, refunds=[refund])],
        **NEVER_PUBLISHED,
    )


def from_spectora(c: Calendar) -> Line:
    """A job of another system: paid here, and bookkeeping stays there."""
    return job(
        c,
        629,
        "Yolanda Pierce",
        "2020 Chinden Row, Garden City ID",
        9,
        bill=INSPECTION,
        origin="spectora",
        payments=[paid_by_card(c, 629, 9)],
    )


def only_the_name(c: Calendar) -> Line:
    """A service that is called "Cancellation" on a job that is not: an ordinary line."""
    bill = [*INSPECTION, charge("L2", "Cancellation", "75.00")]
    check = {
        "id": "630",
        "at": c.at(7, "11:05"),
        "actor": DANA,
        "method": "check",
        "provider": "manual",
        "status": "completed",
        "amount": "404.00",
        "payer_name": "Edwin Castellanos",
        "reference": "3107",
    }
    return job(
        c,
        630,
        "Edwin Castellanos",
        "61 Rosehill Street, Boise ID",
        8,
        bill=bill,
        payments=[check],
        notes=[
            {
                "at": c.at(13, "11:00"),
                "text": "Also bills what an earlier booking of this client cost to call off.",
            }
        ],
    )


def due_again(c: Calendar) -> Line:
    """100.00 of services was refunded by mistake: the client owes it again."""
    why = "Card was charged for a visit that is paid by check instead"
    refund = went_back(c.at(5, "10:20"), "103.50", "3.50", why, "63100")
    return job(
        c,
        631,
        "Hazel Lindgren",
        "812 Blue Spruce Drive, Boise ID",
        7,
        bill=INSPECTION,
        payments=[paid_by_card(c, 631, 7, refunds=[refund])],
    )


def lower_bill(c: Calendar) -> Line:
    """The same refund with a credit note: the client owes less, and nothing again."""
    why = "Crawl space could not be entered"
    refund = went_back(c.at(5, "10:20"), "103.50", "3.50", why, "63200")
    credit = {
        "id": "K1",
        "kind": "credit_note",
        "amount": "100.00",
        "invoice": "FHI632",
        "at": c.at(5, "10:15"),
        "actor": BOOKKEEPER,
        "reason": why,
        "applied": [{"invoice": "FHI632", "amount": "100.00", "at": c.at(5, "10:16")}],
    }
    return job(
        c,
        632,
        "Abel Tewolde",
        "45 Mallard Bend, Star ID",
        7,
        bill=INSPECTION,
        payments=[paid_by_card(c, 632, 7, refunds=[refund])],
        credits=[credit],
    )


def step_by_step(c: Calendar) -> Line:
    """100.00 and its fee of 3.50, given back in a hundred steps of 1.00."""
    sums = {"amount": "103.50", "fee_amount": "3.50"}
    steps = [event(c.at(9, "09:40:11"), "captured", **sums)]
    whole, fee = Decimal(HUNDRED), Decimal("3.50")
    gone, refunds = Decimal("0.00"), []
    for n in range(1, HUNDRED + 1):
        so_far = fee_part(Decimal(n), fee, whole, "USD")
        part, gone = so_far - gone, so_far
        # Ten a day: each day is one step of the import.
        at = c.at(9 - (n - 1) // 20, ("10:00", "15:00")[(n - 1) // 10 % 2])
        why = f"Deposit returned, part {n} of {HUNDRED}"
        refunds.append(went_back(at, f"{1 + part:.2f}", f"{part:.2f}", why, f"633{n:02}"))
    means = card("Visa", "4633")
    payment = guardian("GRD-86330", "103.50", means, steps, fee_amount="3.50", refunds=refunds)
    bill = [charge("L1", "Inspection deposit", "100.00")]
    return job(
        c, 633, "Petra Novotny", "3 Cedar Hollow, Boise ID", 10, bill=bill, payments=[payment]
    )


def lines(c: Calendar) -> Iterator[Line]:
    """All of them."""
    for make in (
        never_paid,
        fee_unpaid,
        money_held,
        all_returned,
        from_spectora,
        only_the_name,
        due_again,
        lower_bill,
        step_by_step,
    ):
        yield make(c)
