"""Two believable brands: Cedar & Stone (300 jobs in 14 months) and Northlight (24, in CAD).

Everything follows from a seeded generator and the job's position; what would lie in the future
is cut off by ``build.until``, so the newest jobs are still under way.
"""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from demo import attention, names
from demo.build import (
    BOOKKEEPER,
    DANA,
    ELENA,
    MARCUS,
    Calendar,
    Line,
    charge,
    client_actor,
    contact,
    person,
    step,
)
from demo.payments import Pay, payments_of

CEDAR_JOBS = 300
CEDAR_DAYS = 425
LONG_JOB = 252
NORTHLIGHT_JOBS = 24
AHEAD = 12
CSRS = (DANA, DANA, MARCUS, ELENA)

SERVICES = (
    ("General Home Inspection", (375, 410, 425, 465, 520, 585)),
    ("Condo Inspection", (295, 315, 340)),
    ("New Construction Inspection", (395, 450)),
    ("Pre-Listing Inspection", (350, 385)),
)
EXTRAS = (
    ("Radon Test", 145, 0.42),
    ("Sewer Scope", 165, 0.34),
    ("Mold Air Sampling", 225, 0.07),
    ("Termite Inspection", 95, 0.09),
)


def cedar(c: Calendar) -> Iterator[Line]:
    """Cedar & Stone, oldest job first; the last ones are still to come."""
    rng = random.Random(20210417)
    for n in range(CEDAR_JOBS):
        day = CEDAR_DAYS - n * (CEDAR_DAYS + AHEAD) // (CEDAR_JOBS - 1)
        line = _job(c, rng, "cedar", 1001 + n, day, _DENVER)
        if n == LONG_JOB:
            line = _long(c, line, day)
        yield attention.with_attention(c, n, line, day)


def northlight(c: Calendar) -> Iterator[Line]:
    """Northlight, in Canadian dollars."""
    rng = random.Random(416)
    for n in range(NORTHLIGHT_JOBS):
        yield _job(c, rng, "northlight", 301 + n, 104 - n * 5, _TORONTO)


_DENVER: dict[str, Any] = {
    "prefix": "CED",
    "cities": names.DENVER,
    "streets": names.STREETS,
    "inspectors": names.INSPECTORS,
    "area": "303-555",
    "fee": "3",
}
_TORONTO: dict[str, Any] = {
    "prefix": "NLH",
    "cities": names.TORONTO,
    "streets": names.CANADIAN_STREETS,
    "inspectors": names.CANADIAN_INSPECTORS,
    "area": "416-555",
    "fee": "0",
}


def _job(
    c: Calendar, rng: random.Random, brand: str, number: int, day: int, place: dict[str, Any]
) -> Line:
    who = f"{rng.choice(names.FIRST)} {rng.choice(names.LAST)}"
    csr = rng.choice(CSRS)
    # Also the jobs to come are booked: at least a day ago.
    booked = max(day + rng.randint(2, 9), 1)
    inspector = rng.choice(place["inspectors"])
    bill = _bill(rng)
    services = sum((Decimal(x["amount"]) for x in bill), Decimal(0))
    phone = f"{place['area']}-{rng.randint(100, 199):04d}"
    line: Line = {
        "brand": brand,
        "number": f"{place['prefix']}{number}",
        "at": c.at(booked, _clock(rng, 8, 12)),
        "actor": csr,
        "client": person(who, id=f"{place['prefix']}-C{number}", phone=phone),
        "scheduled_for": c.at(day, rng.choice(("08:30", "09:00", "10:30", "13:00", "14:30"))),
        "inspector": inspector,
        "address": f"{rng.randint(12, 4800)} {rng.choice(place['streets'])}, "
        f"{rng.choice(place['cities'])}",
        "contacts": [contact("client", who, gets_invoices=True, phone=phone)],
        "charges": bill,
        "messages": _messages(c, rng, who, booked, day),
        "notes": _notes(c, rng, csr, booked),
        "history": [step(c.at(booked, _clock(rng, 13, 15)), csr, status="confirmed")],
    }
    if rng.random() < 0.45:
        line["contacts"].append(
            contact("buyers_agent", rng.choice(names.AGENTS), gets_invoices=rng.random() < 0.5)
        )
    _add_history(c, rng, line, Pay(who, services, day, booked, place["fee"], number))
    return line


def _add_history(c: Calendar, rng: random.Random, line: Line, pay: Pay) -> None:
    """How the job went: most are published and paid, some are cancelled, one in six is pending."""
    csr = line["actor"]
    if pay.day < -5 and rng.random() < 0.5:
        line["history"] = []
        return
    if rng.random() < 0.06:
        _cancel(c, rng, line, pay)
        return
    inspector = {"kind": "staff", "name": line["inspector"]}
    line["history"].append(step(c.at(pay.day, _clock(rng, 16, 18)), inspector, published=True))
    made = payments_of(c, rng, pay, csr)
    if less := made.pop("less", None):
        _charge_from(line, c.at(pay.day - 2, "10:05"), BOOKKEEPER, less, less["description"])
    line.update(made)
    if rng.random() < 0.05:
        _reinspect(c, line, pay, csr)


def _cancel(c: Calendar, rng: random.Random, line: Line, pay: Pay) -> None:
    """Half of them cancel early and owe nothing, half on the day and owe the fee for it."""
    csr = line["actor"]
    if rng.random() < 0.5:
        at, charges, reason = c.at(pay.day + 1, "16:20"), [], "Contract terminated by the buyer"
    else:
        at, reason = c.at(pay.day, "07:40"), "Cancelled on the day of the inspection"
        charges = [charge("X1", "Same-Day Cancellation Fee", "125.00")]
        paid = Pay(pay.who, Decimal(125), pay.day - 2, pay.booked, pay.fee, pay.number)
        line.update(payments_of(c, rng, paid, csr, only=("card_debit", "check")))
    line["history"].append(step(at, csr, status="cancelled", reason=reason, charges=charges))


def _reinspect(c: Calendar, line: Line, pay: Pay, csr: Line) -> None:
    """A second visit, added to the bill and paid on the spot."""
    visit = charge("RI", "Re-Inspection", "150.00")
    _charge_from(line, c.at(pay.day - 6, "11:05"), csr, visit, "Re-inspection after repairs")
    cash = {
        "id": "RI",
        "at": c.at(pay.day - 9, "12:10"),
        "actor": csr,
        "method": "cash",
        "provider": "manual",
        "status": "completed",
        "amount": "150.00",
        "payer_name": pay.who,
        "note": "Paid to the inspector at the re-inspection",
    }
    line["payments"] = [*line.get("payments", []), cash]


def _charge_from(line: Line, at: str, who: Line, added: Line, reason: str) -> None:
    """One more line on the bill, from ``at`` on."""
    bills = [line["charges"], *(s["charges"] for s in line["history"] if "charges" in s)]
    line["history"].append(step(at, who, charges=[*bills[-1], added], reason=reason))


def _bill(rng: random.Random) -> list[Line]:
    service, prices = rng.choices(SERVICES, weights=(14, 3, 2, 1))[0]
    lines = [charge("L1", service, f"{rng.choice(prices)}.00")]
    for n, (extra, price, chance) in enumerate(EXTRAS, start=2):
        if rng.random() < chance:
            lines.append(charge(f"L{n}", extra, f"{price}.00"))
    if rng.random() < 0.14:
        label = rng.choice(("Military discount", "Returning client discount", "Agent referral"))
        lines.append({"id": "D1", "description": label, "amount": "-25.00"})
    return lines


def _messages(c: Calendar, rng: random.Random, who: str, booked: int, day: int) -> list[Line]:
    client = client_actor(who)
    made: list[Line] = [
        {"at": c.at(booked, "12:30"), "kind": "agreement_sent", "person": who},
        {
            "at": c.at(booked, _clock(rng, 19, 21)),
            "actor": client,
            "kind": "agreement_signed",
            "person": who,
        },
        {
            "at": c.at(day + 1, "16:00"),
            "actor": {"kind": "system", "name": "Paystory"},
            "kind": "sms_sent",
            "person": who,
            "text": "Reminder: your home inspection is tomorrow.",
        },
    ]
    return made if booked > day + 1 else made[:2]


def _notes(c: Calendar, rng: random.Random, csr: Line, booked: int) -> list[Line]:
    if rng.random() > 0.3:
        return []
    return [{"at": c.at(booked, "15:45"), "actor": csr, "text": rng.choice(names.NOTES)}]


def _clock(rng: random.Random, first: int, last: int) -> str:
    return f"{rng.randint(first, last - 1):02d}:{rng.randint(0, 59):02d}"


CHECKS = 70


def _long(c: Calendar, line: Line, day: int) -> Line:
    """Closing was put off twice: three orders, each checked by the provider day after day."""
    amount = sum((Decimal(x["amount"]) for x in line["charges"]), Decimal(0))
    orders = [_checked_order(c, line, f"{amount}", n, day - 11 * n) for n in range(3)]
    history = [s for s in line["history"] if s.get("status") != "cancelled" and "charges" not in s]
    return {**line, "history": history, "attempts": [], "payments": orders}


def _checked_order(c: Calendar, line: Line, amount: str, n: int, day: int) -> Line:
    steps: list[Line] = [
        {"status": "selected", "at": c.at(day, "18:05")},
        {"status": "agreement_signed", "at": c.at(day, "18:26")},
    ]
    for check in range(CHECKS):
        at = c.at(day - 1 - check // 7, f"{6 + 2 * (check % 7):02d}:{check * 7 % 60:02d}")
        answer = {"check": check + 1, "title_company": "no closing date yet"}
        steps.append({"status": "submitted", "at": at, "data": answer})
    if n < 2:
        why = "Closing was put off; a new order follows"
        steps.append({"status": "cancelled", "at": c.at(day - 11, "09:15"), "detail": why})
    else:
        steps.append({"status": "approved", "at": c.at(day - 11, "10:15")})
        steps.append({"status": "funded", "at": c.at(day - 12, "09:00")})
    return {
        "id": f"LONG{n + 1}",
        "at": steps[0]["at"],
        "method": "pac",
        "provider": "flexfund",
        "amount": amount,
        "order_id": f"FLX-{line['number']}-{n + 1}",
        "payer_name": line["client"]["name"],
        "statusHistory": steps,
    }
