"""The eleven cases of what can happen to a payment, and a few that a CSR meets today."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from demo.build import (
    BOOKKEEPER,
    DANA,
    MARCUS,
    STRIPE,
    SYSTEM,
    Calendar,
    Line,
    card,
    charge,
    client_actor,
    contact,
    event,
    fee_of,
    job,
    step,
)

# What FHI charges for paying by any card, in percent.
FEE = "3.5"


def declined(at: str, who: str, amount: str, means: Line, code: str, charge_id: str) -> Line:
    """An attempt of the client that came to nothing."""
    return {
        **means,
        "at": at,
        "actor": client_actor(who),
        "provider": "stripe",
        "status": "failed",
        "amount": amount,
        "failure_code": "card_declined" if code == "insufficient_funds" else code,
        "decline_code": code,
        "references": [charge_id],
    }


def stripe(key: str, at: str, services: str, means: Line, status: str, **more: Any) -> Line:
    """A Stripe payment with the attempt that made it; a card brings its fee beside services."""
    reference = f"pi_3Q{key}"
    outcome = {"completed": "succeeded"}.get(status, status)
    fee = fee_of(Decimal(services), FEE) if means["method"] == "card" else Decimal(0)
    amount = f"{Decimal(services) + fee:.2f}"
    quoted = {"fee_expected": f"{fee:.2f}"} if fee else {}
    attempt = {
        **means,
        **quoted,
        "at": at,
        "provider": "stripe",
        "status": outcome,
        "amount": amount,
        "references": [reference, f"ch_3Q{key}"],
        "history": more.pop("tries", []),
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
        "reference": reference,
        "references": [reference, f"ch_3Q{key}"],
        "attempts": [attempt],
        **more,
    }


def three_attempts(c: Calendar) -> Line:
    """1: no money, then no 3-D Secure, then it works."""
    # 398.36 of services and the fee of 13.94.
    name, amount = "Jonah Whitaker", "412.30"
    works = card("Mastercard", "8210", "debit")
    bill = [
        charge("L1", "General Home Inspection", "418.36"),
        {"id": "L2", "description": "Online booking discount", "amount": "-20.00"},
    ]
    return job(
        c,
        701,
        name,
        "902 Harvest Lane, Boise ID",
        6,
        bill=bill,
        attempts=[
            declined(
                c.at(6, "18:02"),
                name,
                amount,
                card("Visa", "9995", "debit"),
                "insufficient_funds",
                "ch_3Q701A",
            ),
            declined(
                c.at(6, "18:06"),
                name,
                amount,
                card("Visa", "3155", "debit"),
                "authentication_failed",
                "pi_3Q701B",
            ),
        ],
        payments=[stripe("701", c.at(6, "18:11"), "398.36", works, "completed")],
    )


def bank_then_card(c: Calendar) -> Line:
    """2: four days of processing, returned R01, then a card."""
    bank = {"method": "ach", "card_brand": "Zions Bank", "last4": "6789"}
    failed = {"status": "failed", "failure_code": "R01"}
    ach = stripe(
        "702",
        c.at(12, "12:20"),
        "400.00",
        bank,
        "processing",
        tries=[step(c.at(8, "07:30"), STRIPE, **failed)],
        history=[step(c.at(8, "07:30"), STRIPE, **failed)],
    )
    again = stripe("702B", c.at(7, "09:48"), "400.00", card("Visa", "1142", "debit"), "completed")
    return job(c, 702, "Maribel Castaneda", "77 Quail Run, Meridian ID", 13, payments=[ach, again])


def late_return(c: Calendar) -> Line:
    """3: completed, and taken back 21 days later: a lost dispute."""
    bank = {"method": "ach", "card_brand": "Idaho First", "last4": "4411"}
    payment = stripe(
        "703",
        c.at(33, "10:05"),
        "400.00",
        bank,
        "processing",
        tries=[step(c.at(29, "07:30"), STRIPE, status="succeeded")],
        history=[step(c.at(29, "07:30"), STRIPE, status="completed")],
        disputes=[
            {
                "id": "dp_3Q703",
                "at": c.at(8, "06:45"),
                "actor": STRIPE,
                "status": "lost",
                "amount": "400.00",
                "reason_code": "R10",
                "reason": "The account holder says they did not authorise it",
            }
        ],
    )
    return job(c, 703, "Desmond Achebe", "1440 Sage Street, Nampa ID", 34, payments=[payment])


def refund_failed(c: Calendar) -> Line:
    """4: the refund was accepted, and failed three days later."""
    payment = stripe(
        "704",
        c.at(10, "16:31"),
        "400.00",
        card("Visa", "7003", "debit"),
        "completed",
        refunds=[
            {
                "id": "704R",
                "at": c.at(5, "11:02"),
                "actor": BOOKKEEPER,
                "status": "pending",
                "amount": "77.63",
                "fee_amount": "2.63",
                "reason": "Detached garage was locked and not inspected",
                "provider_refund_id": "re_3Q704",
                "history": [
                    step(
                        c.at(2, "06:10"),
                        STRIPE,
                        status="failed",
                        failure_reason="The card was closed",
                    )
                ],
            }
        ],
    )
    return job(c, 704, "Alice Bergstrom", "315 Cottonwood Court, Eagle ID", 10, payments=[payment])


def guardian(order: str, amount: str, means: Line, steps: list[Line], **more: Any) -> Line:
    """A Guardian payment that its own events made."""
    return {
        **means,
        "id": order,
        "at": steps[0]["at"],
        "provider": "guardian",
        "amount": amount,
        "order_id": order,
        "statusHistory": steps,
        **more,
    }


def five_times(c: Calendar) -> Line:
    """5: each webhook came five times, and the history reversed: this is what is left."""
    sums = {"amount": "414.00", "fee_amount": "14.00"}
    steps = [
        event(c.at(15, "08:40:02"), "authorised", **sums, event_id="evt_705_1"),
        event(c.at(15, "08:40:30"), "captured", **sums, event_id="evt_705_2"),
        event(c.at(14, "03:15"), "settled", **sums, event_id="evt_705_3"),
    ]
    means = card("Visa", "5050", "debit")
    payment = guardian("GRD-70500", "414.00", means, steps, fee_amount="14.00")
    return job(c, 705, "Noor Haddad", "58 Larkspur Way, Boise ID", 16, payments=[payment])


def confirmed_late(c: Calendar) -> Line:
    """6: the provider timed out after it charged; the janitor found the charge."""
    confirmed_at = c.at(4, "13:41")
    payment = stripe(
        "706",
        c.at(4, "13:36"),
        "400.00",
        card("Visa", "6116", "debit"),
        "unknown",
        actor=client_actor("Walter Lindqvist"),
        tries=[step(confirmed_at, SYSTEM, status="succeeded")],
        history=[step(confirmed_at, SYSTEM, status="completed")],
    )
    return job(c, 706, "Walter Lindqvist", "2601 Orchard Avenue, Boise ID", 4, payments=[payment])


def double_click(c: Calendar) -> Line:
    """7: a double click and two tabs: one charge."""
    payment = stripe(
        "707", c.at(3, "19:22"), "400.00", card("Mastercard", "7077", "debit"), "completed"
    )
    return job(c, 707, "Keiko Tanaka", "440 Juniper Street, Boise ID", 3, payments=[payment])


def pac(order: str, amount: str, steps: list[Line], **more: Any) -> Line:
    """A pay-at-close order of FlexFund."""
    return {
        "id": order,
        "at": steps[0]["at"],
        "method": "pac",
        "provider": "flexfund",
        "amount": amount,
        "order_id": order,
        "statusHistory": steps,
        **more,
    }


def pay_at_close(c: Calendar) -> Line:
    """8: each step changed only what is nested in the order."""
    docs = {"documents": {"agreement": "signed", "settlement": "missing"}}
    complete = {"documents": {"agreement": "signed", "settlement": "received"}}
    steps = [
        event(c.at(20, "11:31"), "selected", data={"plan": "pay-at-close"}),
        event(c.at(20, "11:44"), "agreement_signed", data={"signed_by": "Camille Osei"}),
        event(
            c.at(19, "11:00"),
            "info_needed",
            detail="Closing date is missing",
            data={"missing": ["closing_date"], **docs},
        ),
        event(c.at(18, "15:20"), "info_needed", data={"missing": [], **docs}),
        event(c.at(18, "15:26"), "submitted", data={"closing_on": c.day(6), **docs}),
        event(c.at(16, "10:12"), "submitted", data={"closing_on": c.day(6), **complete}),
        event(c.at(15, "14:03"), "approved", data={"approved_by": "underwriting", **complete}),
        event(c.at(14, "09:00"), "funded", detail="Funded to Foothill Home Inspections"),
        event(
            c.at(5, "16:40"),
            "collected_at_closing",
            data={"title_company": "Treasure Valley Title"},
        ),
    ]
    more = {"payer_name": "Camille Osei"}
    line = job(
        c,
        708,
        "Camille Osei",
        "19 Foxglove Circle, Star ID",
        15,
        payments=[pac("FLX-70800", "400.00", steps, **more)],
    )
    line["contacts"].append(contact("title_company", "Treasure Valley Title"))
    return line


def sale_fell_through(c: Calendar) -> Line:
    """8, the other way: no closing, so the backup card was charged."""
    steps = [
        event(c.at(26, "09:12"), "selected"),
        event(c.at(26, "09:30"), "agreement_signed", data={"backup_card": {"last4": "3434"}}),
        event(c.at(25, "10:00"), "submitted", data={"closing_on": c.day(9)}),
        event(c.at(24, "13:15"), "approved"),
        event(c.at(9, "17:20"), "failed", detail="Sale fell through, no closing"),
        event(c.at(8, "06:00"), "backup_charged", data={"last4": "3434"}),
    ]
    payments = [pac("FLX-71200", "400.00", steps, payer_name="Owen Driscoll")]
    return job(c, 712, "Owen Driscoll", "803 Aspen Ridge, Boise ID", 22, payments=payments)


def settled_then_refunded(c: Calendar) -> Line:
    """9: authorised, captured, settled; the refund waited for the settlement."""
    part = {"amount": "103.50", "refund_id": "rf_70900"}
    steps = [
        event(c.at(4, "10:01:10"), "authorised", amount="414.00", fee_amount="14.00"),
        event(c.at(4, "10:01:52"), "captured", amount="414.00", fee_amount="14.00"),
        event(c.at(4, "15:15"), "refund_queued", detail="Waits for settlement", **part),
        event(c.at(3, "03:15"), "settled", amount="414.00", fee_amount="14.00"),
        event(c.at(3, "03:40"), "refunded", **part),
    ]
    payment = guardian("GRD-70900", "414.00", card("Visa", "9090"), steps, fee_amount="14.00")
    return job(c, 709, "Beatriz Moreno", "61 Elm Hollow, Garden City ID", 5, payments=[payment])


def invented_status(c: Calendar) -> Line:
    """10: a status that the provider invented; shown as it came, changes no money."""
    steps = [
        event(c.at(3, "08:10"), "selected"),
        event(c.at(3, "08:31"), "agreement_signed"),
        event(c.at(2, "09:05"), "submitted"),
        event(c.at(1, "09:47"), "escrow_recalibrated", data={"escrow": {"cycle": 3}}),
    ]
    payments = [pac("FLX-71000", "400.00", steps, payer_name="Thomas Yazzie")]
    return job(c, 710, "Thomas Yazzie", "12 Copper Canyon, Boise ID", 3, payments=payments)


def check_voided(c: Calendar) -> Line:
    """11: check 1234, recorded, corrected, voided."""
    payment = {
        "id": "711",
        "at": c.at(8, "11:15"),
        "actor": DANA,
        "method": "check",
        "provider": "manual",
        "status": "pending",
        "amount": "410.00",
        "payer_name": "Lorraine Pruitt",
        "reference": "1234",
        "history": [
            step(
                c.at(8, "11:21"),
                DANA,
                amount="400.00",
                reason="Typed 410 for 400: the check says 400.00",
            ),
            step(
                c.at(5, "09:02"),
                MARCUS,
                status="voided",
                reason="Check was made out to another company; client sends a new one",
            ),
        ],
    }
    return job(c, 711, "Lorraine Pruitt", "5 Millstone Road, Kuna ID", 9, payments=[payment])


def lines(c: Calendar) -> Iterator[Line]:
    """All of them; the jobs of today are in ``today``."""
    for make in (
        three_attempts,
        bank_then_card,
        late_return,
        refund_failed,
        five_times,
        confirmed_late,
        double_click,
        pay_at_close,
        settled_then_refunded,
        invented_status,
        check_voided,
        sale_fell_through,
    ):
        yield make(c)
