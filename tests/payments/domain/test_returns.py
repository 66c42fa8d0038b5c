"""Returned by the bank: what was paid is due again, dated on the day of the return."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from activity.describe import render
from activity.models import Entry
from activity.projection import project_pending
from audit.run import Count, audit
from core import clock, moments
from core.refusal import field_of, message_of
from invoicing.models import Invoice, Item, LedgerEntry
from invoicing.queries.settlements import job_settlement
from invoicing.settlement.types import EntryKind, Settlement
from payments.domain import record, returns
from payments.domain.record import Correction, Manual
from payments.domain.returns import Returned
from payments.models import Payment, Refund, ReturnReason
from payments.refunds import verbs as refunds
from tests.factories import WorkOrderFactory
from tests.payments.conftest import Tell, incoming
from tests.surfaces.test_any_order import _Undo
from workorders.domain import charges, jobs
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder, WorkOrderStatus

D = Decimal
SENT = datetime(2026, 3, 2, 19, tzinfo=clock.now().tzinfo)
DAY = date(2026, 3, 9)


def billed(brand: Brand, number: str, amount: str) -> WorkOrder:
    job: WorkOrder = WorkOrderFactory(brand=brand, number=number)
    charges.replace_charges(brand, job.pk, [ChargeLine("Home inspection", D(amount))])
    jobs.set_status(brand, job.pk, WorkOrderStatus.CONFIRMED)
    return job


def check(job: WorkOrder, amount: str, **values: Any) -> Payment:
    """A check of 2 March that cleared on 4 March."""
    said: dict[str, Any] = {"method": "check", "reference": "1234", "happened_at": SENT} | values
    manual = Manual(**said)
    payment = record.record_payment(job.brand, job, D(amount), manual, by="Dana")
    return record.confirm(payment, by="Dana", at=SENT + timedelta(days=2))


def bounced(payment: Payment, **values: Any) -> Payment:
    said: dict[str, Any] = {"on": DAY, "why": ReturnReason.FUNDS} | values
    return returns.return_payment(payment, Returned(**said))


def whole(job: WorkOrder) -> Settlement:
    return job_settlement(WorkOrder.objects.select_related("brand").get(pk=job.pk)).whole


def findings(brand: Brand) -> list[str]:
    return [str(finding) for finding in audit([brand], Count())]


def test_a_bounced_check_is_due_again(bill: WorkOrder) -> None:
    payment = check(bill, "500.00")
    assert whole(bill).word.value == "Paid"

    bounced(payment)

    after = whole(bill)
    payment.refresh_from_db()
    assert (payment.status, payment.returned_on) == ("returned", DAY)
    assert (after.received, after.balance, after.word.value) == (D(0), D(500), "Due")
    assert {item.status for item in Item.objects.all()} == {"invoiced"}
    assert findings(bill.brand) == []


def test_the_ledger_dates_it_on_the_day_of_the_return(bill: WorkOrder) -> None:
    bounced(check(bill, "500.00"))

    rows = LedgerEntry.objects.filter(work_order=bill).order_by("pk")
    assert [(row.kind, row.services_amount, row.occurred_on) for row in rows] == [
        (EntryKind.PAYMENT, D(500), date(2026, 3, 4)),
        (EntryKind.PAYMENT_REVERSAL, D(500), DAY),
    ]
    assert rows[1].reason == "Returned by the bank: Not enough money (NSF)"


def test_a_check_over_several_jobs_is_returned_on_all(brand: Brand) -> None:
    one, other = billed(brand, "FHI704", "120.00"), billed(brand, "FHI714", "130.00")
    manual = Manual("check", reference="1243", happened_at=SENT)
    shares = [(one, D(120)), (other, D(130))]
    payment = record.record_check_over(brand, shares, manual, by="Dana")
    record.confirm(payment, by="Dana", at=SENT)

    shown = returns.preview_return(payment)
    bounced(payment, bank_fee=D("35.00"))

    assert [(j.share, j.before.balance, j.after.balance) for j in shown.jobs] == [
        (D(120), D(0), D(120)),
        (D(130), D(0), D(130)),
    ]
    assert (whole(one).balance, whole(other).balance) == (D(155), D(130))
    assert set(payment.allocations.values_list("status", flat=True)) == {"returned"}
    assert findings(brand) == []


def test_the_banks_fee_is_a_charge_and_the_bill_says_why(bill: WorkOrder) -> None:
    bounced(check(bill, "500.00"), bank_fee=D("35.00"))

    revision = Invoice.objects.get().revisions.get(number=2)
    lines = [(line.description, line.amount) for line in revision.lines.order_by("position")]
    assert lines[-1] == ("Bank fee: Check 1234 returned", D(35))
    assert revision.reason == "Bank fee of $35.00: Check 1234 was returned by the bank"
    assert whole(bill).balance == D(535)


def test_a_check_that_nobody_confirmed_may_bounce(bill: WorkOrder) -> None:
    manual = Manual("check", reference="1234", happened_at=SENT)
    payment = record.record_payment(bill.brand, bill, D(500), manual, by="Dana")

    bounced(payment)
    assert (whole(bill).pending, whole(bill).balance) == (D(0), D(500))
    returns.undo_return(payment, reason="Another check")

    payment.refresh_from_db()
    assert (payment.status, whole(bill).pending) == ("pending", D(500))
    assert LedgerEntry.objects.count() == 0


def test_a_mistake_is_undone(bill: WorkOrder) -> None:
    payment = check(bill, "500.00")
    bounced(payment)

    returns.undo_return(payment, reason="It was check 1243")

    payment.refresh_from_db()
    assert (payment.status, payment.returned_on, payment.return_reason) == ("completed", None, "")
    assert (whole(bill).received, whole(bill).balance) == (D(500), D(0))
    assert findings(bill.brand) == []


@pytest.mark.parametrize("method", ["check", "wire", "bank_transfer"])
def test_what_a_bank_returns(method: str, bill: WorkOrder) -> None:
    assert bounced(check(bill, "500.00", method=method)).status == "returned"


def test_a_bank_debit_that_was_written_down_is_returned(bill: WorkOrder) -> None:
    payment = check(bill, "500.00")
    Payment.objects.filter(pk=payment.pk).update(method="ach")

    assert bounced(payment).status == "returned"


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"on": date(2026, 3, 1)}, "returned_on", "The payment itself is of 2 Mar 2026"),
        ({"on": date(2099, 1, 1)}, "returned_on", "That day is in the future."),
        ({"why": ReturnReason.OTHER}, "note", "Say why the bank returned it."),
        ({"bank_fee": D("-1")}, "bank_fee", "Enter an amount above zero."),
        ({"bank_fee": D(0)}, "bank_fee", "Enter an amount above zero."),
    ],
)
def test_a_refusal_names_the_field_and_writes_nothing(
    values: dict[str, Any], field: str, words: str, bill: WorkOrder
) -> None:
    payment = check(bill, "500.00")

    with pytest.raises(ValidationError) as error:
        bounced(payment, **values)

    payment.refresh_from_db()
    assert (field_of(error.value), payment.status) == (field, "completed")
    assert words in message_of(error.value)
    assert whole(bill).balance == D(0)


def test_cash_and_what_a_provider_moves_are_not_returned_here(bill: WorkOrder, tell: Tell) -> None:
    cash = record.record_payment(bill.brand, bill, D(100), Manual("cash"), by="Dana")
    tell(incoming("captured", 1, "340.52", method="card"))
    card = Payment.objects.get(provider="guardian")

    assert returns.why_not_return(cash) == "Cash is not returned by a bank."
    assert "Guardian moves this money" in returns.why_not_return(card)


def test_a_refund_on_its_way_comes_first(bill: WorkOrder) -> None:
    payment = check(bill, "500.00")
    refunds.queue_refund(payment, D(100), reason="Agreed", by="Dana")

    with pytest.raises(ValidationError, match="R-1 of this payment is on its way"):
        bounced(payment)


def test_what_was_refunded_of_it_is_due_as_well(bill: WorkOrder) -> None:
    """The client got 100.00 back of a check that was worth nothing: they owe that, too."""
    payment = check(bill, "500.00")
    refund = refunds.queue_refund(payment, D(100), reason="Agreed", by="Dana")
    refunds.complete_refund(refund, reference="88", at=SENT + timedelta(days=3))

    bounced(payment)

    assert (whole(bill).refunded, whole(bill).balance) == (D(100), D(600))
    assert findings(bill.brand) == []


def test_it_is_returned_once(bill: WorkOrder) -> None:
    payment = check(bill, "500.00")
    bounced(payment)

    with pytest.raises(ValidationError, match="This payment is returned by the bank"):
        bounced(payment)
    with pytest.raises(ValidationError, match="returned by the bank"):
        record.void(payment, reason="Bounced")


def test_only_what_was_shown_is_done(bill: WorkOrder) -> None:
    payment = check(bill, "400.00")
    shown = returns.preview_return(payment)
    record.record_payment(bill.brand, bill, D(100), Manual("cash"), by="Dana")

    with pytest.raises(ValidationError, match="Somebody changed this"):
        returns.return_payment(
            payment, Returned(DAY, ReturnReason.CLOSED), expected=shown.fingerprint
        )
    returns.return_payment(
        payment,
        Returned(DAY, ReturnReason.CLOSED),
        expected=returns.preview_return(payment).fingerprint,
    )


def headlines(job: WorkOrder) -> list[tuple[str, str]]:
    project_pending()
    rows = Entry.objects.filter(work_order_id=job.pk, code__startswith="payment.").order_by("pk")
    rendered = [render(row.code, row.data) for row in rows]
    return [(one.headline, one.second) for one in rendered]


def test_the_timeline_says_it_in_a_line_of_its_own(bill: WorkOrder) -> None:
    payment = check(bill, "500.00")
    bounced(payment, why=ReturnReason.OTHER, note="Signature missing")
    returns.undo_return(payment, reason="It was check 1243")

    *_, returned, undone = headlines(bill)

    assert returned[0] == "Check 1234 returned by the bank · $500.00"
    assert "Returned on 9 Mar 2026. Another reason. Signature missing." in returned[1]
    assert undone[0] == "Not returned by the bank after all · $500.00 by check 1234"
    assert "It was check 1243" in undone[1]


VERBS = st.lists(
    st.tuples(
        st.sampled_from(["return", "undo", "refund", "done", "correct", "void", "confirm", "pay"]),
        st.integers(0, 3),
        st.sampled_from(["10.00", "33.33", "120.00"]),
    ),
    max_size=9,
)


def act(brand: Brand, job: WorkOrder, verb: str, payment: Payment, amount: Decimal) -> None:
    """One verb of people; a preview that was shown comes true."""
    if verb == "pay":
        manual = Manual("check", reference="7", happened_at=SENT)
        record.record_payment(brand, job, amount, manual, by="Dana")
    elif verb == "return":
        shown = returns.preview_return(payment)
        fee = amount if amount == D("10.00") else None
        bounced(payment, bank_fee=fee)
        for one in shown.jobs:
            extra = fee or D(0) if one.job.pk == payment.work_order_id else D(0)
            assert whole(one.job).balance == one.after.balance + extra
            assert whole(one.job).received == one.after.received
    elif verb == "undo":
        returns.undo_return(payment, reason="Mistake")
    elif verb == "refund":
        refunds.queue_refund(payment, amount, reason="Agreed", by="Dana")
    elif verb == "done":
        row = Refund.objects.filter(payment=payment, status="queued").first()
        if row is not None:
            refunds.complete_refund(row, reference=f"r-{row.pk}")
    elif verb == "correct":
        shares = {a.work_order_id: a.amount + D("1.00") for a in payment.allocations.all()}
        record.correct(payment, Correction(amounts=shares), reason="Misread")
    elif verb == "void":
        record.void(payment, reason="Entered by mistake")
    else:
        record.confirm(payment, by="Dana")


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=VERBS)
def test_in_any_order_the_books_agree(steps: list[tuple[str, int, str]], brand: Brand) -> None:
    try:
        with transaction.atomic():
            one, other = billed(brand, "FHI704", "120.00"), billed(brand, "FHI714", "130.00")
            manual = Manual("check", reference="1243", happened_at=SENT)
            shares = [(one, D(120)), (other, D(130))]
            both = record.record_check_over(brand, shares, manual, by="Dana")
            record.confirm(both, by="Dana", at=SENT)
            check(one, "33.33", reference="1244")
            for verb, n, amount in steps:
                payments = list(Payment.objects.filter(brand=brand).order_by("pk"))
                payment = payments[n % len(payments)]
                try:
                    with transaction.atomic():
                        act(brand, one, verb, payment, D(amount))
                except ValidationError:
                    continue
            for job in (one, other):
                it = whole(job)
                assert it.balance == it.billed - it.credits - it.received + it.refunded
            returned = Payment.objects.filter(brand=brand, status="returned")
            for row in returned:
                assert row.returned_on is not None
                assert row.returned_on <= moments.today(brand.time_zone)
            assert findings(brand) == []
            raise _Undo
    except _Undo:
        pass
