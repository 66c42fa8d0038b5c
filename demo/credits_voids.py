"""Credits, voids and older figures; what an import cannot say of them is in ``decided``."""

from collections.abc import Iterator
from typing import Any

from demo.build import BOOKKEEPER, Calendar, Line, charge, job, person
from demo.cancelled import INSPECTION, went_back
from demo.items import by_hand, check

RENTALS = person("Larkspur Rentals", id="C-1651")


def _one(amount: str, service: str = "General Home Inspection") -> list[Line]:
    return [charge("L1", service, amount)]


def _job(c: Calendar, number: int, name: str, day: int, **parts: Any) -> Line:
    return job(c, number, name, f"{number} Franklin Road, Boise ID", day, **parts)


def one_credit_two_invoices(c: Calendar) -> Iterator[Line]:
    """A of 1000.00, B of 400.00, and a credit of 250.00 of which 150.00 and 100.00 are used."""
    note = {
        "id": "K1",
        "kind": "credit_note",
        "amount": "250.00",
        "invoice": "FHI652",
        "at": c.at(12, "09:05"),
        "actor": BOOKKEEPER,
        "reason": "Inspector came a day late",
        "lines": [
            {"description": "Inspector came a day late", "amount": "-270.00"},
            {"description": "Key returned by courier", "amount": "20.00"},
        ],
        "applied": [
            {"invoice": "FHI651", "amount": "150.00", "at": c.at(12, "09:12")},
            {"invoice": "FHI652", "amount": "100.00", "at": c.at(5, "09:12")},
        ],
    }
    bill = _one("1000.00", "Commercial Walk-Through")
    yield _job(c, 651, RENTALS["name"], 15, bill=bill, client=RENTALS)
    yield _job(c, 652, RENTALS["name"], 14, bill=_one("400.00"), client=RENTALS, credits=[note])


def credit_on_a_void(c: Calendar) -> Line:
    """A credit was on an invoice that is void now: it is the client's again."""
    note = {
        "id": "K1",
        "kind": "credit_note",
        "amount": "150.00",
        "invoice": "FHI653",
        "at": c.at(7, "10:30"),
        "actor": BOOKKEEPER,
        "reason": "Thermal camera was out of order",
        "applied": [{"invoice": "FHI653", "amount": "150.00", "at": c.at(7, "10:32")}],
    }
    bill = _one("1000.00", "Commercial Walk-Through")
    return _job(c, 653, "Ferdinand Oakes", 9, bill=bill, credits=[note])


def lines(c: Calendar) -> Iterator[Line]:
    """All of them; the first credit note of the brand comes first."""
    yield from one_credit_two_invoices(c)
    yield credit_on_a_void(c)
    ten = by_hand(c, "1", 6, "10.00", "cash")
    yield _job(c, 654, "Blanche Moreau", 7, bill=INSPECTION, payments=[ten])
    back = went_back(c.at(4, "13:20"), "329.00", "0.00", "Billed to the wrong company", "65500")
    paid = check(c, "1", 7, "329.00", refunds=[back])
    yield _job(c, 655, "Cyrus Hammond", 8, bill=INSPECTION, payments=[paid])
    unused = {
        "id": "K1",
        "kind": "credit_note",
        "amount": "50.00",
        "invoice": "FHI657",
        "at": c.at(4, "10:30"),
        "actor": BOOKKEEPER,
        "reason": "Report was late",
    }
    yield _job(c, 657, "Delphine Marsh", 6, bill=INSPECTION, credits=[unused])
    old = {"total_amount": "75.00", "credit_applied": "25.00"}
    yield _job(c, 658, "Ernest Vail", 20, bill=_one("100.00", "Radon Test"), legacy=old)
    ahead = {
        "id": "K1",
        "kind": "prepayment",
        "amount": "300.00",
        "method": "check",
        "reference": "8804",
        "at": c.at(9, "11:40"),
        "actor": BOOKKEEPER,
    }
    yield _job(c, 659, "Genevieve Stroud", 6, bill=INSPECTION, credits=[ahead])
    mason = person("Mason & Daughters", id="C-1660")
    early = {"total_amount": "300.00", "is_prepayment": True}
    yield _job(c, 660, mason["name"], 30, bill=[], client=mason, legacy=early)
    yield _job(c, 661, mason["name"], 8, bill=_one("500.00"), client=mason)
    yield _job(c, 662, "Rosalind Teague", 18, bill=[], legacy={"total_amount": "-50.00"})
    yield _job(c, 663, "Ambrose Kilgore", 5, bill=INSPECTION)
