"""Jobs that a CSR of FHI works on today: one to follow up, one disputed, one unknown."""

from collections.abc import Iterator

from demo.attempts import declined, pac, stripe
from demo.build import (
    DANA,
    STRIPE,
    Calendar,
    Line,
    card,
    charge,
    client_actor,
    event,
    job,
    step,
)


def follow_up(c: Calendar) -> Line:
    """The check is in the mail, and should be here by now."""
    check = {
        "id": "713",
        "at": c.at(6, "14:12"),
        "actor": DANA,
        "method": "check",
        "provider": "manual",
        "status": "pending",
        "amount": "400.00",
        "payer_name": "Harriet Coleman",
        "reference": "5521",
        "note": "Check is in the mail, says the client",
        "follow_up_on": c.day(1),
    }
    return job(c, 713, "Harriet Coleman", "250 Willow Bend, Boise ID", 7, payments=[check])


def disputed(c: Calendar) -> Line:
    """The client's bank asks for the money back; the answer is due."""
    payment = stripe(
        "714",
        c.at(18, "12:44"),
        "400.00",
        card("Visa", "0259"),
        "completed",
        disputes=[
            {
                "id": "dp_3Q714",
                "at": c.at(1, "07:20"),
                "actor": STRIPE,
                "status": "open",
                "amount": "414.00",
                "reason_code": "product_not_received",
                "reason": "The client says that no report was received",
                "evidence_due_on": c.day(-8),
            }
        ],
    )
    return job(c, 714, "Curtis Vandermeer", "9 Stonegate Drive, Eagle ID", 19, payments=[payment])


def unknown(c: Calendar) -> Line:
    """Stripe did not answer a few minutes ago: perhaps charged, perhaps not."""
    visa = card("Visa", "2255", "debit")
    actor = client_actor("Imani Brooks")
    payment = stripe("715", c.ago(9), "400.00", visa, "unknown", actor=actor)
    return job(c, 715, "Imani Brooks", "1716 Hillcrest Loop, Boise ID", 1, payments=[payment])


def funded_now(c: Calendar) -> Line:
    """A pay-at-close order that moved a few minutes ago."""
    steps = [
        event(c.at(5, "10:20"), "selected"),
        event(c.at(5, "10:41"), "agreement_signed"),
        event(c.at(4, "16:05"), "submitted", data={"closing_on": c.day(-12)}),
        event(c.ago(4), "approved", data={"approved_by": "underwriting"}),
    ]
    payments = [pac("FLX-71900", "400.00", steps, payer_name="Sofia Marchetti")]
    return job(c, 719, "Sofia Marchetti", "33 Larch Terrace, Boise ID", 2, payments=payments)


def still_declined(c: Calendar) -> Line:
    """Two declines yesterday, and nothing since."""
    name = "Peter Nakagawa"
    attempts = [
        declined(
            c.at(1, "17:31"), name, "414.00", card("Visa", "1189"), "expired_card", "ch_3Q720A"
        ),
        declined(
            c.at(1, "17:40"), name, "414.00", card("Amex", "1005"), "do_not_honor", "ch_3Q720B"
        ),
    ]
    return job(c, 720, name, "88 Basalt Street, Meridian ID", 2, attempts=attempts)


def one_check_three_jobs(c: Calendar) -> Iterator[Line]:
    """Check 20077 of 900.00 pays three jobs of 300.00, recorded on the last one."""
    bill = [charge("L1", "General Home Inspection", "300.00")]
    addresses = ("101", "103", "105")
    owner = "Birchwood Rentals"
    made = [
        job(c, 716 + n, owner, f"{house} Birchwood Row, Boise ID", 11, bill=bill)
        for n, house in enumerate(addresses)
    ]
    check = {
        "id": "718",
        "at": c.at(9, "10:40"),
        "actor": DANA,
        "method": "check",
        "provider": "manual",
        "status": "pending",
        "amount": "900.00",
        "payer_name": owner,
        "reference": "20077",
        "shares": [{"work_order": line["number"], "amount": "300.00"} for line in made],
        "history": [step(c.at(6, "15:55"), DANA, status="completed", confirmed=True)],
    }
    made[2]["payments"] = [check]
    yield from made


def lines(c: Calendar) -> Iterator[Line]:
    """All of them."""
    yield follow_up(c)
    yield disputed(c)
    yield unknown(c)
    yield from one_check_three_jobs(c)
    yield funded_now(c)
    yield still_declined(c)
