"""How the volume's jobs are paid: ten ways, by weight."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.split import fee_part
from demo import names
from demo.build import (
    BOOKKEEPER,
    STRIPE,
    Calendar,
    Line,
    card,
    client_actor,
    event,
    fee_of,
    step,
)


@dataclass(frozen=True)
class Pay:
    """What is to be paid: by whom, how much, days ago of inspection and booking, fee percent."""

    who: str
    services: Decimal
    day: int
    booked: int
    fee: str
    number: int


Money = dict[str, Any]
Maker = Callable[[Calendar, random.Random, Pay, Line], Money]


def payments_of(
    c: Calendar, rng: random.Random, pay: Pay, csr: Line, only: tuple[str, ...] = ()
) -> Money:
    """Payments and attempts of a job, in one of the ways."""
    ways = {name: WAYS[name] for name in only} if only else WAYS
    weights = [weight for weight, _ in ways.values()]
    _, make = rng.choices(list(ways.values()), weights=weights)[0]
    return make(c, rng, pay, csr)


def _card(rng: random.Random, pay: Pay, *, credit: bool | None = None) -> tuple[Line, Decimal]:
    """A card and the fee that paying by it costs (debit cards carry none)."""
    brand, funding = rng.choice(names.CARDS)
    if credit is False:
        funding = "debit"
    fee = fee_of(pay.services, pay.fee) if funding == "credit" else Decimal(0)
    return card(brand, f"{rng.randint(0, 9999):04d}", funding), fee


def stripe(
    at: str, pay: Pay, means: Line, fee: Decimal, status: str = "completed", key: str = "S"
) -> Line:
    """A payment of Stripe with the attempt that made it; ``status`` is where it began."""
    amount = f"{pay.services + fee:.2f}"
    ids = [f"pi_3R{pay.number}{key}", f"ch_3R{pay.number}{key}"]
    outcome = {"completed": "succeeded"}.get(status, status)
    attempt = {
        **means,
        "at": at,
        "provider": "stripe",
        "status": outcome,
        "amount": amount,
        "references": ids,
        "fee_expected": f"{fee:.2f}",
    }
    return {
        **means,
        "id": key,
        "at": at,
        "actor": STRIPE,
        "provider": "stripe",
        "status": status,
        "amount": amount,
        "fee_amount": f"{fee:.2f}",
        "payer_name": pay.who,
        "reference": ids[0],
        "references": ids,
        "attempts": [attempt],
    }


def _at(c: Calendar, rng: random.Random, day: int) -> str:
    return c.at(day, f"{rng.randint(8, 20):02d}:{rng.randint(0, 59):02d}")


def card_stripe(c: Calendar, rng: random.Random, pay: Pay, csr: Line) -> Money:
    """A card on the pay page."""
    means, fee = _card(rng, pay)
    return {"payments": [stripe(_at(c, rng, pay.day), pay, means, fee)]}


def card_debit(c: Calendar, rng: random.Random, pay: Pay, csr: Line) -> Money:
    """A debit card: no fee."""
    means, fee = _card(rng, pay, credit=False)
    return {"payments": [stripe(_at(c, rng, pay.day), pay, means, fee)]}


def card_guardian(c: Calendar, rng: random.Random, pay: Pay, csr: Line) -> Money:
    """A card through Guardian, by its own events."""
    means, fee = _card(rng, pay)
    minute = rng.randint(10, 50)
    sums = {"amount": f"{pay.services + fee:.2f}", "fee_amount": f"{fee:.2f}"}
    steps = [
        event(c.at(pay.day, f"08:{minute}:05"), "authorised", **sums),
        event(c.at(pay.day, f"08:{minute}:48"), "captured", **sums),
        event(c.at(pay.day - 1, "03:15"), "settled", **sums),
    ]
    order = {
        **means,
        **sums,
        "id": "G",
        "at": steps[0]["at"],
        "provider": "guardian",
        "order_id": f"GRD-9{pay.number}",
        "payer_name": pay.who,
        "statusHistory": steps,
    }
    return {"payments": [order]}


def declined(at: str, pay: Pay, means: Line, fee: Decimal, code: str, key: str) -> Line:
    """An attempt of the client that the bank declined."""
    return {
        **means,
        "id": key,
        "at": at,
        "actor": client_actor(pay.who),
        "provider": "stripe",
        "status": "failed",
        "amount": f"{pay.services + fee:.2f}",
        "failure_code": "card_declined",
        "decline_code": code,
        "references": [f"ch_3R{pay.number}{key}"],
    }


def declined_first(c: Calendar, rng: random.Random, pay: Pay, csr: Line) -> Money:
    """A decline, then another card."""
    bad, bad_fee = _card(rng, pay)
    good, fee = _card(rng, pay)
    code = rng.choice(names.DECLINES)
    minute = rng.randint(10, 30)
    first = declined(c.at(pay.day, f"18:{minute}"), pay, bad, bad_fee, code, "D1")
    paid = stripe(c.at(pay.day, f"18:{minute + 9}"), pay, good, fee)
    return {"attempts": [first], "payments": [paid]}


def failed(c: Calendar, rng: random.Random, pay: Pay, csr: Line) -> Money:
    """A decline, and the client sends a check instead."""
    bad, fee = _card(rng, pay)
    first = declined(c.at(pay.day, "19:12"), pay, bad, fee, rng.choice(names.DECLINES), "D1")
    return {"attempts": [first], **check(c, rng, pay, csr)}


def check(c: Calendar, rng: random.Random, pay: Pay, csr: Line) -> Money:
    """A check, recorded when it comes, confirmed when it clears, reconciled by billing."""
    recorded = pay.day - rng.randint(1, 5)
    cleared = recorded - rng.randint(3, 5)
    note = {"reconciled_note": f"Deposit of {c.day(cleared)}"}
    return {
        "payments": [
            {
                "id": "C",
                "at": c.at(recorded, "11:20"),
                "actor": csr,
                "method": "check",
                "provider": "manual",
                "status": "pending",
                "amount": f"{pay.services:.2f}",
                "payer_name": pay.who,
                "reference": f"{rng.randint(101, 9899)}",
                "follow_up_on": c.day(cleared - 4) if recorded < 25 else None,
                "history": [
                    step(
                        c.at(cleared, "14:05"),
                        BOOKKEEPER,
                        status="completed",
                        confirmed=True,
                        follow_up_on=None,
                    ),
                    step(c.at(cleared - 6, "16:30"), BOOKKEEPER, **note),
                ],
            }
        ]
    }


def promised(c: Calendar, rng: random.Random, pay: Pay, csr: Line) -> Money:
    """Old ones paid by check; recent ones only promised, with a date to look again."""
    made = check(c, rng, pay, csr)
    if pay.day < 45:
        made["payments"][0] |= {
            "note": "Check is in the mail",
            "follow_up_on": c.day(pay.day - 12),
            "history": [],
        }
    return made


def pay_at_close(c: Calendar, rng: random.Random, pay: Pay, csr: Line) -> Money:
    """Paid by the title company at closing."""
    days = rng.randint(12, 26)
    closing = {"closing_on": c.day(pay.day - days)}
    title = {"title_company": rng.choice(names.TITLES)}
    steps = [
        event(c.at(pay.booked, "18:40"), "selected"),
        event(c.at(pay.booked, "18:55"), "agreement_signed"),
        event(c.at(pay.day, "18:30"), "submitted", data=closing),
        event(c.at(pay.day - 1, "10:45"), "submitted", data={**closing, **title}),
        event(c.at(pay.day - 6, "13:10"), "approved", data=title),
        event(c.at(pay.day - 9, "09:00"), "funded"),
        event(c.at(pay.day - days, "16:50"), "collected_at_closing", data=title),
    ]
    order = {
        "id": "F",
        "at": steps[0]["at"],
        "method": "pac",
        "provider": "flexfund",
        "amount": f"{pay.services:.2f}",
        "payer_name": pay.who,
        "order_id": f"FLX-9{pay.number}",
        "statusHistory": steps,
    }
    return {"payments": [order]}


def ach(c: Calendar, rng: random.Random, pay: Pay, csr: Line) -> Money:
    """A bank debit: four days of processing, then received."""
    bank = {"method": "ach", "card_brand": rng.choice(names.BANKS)}
    bank["last4"] = f"{rng.randint(0, 9999):04d}"
    paid = stripe(c.at(pay.day, "12:15"), pay, bank, Decimal(0), "processing")
    done = c.at(pay.day - 4, "07:30")
    paid["attempts"][0]["history"] = [step(done, STRIPE, status="succeeded")]
    paid["history"] = [step(done, STRIPE, status="completed")]
    return {"payments": [paid]}


def cash(c: Calendar, rng: random.Random, pay: Pay, csr: Line) -> Money:
    """Cash, handed to the inspector."""
    return {"payments": [by_hand(c.at(pay.day, "17:10"), pay, csr, "cash", "completed")]}


def wire(c: Calendar, rng: random.Random, pay: Pay, csr: Line) -> Money:
    """A wire, pending until billing confirms it."""
    made = by_hand(c.at(pay.day - 1, "10:30"), pay, csr, "wire", "pending")
    made["reference"] = f"W{rng.randint(100000, 999999)}"
    made["history"] = [
        step(c.at(pay.day - 2, "09:40"), BOOKKEEPER, status="completed", confirmed=True)
    ]
    return {"payments": [made]}


def by_hand(at: str, pay: Pay, csr: Line, method: str, status: str) -> Line:
    """A payment that a CSR wrote down."""
    return {
        "id": "M",
        "at": at,
        "actor": csr,
        "method": method,
        "provider": "manual",
        "status": status,
        "amount": f"{pay.services:.2f}",
        "payer_name": pay.who,
    }


def refunded(c: Calendar, rng: random.Random, pay: Pay, csr: Line) -> Money:
    """A card payment of which a part went back."""
    means, fee = _card(rng, pay)
    paid = stripe(_at(c, rng, pay.day), pay, means, fee)
    back = Decimal(rng.choice((50, 75, 145)))
    reason = rng.choice(("Radon monitor failed", "Service not performed", "Goodwill"))
    fee_back = fee_part(back, fee, pay.services, "USD")
    paid["refunds"] = [
        {
            "id": "R",
            "at": c.at(pay.day - 2, "10:15"),
            "actor": BOOKKEEPER,
            "status": "pending",
            "amount": f"{back + fee_back:.2f}",
            "fee_amount": f"{fee_back:.2f}",
            "reason": reason,
            "provider_refund_id": f"re_3R{pay.number}",
            "history": [step(c.at(pay.day - 4, "05:20"), STRIPE, status="completed")],
        }
    ]
    # The bill is lowered first, so that what goes back is a surplus and nothing is owed again.
    less = {"id": "LESS", "description": reason, "amount": f"{-back:.2f}"}
    return {"payments": [paid], "less": less}


def unpaid(c: Calendar, rng: random.Random, pay: Pay, csr: Line) -> Money:
    """Nothing came yet; old ones were paid after all."""
    return {} if pay.day < 30 else card_debit(c, rng, pay, csr)


WAYS: dict[str, tuple[int, Maker]] = {
    "card_stripe": (24, card_stripe),
    "card_debit": (8, card_debit),
    "card_guardian": (14, card_guardian),
    "declined_first": (8, declined_first),
    "failed": (6, failed),
    "check": (14, check),
    "promised": (5, promised),
    "pay_at_close": (15, pay_at_close),
    "ach": (8, ach),
    "cash": (2, cash),
    "wire": (3, wire),
    "refunded": (7, refunded),
    "unpaid": (3, unpaid),
}
