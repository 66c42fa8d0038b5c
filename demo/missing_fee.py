"""Jobs like RIA2159: a job of 500.00 paid by other means, terms, switches and decisions."""

from collections.abc import Iterator
from typing import Any

from demo.build import MARCUS, STRIPE, Calendar, Line, card, charge, job, step

BILL = [charge("L1", "Full Home Inspection", "500.00")]
WITH_FEES = {"total_with_fees": "517.95", "total_fees": "17.95", "remaining_balance": "0.00"}


def ria(c: Calendar, number: int, name: str, address: str, day: int, **parts: Any) -> Line:
    """A job of RIA of 500.00."""
    return job(c, number, name, address, day, brand="ria", bill=BILL, **parts)


def by_card(c: Calendar, number: int, day: int, fee: str = "", funding: str = "credit") -> Line:
    """500.00 by card ``day`` days ago, with its fee of 17.95, or without where ``fee`` is ""."""
    means = card("Visa", f"{number}", funding)
    amount = "517.95" if fee else "500.00"
    return {
        **means,
        "id": "P1",
        "at": c.at(day, "12:41"),
        "actor": STRIPE,
        "provider": "stripe",
        "status": "completed",
        "amount": amount,
        "fee_amount": fee or "0.00",
        "reference": f"pi_3QxRIA{number}",
        "references": [f"pi_3QxRIA{number}", f"ch_3QxRIA{number}"],
        "attempts": [
            {
                **means,
                "at": c.at(day, "12:41"),
                "provider": "stripe",
                "status": "succeeded",
                "amount": amount,
                "references": [f"pi_3QxRIA{number}"],
            }
        ],
    }


def by_check(c: Calendar, day: int, amount: str = "500.00", number: str = "2160") -> Line:
    """A check that cleared."""
    return {
        "id": f"C{number}",
        "at": c.at(day, "11:20"),
        "actor": MARCUS,
        "method": "check",
        "provider": "manual",
        "status": "completed",
        "amount": amount,
        "reference": number,
    }


def lines(c: Calendar) -> Iterator[Line]:
    """All of them; what was decided of the fees of 2165 to 2167 is in ``decided``."""
    debit = by_card(c, 2138, 151, funding="debit")
    yield ria(c, 2138, "Leonard Kofi", "31 Bear Creek, Golden CO", 152, payments=[debit])
    billed = by_card(c, 2147, 60)
    yield ria(c, 2147, "Wanda Jurek", "880 Columbine Way, Golden CO", 61, payments=[billed])
    check = by_check(c, 12)
    yield ria(c, 2160, "Cora Delaney", "12 Lookout Road, Golden CO", 14, payments=[check])
    yield ria(
        c,
        2161,
        "Simon Adeyemi",
        "406 Elk Run, Golden CO",
        13,
        later=[step(c.at(16, "09:30"), MARCUS, fee_disabled=True, reason="Fee waived when booked")],
        payments=[by_card(c, 2161, 12)],
    )
    with_fee = by_card(c, 2162, 12, fee="17.95")
    yield ria(c, 2162, "Marguerite Voss", "2 Table Mesa, Golden CO", 13, payments=[with_fee])
    yield ria(
        c,
        2163,
        "Jerome Alston",
        "19 Quarry Trail, Golden CO",
        12,
        later=[step(c.at(9, "14:45"), MARCUS, fee_disabled=True, reason="Agent asked for it")],
        payments=[by_card(c, 2163, 11)],
    )
    yield ria(
        c,
        2164,
        "Bettina Krause",
        "55 Chimney Gulch, Golden CO",
        12,
        fee_disabled=True,
        legacy={**WITH_FEES, "paid": True},
        payments=[by_card(c, 2164, 11)],
    )
    for number, name, house in (
        (2165, "Dimitri Pavlou", "7"),
        (2166, "Annika Rosen", "9"),
        (2167, "Hugh Lockwood", "11"),
    ):
        address = f"{house} Tincup Terrace, Golden CO"
        yield ria(c, number, name, address, 10, payments=[by_card(c, number, 9)])
