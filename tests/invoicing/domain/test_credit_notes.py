"""Credit notes: how they are drafted, numbered and voided, and how much they may give back."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from invoicing.domain import client_credit, credit_lines, credit_notes, issuing
from invoicing.domain.credit_lines import CreditLine
from invoicing.models import BillingSettings, ClientCredit, CreditNoteLine, Invoice
from invoicing.queries import credits as reads
from tests.factories import BrandFactory, ClientFactory
from tests.invoicing import issued_invoices as bills
from tests.payments.conftest import together
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import Client

D = Decimal


def errors(error: pytest.ExceptionInfo[ValidationError]) -> dict[str, list[str]]:
    messages: dict[str, list[str]] = error.value.message_dict
    return messages


# Drafts ------------------------------------------------------------------------------------------


def test_a_draft_has_a_provisional_number_and_changes_nothing(person: Client) -> None:
    invoice = bills.bill(person, "1000.00", number="FHI624")

    note = bills.draft(invoice, "270.00", "-20.00")

    lines = [(line.description, line.amount) for line in reads.lines_of(note)]
    assert (note.status, note.number, note.credits_id) == ("draft", "DRAFT-FHI624-1", invoice.pk)
    assert lines == [("Line 1", D("-270.00")), ("Line 2", D("20.00"))]
    assert not ClientCredit.objects.exists()
    assert bills.settled(invoice).balance == D("1000.00")


def test_a_provisional_number_gives_way_to_an_invoice_that_has_it(person: Client) -> None:
    bills.bill(person, "1.00", number="DRAFT-FHI624-1")
    invoice = bills.bill(person, "1000.00", number="FHI624")

    assert bills.draft(invoice, "1.00").number == "DRAFT-FHI624-1X"


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ([], "lines"),
        (bills.given_lines("-5.00"), "lines"),
        (bills.given_lines("5.00", "-5.00"), "lines"),
        (bills.given_lines("1000.01"), "lines"),
        ([CreditLine(" ", D("-5.00"))], "description"),
        ([CreditLine("x" * 241, D("-5.00"))], "description"),
        ([CreditLine("Radon", D("-5.001"))], "amount"),
        ([CreditLine("Radon", D("NaN"))], "amount"),
        ([CreditLine("Radon", D(0)), *bills.given_lines("5.00")], "amount"),
        ([CreditLine("Radon", D("-5.00"), tax_amount=D("1.00"))], "amount"),
        ([CreditLine("Radon", D("-5.00"), "", D("8.25"))], "tax_name"),
        ([CreditLine("Radon", D("-5.00"), "Sales tax", D("101"))], "tax_name"),
    ],
)
def test_what_cannot_be_given_back_names_its_field(
    lines: list[CreditLine], field: str, person: Client
) -> None:
    invoice = bills.bill(person, "1000.00")

    with pytest.raises(ValidationError) as refused:
        credit_notes.draft_credit_note(invoice.brand, invoice.pk, lines, reason="Goodwill")

    assert list(errors(refused)) == [field]
    assert not CreditNoteLine.objects.exists()


def test_a_credit_note_needs_a_reason_and_an_issued_invoice(person: Client) -> None:
    invoice = bills.bill(person, "1000.00", number="FHI624")
    note = bills.draft(invoice, "5.00")
    void = issuing.void_invoice(invoice.brand, bills.bill(person, "5.00").pk, reason="Twice")

    for pk, reason, field in (
        (invoice.pk, " ", "reason"),
        (note.pk, "Goodwill", "invoice"),
        (void.pk, "Goodwill", "invoice"),
    ):
        with pytest.raises(ValidationError) as refused:
            credit_notes.draft_credit_note(
                invoice.brand, pk, bills.given_lines("5.00"), reason=reason
            )
        assert list(errors(refused)) == [field]


def test_an_edited_draft_keeps_the_rows_that_stay(person: Client) -> None:
    invoice = bills.bill(person, "1000.00")
    note = bills.draft(invoice, "270.00", "-20.00", "1.00")
    first, *_ = note.draft_lines.values_list("pk", flat=True)

    credit_notes.edit_credit_note(
        invoice.brand, note.pk, bills.given_lines("270.00", "-30.00"), reason="Measured again"
    )

    note.refresh_from_db()
    rows = list(note.draft_lines.order_by("position").values_list("pk", "amount"))
    assert rows[0] == (first, D("-270.00"))
    assert [amount for _, amount in rows] == [D("-270.00"), D("30.00")]
    assert note.reason == "Measured again"


def test_only_a_draft_is_edited_or_deleted(person: Client) -> None:
    invoice = bills.bill(person, "1000.00")
    brand = invoice.brand
    gone = bills.draft(invoice, "5.00")
    credit_notes.delete_credit_note(brand, gone.pk)
    note = credit_notes.issue_credit_note(brand, bills.draft(invoice, "5.00").pk)

    assert not Invoice.objects.filter(pk=gone.pk).exists()
    with pytest.raises(ValidationError, match="CM-000001 is issued already"):
        credit_notes.edit_credit_note(brand, note.pk, bills.given_lines("6.00"), reason="More")
    with pytest.raises(ValidationError, match="CM-000001 is issued already"):
        credit_notes.delete_credit_note(brand, note.pk)
    with pytest.raises(ValidationError, match="CM-000001 is issued already"):
        credit_notes.issue_credit_note(brand, note.pk)
    with pytest.raises(ValidationError, match="is an invoice"):
        credit_notes.delete_credit_note(brand, invoice.pk)


def test_another_brands_documents_do_not_exist(person: Client) -> None:
    invoice = bills.bill(person, "1000.00")
    note = bills.draft(invoice, "5.00")
    stranger = BrandFactory()

    for verb in (
        lambda: credit_notes.draft_credit_note(
            stranger, invoice.pk, bills.given_lines("5.00"), reason="Goodwill"
        ),
        lambda: credit_notes.issue_credit_note(stranger, note.pk),
        lambda: credit_notes.void_credit_note(stranger, note.pk, reason="Wrong"),
        lambda: credit_notes.delete_credit_note(stranger, note.pk),
    ):
        with pytest.raises(Invoice.DoesNotExist):
            verb()


# Issuing -----------------------------------------------------------------------------------------


def test_an_issued_note_is_numbered_and_becomes_the_clients_credit(person: Client) -> None:
    invoice = bills.bill(person, bills.taxed("1000.00"), number="FHI624")
    billed = reads.billed_lines(invoice)
    so_far = credit_notes.so_far(invoice)
    lines = credit_lines.parts(so_far, {0: D("270.00")}, bills.given_lines("-20.00"))
    draft = credit_notes.draft_credit_note(invoice.brand, invoice.pk, lines, reason="Too late")

    note = credit_notes.issue_credit_note(invoice.brand, draft.pk)

    revision = note.revisions.get()
    credit = ClientCredit.objects.get()
    assert (note.number, note.status, revision.number) == ("CM-000001", "issued", 1)
    assert (revision.services_total, revision.tax_total) == (D("-250.00"), D("-22.28"))
    assert [line.charge_id for line in reads.lines_of(note)] == [billed[0].charge_id, None]
    assert (credit.amount, credit.label, credit.kind) == (D("272.28"), "CM-000001", "credit_note")
    assert (credit.client_id, credit.invoice_id) == (person.pk, note.pk)
    assert bills.settled(invoice).balance == D("1082.50")  # none of it is used yet


def test_issuing_may_apply_at_once_up_to_what_is_due(person: Client) -> None:
    invoice = bills.bill(person, "1000.00", number="FHI624")
    bills.paid(invoice, "900.00")
    note = bills.draft(invoice, "250.00")

    with pytest.raises(ValidationError) as refused:
        credit_notes.issue_credit_note(invoice.brand, note.pk, apply_now=D("100.01"))
    assert errors(refused) == {"apply_now": ["Only $100.00 is due on FHI624."]}
    assert not ClientCredit.objects.exists()

    credit_notes.issue_credit_note(invoice.brand, note.pk, apply_now=D("100.00"))
    settlement = bills.settled(invoice)
    assert (settlement.balance, settlement.word.value) == (D(0), "Paid")
    assert client_credit.left_of(ClientCredit.objects.get()) == D("150.00")
    assert Invoice.objects.get(pk=note.pk).number == "CM-000001"  # the first try took no number


def test_notes_together_give_back_no_more_than_the_invoice_bills(person: Client) -> None:
    invoice = bills.bill(person, "1000.00", number="FHI624")
    brand = invoice.brand
    one, other = bills.draft(invoice, "600.00"), bills.draft(invoice, "600.00")  # drafts: both fit
    first = credit_notes.issue_credit_note(brand, one.pk)

    with pytest.raises(ValidationError) as refused:
        credit_notes.issue_credit_note(brand, other.pk)
    assert errors(refused) == {
        "lines": [
            "FHI624 billed $1,000.00, and $600.00 of it is credited already: only $400.00 is left."
        ]
    }
    assert reads.creditable(invoice) == D("400.00")

    credit_notes.void_credit_note(brand, first.pk, reason="Wrong job")
    assert credit_notes.issue_credit_note(brand, other.pk).number == "CM-000002"


def test_an_amended_bill_is_what_counts(person: Client) -> None:
    invoice = bills.bill(person, "1000.00")
    note = bills.draft(invoice, "600.00")
    job = invoice.work_order
    charge = job.charges.get()
    line = ChargeLine("Inspection", D("500.00"), id=charge.pk)
    replace_charges(invoice.brand, job.pk, [line], reason="Smaller house")

    with pytest.raises(ValidationError) as refused:
        credit_notes.issue_credit_note(invoice.brand, note.pk)

    assert list(errors(refused)) == ["lines"]


def test_the_numbers_are_the_brands_own(person: Client) -> None:
    BillingSettings.objects.create(
        brand=person.brand, credit_note_prefix="GS", credit_note_width=3, next_credit_note=41
    )
    bills.bill(person, "1.00", number="GS042")  # taken: skipped
    invoice = bills.bill(person, "100.00")

    labels = [bills.credit(invoice, "5.00").label for _ in range(3)]

    assert labels == ["GS041", "GS043", "GS044"]


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_get_eight_numbers() -> None:
    person: Client = ClientFactory()
    notes = [bills.draft(bills.bill(person, "100.00"), "5.00") for _ in range(8)]

    issued = together(
        *(lambda pk=n.pk: credit_notes.issue_credit_note(person.brand, pk) for n in notes)
    )

    assert sorted(note.number for note in issued) == [f"CM-00000{n}" for n in range(1, 9)]


@pytest.mark.django_db(transaction=True)
def test_two_notes_at_once_cannot_give_back_the_same() -> None:
    invoice = bills.bill(ClientFactory(), "100.00")
    notes = [bills.draft(invoice, "60.00") for _ in range(2)]

    answers = together(
        *(lambda pk=n.pk: credit_notes.issue_credit_note(invoice.brand, pk) for n in notes)
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Invoice", "ValidationError"]
    assert reads.credited(invoice) == D("60.00")


# Voiding -----------------------------------------------------------------------------------------


def test_a_void_note_takes_its_credit_back(person: Client) -> None:
    invoice = bills.bill(person, "1000.00")
    credit = bills.credit(invoice, "250.00")

    note = credit_notes.void_credit_note(
        invoice.brand, bills.credit_note_of(credit), reason="Wrong job"
    )

    credit.refresh_from_db()
    assert (note.status, note.reason) == ("void", "Wrong job")
    assert (credit.returned, client_credit.left_of(credit)) == (D("250.00"), D(0))
    with pytest.raises(ValidationError) as refused:
        client_credit.apply_credit(invoice.brand, credit.pk, invoice.pk, D("1.00"))
    assert list(errors(refused)) == ["amount"]


def test_a_used_note_is_not_voided_until_it_is_taken_off(person: Client) -> None:
    invoice = bills.bill(person, "1000.00", number="FHI624")
    credit = bills.credit(invoice, "250.00")
    brand, note = invoice.brand, bills.credit_note_of(credit)
    client_credit.apply_credit(brand, credit.pk, invoice.pk, D("150.00"))

    with pytest.raises(ValidationError, match="CM-000001 is applied to FHI624: take it off first"):
        credit_notes.void_credit_note(brand, note, reason="Wrong job")

    client_credit.unapply_credit(brand, credit.pk, invoice.pk, reason="Wrong job")
    assert credit_notes.void_credit_note(brand, note, reason="Wrong job").status == "void"


def test_what_is_no_issued_note_is_not_voided_as_one(person: Client) -> None:
    invoice = bills.bill(person, "1000.00")
    draft = bills.draft(invoice, "5.00")

    for pk, words in ((invoice.pk, "is an invoice"), (draft.pk, "delete it instead")):
        with pytest.raises(ValidationError, match=words):
            credit_notes.void_credit_note(invoice.brand, pk, reason="Wrong")
    with pytest.raises(ValidationError) as refused:
        credit_notes.void_credit_note(invoice.brand, draft.pk, reason="")
    assert list(errors(refused)) == ["reason"]
