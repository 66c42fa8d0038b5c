"""A refund that does not go out: its credit note goes with it, or stays; as it was shown."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.run import Count, audit
from core.money import ZERO
from invoicing.domain import client_credit, credit_notes, issuing
from invoicing.models import ClientCredit, CreditKind, Invoice, InvoiceStatus
from payments.models import Payment, Refund, RefundCredit, RefundStatus
from payments.refunds import undo
from payments.refunds.preview import Owes, refund
from payments.refunds.undo import Outdated, cancel_refund, preview_cancel, preview_failure
from payments.refunds.verbs import complete_refund, fail_refund, refundable
from tests.factories import WorkOrderFactory
from tests.payments.cancelled_jobs import confirmed, fhi624, settled
from tests.payments.conftest import Tell, incoming
from tests.payments.refunds.test_preview import cash
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import WorkOrder

D = Decimal


def asked(payment: Payment, job: WorkOrder, amount: str, owes: Owes = Owes.LESS) -> Refund:
    return refund(payment, job, D(amount), owes=owes, reason="Radon was not done", by="Ana")


def called_off(row: Refund) -> Refund:
    """Cancelled as previewed: the job comes to what was shown."""
    shown = preview_cancel(row)
    done = cancel_refund(row, reason="By mistake", expected=shown.fingerprint)
    assert settled(row.work_order).balance == shown.after.balance
    return done


def note() -> Invoice:
    return Invoice.objects.get(kind="credit_note")


def test_a_cancelled_refund_takes_its_credit_note_with_it(job: WorkOrder) -> None:
    row = asked(fhi624(job), job, "100.00")
    shown = preview_cancel(row)

    called_off(row)

    assert [(c.label, c.amount) for c in shown.notes] == [("CM-000001", D("100.00"))]
    assert (shown.before.balance, shown.after.balance) == (D("0.00"), D("0.00"))
    assert (settled(job).balance, settled(job).word) == (D("0.00"), "Paid")
    assert (settled(job).credits, settled(job).refunded) == (D("0.00"), D("0.00"))
    assert note().status == InvoiceStatus.VOID
    assert note().reason == "R-1 was called off: By mistake"
    assert client_credit.left_of(ClientCredit.objects.get()) == 0
    assert refundable(Payment.objects.get()).services == D("329.00")


def test_a_refund_that_failed_keeps_its_note_and_the_money_is_too_much(job: WorkOrder) -> None:
    row = asked(fhi624(job), job, "100.00")
    shown = preview_failure(row)

    fail_refund(row, why="Account closed")

    assert (shown.after.balance, shown.after.word) == (D("-100.00"), "Overpaid")
    assert (settled(job).balance, settled(job).word) == (D("-100.00"), "Overpaid")
    assert note().status == InvoiceStatus.ISSUED


def test_one_that_was_done_and_failed_is_previewed_alike(job: WorkOrder) -> None:
    row = complete_refund(
        asked(cash(confirmed(job, "329.00"), "329.00"), job, "100.00"), reference="Receipt 7"
    )
    shown = preview_failure(row)

    fail_refund(row, why="The check came back")

    assert shown.after.balance == settled(job).balance == D("-100.00")


def test_owed_again_has_no_note_to_take_back(job: WorkOrder) -> None:
    row = asked(fhi624(job), job, "100.00", Owes.AGAIN)

    called_off(row)

    assert not RefundCredit.objects.exists()
    assert (settled(job).balance, settled(job).word) == (D("0.00"), "Paid")


def test_what_was_kept_as_credit_is_credit_again(job: WorkOrder) -> None:
    """The surplus that went back with the refund is the client's, as it was before."""
    confirmed(job, "329.00")
    payment = cash(job, "429.00")
    invoice = Invoice.objects.get()
    credit = client_credit.keep_as_credit(job.brand, invoice.pk, D("100.00"))
    row = asked(payment, job, "150.00")

    called_off(row)

    credit.refresh_from_db()
    assert client_credit.left_of(credit) == D("100.00")
    assert (settled(job).balance, settled(job).word) == (D("0.00"), "Paid")
    assert note().status == InvoiceStatus.VOID


def test_a_surplus_that_the_bill_grew_into_stays_on_the_bill(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    payment = cash(job, "429.00")
    credit = client_credit.keep_as_credit(job.brand, Invoice.objects.get().pk, D("100.00"))
    row = asked(payment, job, "100.00")
    charge = job.charges.get()
    replace_charges(
        job.brand, job.pk, [ChargeLine("Inspection", D("389.00"), id=charge.pk)], reason="More"
    )

    called_off(row)

    credit.refresh_from_db()
    assert client_credit.left_of(credit) == D("40.00")
    assert settled(job).balance == D("0.00")


def second_job(job: WorkOrder) -> Invoice:
    other = confirmed(
        WorkOrderFactory(brand=job.brand, client=job.client, number="FHI630"), "400.00"
    )
    return Invoice.objects.get(work_order=other)


def test_a_note_used_elsewhere_is_taken_off_there_first(job: WorkOrder) -> None:
    row = asked(fhi624(job), job, "100.00")
    other, credit = second_job(job), ClientCredit.objects.get()
    client_credit.unapply_credit(
        job.brand, credit.pk, note().credits_id or 0, reason="Use it there"
    )
    client_credit.apply_credit(job.brand, credit.pk, other.pk, D("60.00"))

    with pytest.raises(ValidationError, match=r"\$60.00 of CM-000001, .* is used on FHI630"):
        cancel_refund(row, reason="By mistake")
    row.refresh_from_db()
    assert row.status == RefundStatus.QUEUED

    client_credit.unapply_credit(job.brand, credit.pk, other.pk, reason="The refund is off")
    called_off(row)
    assert settled(job).balance == D("0.00")
    assert note().status == InvoiceStatus.VOID


def test_a_note_that_was_voided_meanwhile_is_left_alone(job: WorkOrder) -> None:
    row = asked(fhi624(job), job, "100.00")
    credit = ClientCredit.objects.get()
    client_credit.unapply_credit(job.brand, credit.pk, note().credits_id or 0, reason="Wrong")
    credit_notes.void_credit_note(job.brand, note().pk, reason="They owe it after all")

    called_off(row)

    assert settled(job).balance == D("0.00")
    assert note().reason == "They owe it after all"


def test_several_notes_go_together(job: WorkOrder) -> None:
    confirmed(job, "200.00")
    issuing.bill_separately(job.brand, job.pk, [ChargeLine("Radon", D("100.00"))])
    issuing.issue_bill(job.brand, job.pk)
    row = asked(cash(job, "300.00"), job, "300.00")
    assert RefundCredit.objects.filter(refund=row).count() == 2

    called_off(row)

    assert settled(job).word == "Paid"
    notes = ClientCredit.objects.filter(kind=CreditKind.CREDIT_NOTE)
    assert [n.returned for n in notes] == [n.amount for n in notes]


def test_only_what_was_shown_is_done(job: WorkOrder) -> None:
    row = asked(fhi624(job), job, "100.00")
    shown = preview_cancel(row)
    credit = ClientCredit.objects.get()
    client_credit.unapply_credit(job.brand, credit.pk, note().credits_id or 0, reason="Wrong")

    with pytest.raises(Outdated) as caught:
        cancel_refund(row, reason="By mistake", expected=shown.fingerprint)

    assert caught.value.preview.fingerprint != shown.fingerprint
    assert note().status == InvoiceStatus.ISSUED


def test_one_that_the_provider_did_all_the_same_is_owed_again(job: WorkOrder, tell: Tell) -> None:
    """Called off here, sent there: the money is gone, and no note says that less is owed."""
    confirmed(job, "329.00")
    tell(incoming("captured", 1, "329.00", method="card", fee=D(0)))
    row = asked(Payment.objects.get(), job, "100.00")
    called_off(row)

    tell(incoming("refunded", 9, "100.00", method="card", data={"refund_id": "rf-7"}))

    assert list(Refund.objects.order_by("pk").values_list("number", "status", "origin")) == [
        (1, "cancelled", "person"),
        (2, "completed", "provider"),
    ]
    assert (settled(job).balance, settled(job).refunded) == (D("100.00"), D("100.00"))
    assert note().status == InvoiceStatus.VOID


def test_a_payment_that_the_provider_voided_leaves_the_note(job: WorkOrder, tell: Tell) -> None:
    """Nobody changed their mind about the bill: less is still owed."""
    confirmed(job, "329.00")
    tell(incoming("captured", 1, "329.00", method="card", fee=D(0)))
    asked(Payment.objects.get(), job, "100.00")

    tell(incoming("voided", 9, "329.00", method="card"))

    assert Refund.objects.get().status == RefundStatus.CANCELLED
    assert (settled(job).balance, note().status) == (D("229.00"), InvoiceStatus.ISSUED)


class _Undo(Exception):
    """Take everything back."""


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["refund", "cancel", "fail", "done", "take_off", "keep", "void_note"]),
        st.integers(0, 5),
        st.integers(1, 40_000),
    ),
    max_size=9,
)


def _step(payment: Payment, job: WorkOrder, verb: str, n: int, cents: int) -> None:
    rows = list(Refund.objects.order_by("pk"))
    notes = list(ClientCredit.objects.filter(kind=CreditKind.CREDIT_NOTE).order_by("pk"))
    invoice = Invoice.objects.get(kind="standard")
    amount = D(cents).scaleb(-2)
    if verb == "refund":
        refund(payment, job, amount, owes=list(Owes)[n % 2], reason="Agreed", by="Ana")
    elif verb == "keep":
        over = client_credit.surplus_of(job, invoice)[0]
        client_credit.keep_as_credit(job.brand, invoice.pk, min(over, amount))
    elif verb in ("take_off", "void_note") and notes:
        one = notes[n % len(notes)]
        if verb == "take_off":
            client_credit.unapply_credit(job.brand, one.pk, invoice.pk, reason="Wrong")
        else:
            credit_notes.void_credit_note(job.brand, one.invoice_id or 0, reason="Wrong")
    elif rows:
        row = rows[n % len(rows)]
        if verb == "cancel":
            called_off(row)
        elif verb == "fail":
            shown = preview_failure(row)
            fail_refund(row, why="Account closed")
            assert settled(job).balance == shown.after.balance
        else:
            complete_refund(row, reference=f"re_{len(rows)}{cents}")


def _try(payment: Payment, job: WorkOrder, step: tuple[str, int, int]) -> None:
    """A verb may be refused, but never because it comes to other amounts than were shown."""
    try:
        with transaction.atomic():
            _step(payment, job, *step)
    except ValidationError as error:
        if "other amounts" in str(error):
            raise AssertionError("a preview was not kept") from error


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(surplus=st.sampled_from(["0.00", "100.00"]), steps=STEPS)
def test_no_cancelled_refund_leaves_a_note_behind(
    job: WorkOrder, surplus: str, steps: list[tuple[str, int, int]]
) -> None:
    try:
        with transaction.atomic():
            confirmed(job, "329.00")
            payment = cash(job, str(D("329.00") + D(surplus)))
            for step in steps:
                _try(payment, job, step)
            for row in Refund.objects.filter(status=RefundStatus.CANCELLED):
                assert undo.notes_of(row) == []
            it = settled(job)
            assert it.balance == it.billed - it.credits - it.received + it.refunded
            assert it.received - it.refunded >= ZERO
            assert list(audit([job.brand], Count())) == []
            raise _Undo
    except _Undo:
        pass
