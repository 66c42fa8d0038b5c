"""Deposits and items: an invoice of 1000.00, item A 300.00 and item B 700.00, at every stage."""

from collections.abc import Iterator
from typing import Any

from demo.build import BOOKKEEPER, DANA, Calendar, Line, charge, job, step
from demo.cancelled import went_back

BILL = [
    charge("A", "Sewer Scope", "300.00"),
    charge("B", "Commercial Walk-Through", "700.00"),
]
BANK_PAYS = "The bank pays instead"


def by_hand(c: Calendar, key: str, day: int, amount: str, method: str, **more: Any) -> Line:
    """Money that Dana wrote down; of checks and wires the ``reference`` is among ``more``."""
    return {
        "id": key,
        "at": c.at(day, "11:15"),
        "actor": DANA,
        "method": method,
        "provider": "manual",
        "status": "completed",
        "amount": amount,
        **more,
    }


def check(c: Calendar, key: str, day: int, amount: str, **more: Any) -> Line:
    """A check that is money already."""
    return by_hand(c, key, day, amount, "check", reference=f"64{key}", **more)


def _fifty(c: Calendar, day: int, **more: Any) -> list[Line]:
    """The deposit and the rest."""
    return [check(c, "1", day, "500.00"), check(c, "2", day - 2, "500.00", **more)]


def _house(c: Calendar, number: int, name: str, day: int, **parts: Any) -> Line:
    parts = {"bill": BILL, **parts}
    return job(c, number, name, f"{number} Warm Springs Avenue, Boise ID", day, **parts)


def instalments(c: Calendar) -> Line:
    """33.34, 33.33 and 33.33; ``decided`` pays them, 1.00 at a time."""
    bill = [
        charge("A", "Radon Test", "33.34"),
        charge("B", "Well Water Test", "33.33"),
        charge("C", "Mold Air Sampling", "33.33"),
    ]
    return _house(c, 646, "Gus Thibodeau", 25, bill=bill)


def wire(c: Calendar, key: str, day: int, **more: Any) -> Line:
    """A wire, pending until somebody saw it on the account."""
    values = {"status": "pending", "reference": f"W64{key}", "payer_name": "Payette Holdings"}
    return by_hand(c, key, day, "1000.00", "wire", **values | more)


def lines(c: Calendar) -> Iterator[Line]:
    """Each stage a job of its own."""
    yield _house(c, 641, "Carlotta Mendes", 6)
    yield _house(c, 642, "Winston Achterberg", 8, payments=[check(c, "1", 8, "500.00")])
    yield _house(c, 643, "Joanna Feld", 9, payments=_fifty(c, 9))
    # A check went back by check: no fee goes with it.
    part = went_back(c.at(4, "09:30"), "100.00", "0.00", "Paid again by the seller", "64400")
    yield _house(c, 644, "Ulises Barragan", 10, payments=_fifty(c, 10, refunds=[part]))
    halves = [
        check(
            c,
            key,
            day,
            "500.00",
            refunds=[went_back(c.at(3, at), "500.00", "0.00", BANK_PAYS, f"6450{key}")],
        )
        for key, day, at in (("1", 10, "09:30"), ("2", 8, "09:40"))
    ]
    yield _house(c, 645, "Sigrid Aamodt", 11, payments=halves)
    yield instalments(c)
    discount = {"id": "D", "description": "Returning client discount", "amount": "-50.00"}
    full = [check(c, "7", 7, "950.00")]
    yield _house(c, 647, "Thaddeus Brewer", 8, bill=[*BILL, discount], payments=full)
    yield _house(c, 648, "Payette Holdings", 4, payments=[wire(c, "8", 2)])
    seen = [step(c.at(3, "09:40"), BOOKKEEPER, status="completed", confirmed=True)]
    yield _house(c, 649, "Payette Holdings", 6, payments=[wire(c, "9", 5, history=seen)])
