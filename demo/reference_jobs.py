"""FHI624 and RIA2159: the two jobs that the product was made for."""

from collections.abc import Iterator

from demo.build import (
    DANA,
    MARCUS,
    STRIPE,
    Calendar,
    Line,
    card,
    charge,
    client_actor,
    contact,
    event,
    person,
    step,
)

PRIYA = client_actor("Priya Raman")


def fhi624(c: Calendar) -> Line:
    """Cancelled after publication: 125.00 is charged, 211.14 refunded, nothing due."""
    visa = card("Visa", "4242")
    order = {"method": "card", "provider": "guardian", "order_id": "GRD-88190"}
    refund = {"amount": "211.14", "refund_id": "rf_88213"}
    return {
        "brand": "fhi",
        "number": "FHI624",
        "at": c.at(9, "10:02"),
        "actor": DANA,
        "client": person("Priya Raman", id="C-1188", phone="208-555-0134"),
        "scheduled_for": c.at(7, "09:00"),
        "inspector": "Luis Ortega",
        "address": "118 Alder Court, Boise ID",
        "contacts": [
            contact("client", "Priya Raman", gets_invoices=True, phone="208-555-0134"),
            contact("buyers_agent", "Tom Abbott", gets_invoices=True, phone="208-555-0171"),
        ],
        "charges": [charge("L1", "General Home Inspection", "329.00")],
        "messages": _fhi624_messages(c),
        "notes": [
            {
                "at": c.at(7, "15:36"),
                "text": "Buyer withdrew after the report went out. Same-day cancellation agreed "
                "with Priya by phone: keep 125.00, the rest goes back to her card.",
            }
        ],
        "history": [
            step(c.at(9, "10:20"), status="confirmed"),
            step(c.at(7, "14:10"), {"kind": "staff", "name": "Luis Ortega"}, published=True),
            step(
                c.at(7, "15:30"),
                DANA,
                status="cancelled",
                reason="Buyer withdrew the same day",
                charges=[charge("L2", "Same Day Cancelation - HI NOT Done", "125.00")],
            ),
        ],
        "attempts": [
            {
                **visa,
                "id": "A1",
                "at": c.at(7, "08:12"),
                "actor": PRIYA,
                "provider": "guardian",
                "status": "failed",
                "amount": "340.52",
                "fee_expected": "11.52",
                "failure_code": "card_declined",
                "decline_code": "insufficient_funds",
                "references": ["GRD-88187"],
            }
        ],
        "payments": [
            {
                **visa,
                **order,
                "id": "P1",
                "at": c.at(7, "08:14"),
                "amount": "340.52",
                "fee_amount": "11.52",
                "payer_name": "Priya Raman",
                "statusHistory": [
                    event(c.at(7, "08:14:05"), "authorised", amount="340.52", fee_amount="11.52"),
                    event(c.at(7, "08:14:41"), "captured", amount="340.52", fee_amount="11.52"),
                    event(c.at(7, "15:31"), "refund_queued", **refund),
                    event(c.at(7, "15:42"), "refunded", **refund),
                ],
                "refunds": [
                    {
                        "id": "R1",
                        "at": c.at(7, "15:30:30"),
                        "actor": DANA,
                        "status": "queued",
                        "amount": "211.14",
                        "fee_amount": "7.14",
                        "reason": "Returned what was paid above the new bill",
                        "provider_refund_id": "rf_88213",
                    }
                ],
            }
        ],
    }


def _fhi624_messages(c: Calendar) -> list[Line]:
    priya = {"person": "Priya Raman"}
    return [
        {"at": c.at(9, "10:04"), "actor": DANA, "kind": "agreement_sent", **priya},
        {"at": c.at(9, "10:17"), "actor": PRIYA, "kind": "agreement_signed", **priya},
        {
            "at": c.at(8, "16:00"),
            "actor": {"kind": "system", "name": "Paystory"},
            "kind": "sms_sent",
            **priya,
            "text": "Reminder: your home inspection at 118 Alder Court is tomorrow at 9:00 AM.",
        },
        {
            "at": c.at(8, "16:22"),
            "actor": PRIYA,
            "kind": "sms_received",
            **priya,
            "text": "Thanks! Gate code is 4411.",
        },
    ]


def ria2159(c: Calendar) -> Line:
    """Paid by credit card without its fee: 17.95 was expected and not collected."""
    owner = client_actor("Gabriel Fontaine")
    visa = card("Visa", "1881")
    references = ["pi_3QxRIA2159", "ch_3QxRIA2159"]
    return {
        "brand": "ria",
        "number": "RIA2159",
        "at": c.at(14, "11:31"),
        "actor": MARCUS,
        "client": person("Gabriel Fontaine", id="R-5521", phone="303-555-0108"),
        "scheduled_for": c.at(11, "13:00"),
        "inspector": "Hannah Brandt",
        "address": "2207 Ridgeline Drive, Golden CO",
        "contacts": [
            contact("client", "Gabriel Fontaine", phone="303-555-0108"),
            contact("buyers_agent", "Simone Keller", gets_invoices=True, phone="303-555-0155"),
        ],
        "charges": [charge("L1", "Full Home Inspection", "500.00")],
        "legacy": {
            "total_with_fees": "517.95",
            "total_fees": "17.95",
            "remaining_balance": "0.00",
            "paid": True,
        },
        "messages": [
            {"at": c.at(14, "11:40"), "kind": "agreement_sent", "person": "Gabriel Fontaine"},
            {
                "at": c.at(13, "19:05"),
                "actor": owner,
                "kind": "agreement_signed",
                "person": "Gabriel Fontaine",
            },
        ],
        "history": [
            step(c.at(14, "11:45"), status="confirmed"),
            step(c.at(11, "18:20"), {"kind": "staff", "name": "Hannah Brandt"}, published=True),
        ],
        "payments": [
            {
                **visa,
                "id": "P1",
                "at": c.at(11, "12:41"),
                "actor": STRIPE,
                "provider": "stripe",
                "status": "completed",
                "amount": "500.00",
                "payer_name": "Gabriel Fontaine",
                "reference": "pi_3QxRIA2159",
                "references": references,
                "attempts": [
                    {
                        **visa,
                        "at": c.at(11, "12:41"),
                        "provider": "stripe",
                        "status": "succeeded",
                        "amount": "500.00",
                        "fee_expected": "17.95",
                        "references": references,
                    }
                ],
            }
        ],
    }


def lines(c_fhi: Calendar, c_ria: Calendar) -> Iterator[Line]:
    """Both."""
    yield fhi624(c_fhi)
    yield ria2159(c_ria)
