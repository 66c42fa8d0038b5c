"""The pages of credit notes, as a billing clerk uses them."""

from decimal import Decimal

import pytest

from invoicing.domain import client_credit
from invoicing.models import ClientCredit, Invoice
from invoicing.queries import credits as reads
from tests.invoicing import issued_invoices as bills
from tests.invoicing.browsing import SignIn, text, url
from workorders.models import Client

D = Decimal


# Making one --------------------------------------------------------------------------------------


def test_a_note_is_made_by_line_looked_over_and_issued(sign_in: SignIn, person: Client) -> None:
    invoice = bills.bill(person, bills.taxed("270.00"), "730.00", number="FHI624")
    browser = sign_in()

    form = text(browser.get(url("credit_note_new", "FHI624")))
    made = browser.post(
        url("credit_note_new", "FHI624"),
        {
            "how": "lines",
            "take-0": "on",
            "amount-0": "270.00",
            "amount-1": "nonsense, but not taken",
            "description-more1": "Trip",
            "amount-more1": "-20.00",
            "reason": "Inspector came late",
        },
    )
    look = text(browser.get(made["Location"]))
    issued = browser.post(made["Location"], {"apply_now": "150.00"})
    page = text(browser.get(issued["Location"]))

    assert "At most $1,022.28." in form
    assert made["Location"] == url("credit_note_issue", "DRAFT-FHI624-1")
    assert "Issue credit note · $272.28" in look
    assert 'value="272.28"' in look  # what is suggested to apply at once
    assert issued["Location"] == url("invoice", "CM-000001")
    assert "$272.28 is the client’s credit. $150.00 of it is on FHI624." in page
    assert "Apply $122.28" in page
    assert "is applied to FHI624: take it off first." in page  # why it cannot be voided
    assert bills.settled(invoice).credits == D("150.00")


def test_one_amount_or_the_whole(sign_in: SignIn, person: Client) -> None:
    bills.bill(person, "200.00", "100.00", number="FHI624")
    browser = sign_in()

    for values in ({"how": "amount", "amount": "30.00"}, {"how": "whole"}):
        browser.post(url("credit_note_new", "FHI624"), values | {"reason": "Goodwill"})

    totals = [
        -reads.sum_of(reads.lines_of(note), "USD")
        for note in Invoice.objects.filter(kind="credit_note").order_by("pk")
    ]
    assert totals == [D("30.00"), D("300.00")]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"how": "lines"}, "Choose at least one line."),
        ({"how": "lines", "take-0": "on", "amount-0": ""}, "Enter how much of it is given back."),
        ({"how": "lines", "take-0": "on", "amount-0": "1.001"}, "has too many decimals"),
        ({"how": "lines", "amount-more1": "5"}, "Say what it is for."),
        ({"how": "lines", "description-more1": "Trip"}, "Enter its amount, or leave the row"),
        ({"how": "lines", "take-0": "on", "amount-0": "300.01"}, "cannot give more back"),
        ({"how": "amount"}, "Enter how much is given back."),
        ({"how": "amount", "amount": "-1"}, "Enter an amount above zero."),
        ({"how": "amount", "amount": "300.01"}, "cannot give more back"),
        ({"how": "whole", "reason": ""}, "This field is required."),
        ({"how": "theft"}, "Select a valid choice."),
    ],
)
def test_a_refusal_is_shown_at_its_field_and_drafts_nothing(
    values: dict[str, str], words: str, sign_in: SignIn, person: Client
) -> None:
    bills.bill(person, "300.00", number="FHI624")

    page = text(sign_in().post(url("credit_note_new", "FHI624"), {"reason": "Goodwill"} | values))

    assert words in page
    assert not Invoice.objects.filter(kind="credit_note").exists()


def test_the_whole_is_offered_while_all_of_it_is_left(sign_in: SignIn, person: Client) -> None:
    invoice = bills.bill(person, "300.00", number="FHI624")
    browser, path = sign_in(), url("credit_note_new", "FHI624")

    before = text(browser.get(path))
    bills.credit(invoice, "50.00")
    after = text(browser.get(path))

    assert "The whole invoice, $300.00" in before
    assert "The whole invoice" not in after
    assert "$50.00 of it is already credited; at most $250.00 more can be." in after


def test_what_cannot_be_credited_says_so(sign_in: SignIn, person: Client) -> None:
    bills.credit(bills.bill(person, "300.00", number="FHI624"), "300.00")
    browser, path = sign_in(), url("credit_note_new", "FHI624")

    assert "All of FHI624 is credited already." in text(browser.get(path))
    assert "credited already" in text(browser.post(path, {"how": "whole", "reason": "Again"}))
    assert browser.get(url("credit_note_new", "CM-000001"))["Location"] == url(
        "invoice", "CM-000001"
    )
    assert Invoice.objects.filter(kind="credit_note").count() == 1


def test_issuing_again_finds_it_issued(sign_in: SignIn, person: Client) -> None:
    """Two clerks have the same draft open."""
    note = bills.draft(bills.bill(person, "300.00", number="FHI624"), "50.00")
    browser = sign_in()
    path = url("credit_note_issue", note.number)
    browser.post(path, {"apply_now": ""})

    assert browser.post(path, {"apply_now": ""}).status_code == 404  # its number is another now
    assert ClientCredit.objects.count() == 1


def test_more_than_is_due_is_refused_before_a_number_is_taken(
    sign_in: SignIn, person: Client
) -> None:
    note = bills.draft(bills.bill(person, "300.00", number="FHI624"), "50.00")

    page = text(sign_in().post(url("credit_note_issue", note.number), {"apply_now": "50.01"}))

    assert "Only $50.00 is left of CM-000001." in page
    note.refresh_from_db()
    assert note.status == "draft"


def test_a_draft_is_changed_and_deleted(sign_in: SignIn, person: Client) -> None:
    invoice = bills.bill(person, bills.taxed("300.00"), number="FHI624")
    browser = sign_in()
    browser.post(url("credit_note_new", "FHI624"), {"how": "whole", "reason": "Goodwill"})
    note = Invoice.objects.get(kind="credit_note")
    line = note.draft_lines.get()

    edit = url("credit_note_edit", note.number)
    shown = text(browser.get(edit))
    browser.post(
        edit,
        {
            f"description-{line.pk}": "Half of it",
            f"amount-{line.pk}": "150.00",
            "reason": "Half",
        },
    )
    changed = note.draft_lines.get()
    asked = text(browser.get(url("credit_note_delete", note.number)))
    gone = browser.post(url("credit_note_delete", note.number))

    assert 'value="300.00"' in shown
    assert (changed.pk, changed.amount, changed.tax_amount) == (line.pk, D(-150), D("-12.38"))
    assert "Delete the draft of $162.38" in asked
    assert gone["Location"] == url("invoice", invoice.number)
    assert not Invoice.objects.filter(kind="credit_note").exists()


def test_a_draft_left_without_lines_is_refused(sign_in: SignIn, person: Client) -> None:
    note = bills.draft(bills.bill(person, "300.00"), "50.00")
    line = note.draft_lines.get()

    page = text(
        sign_in().post(
            url("credit_note_edit", note.number),
            {f"description-{line.pk}": "Half", f"amount-{line.pk}": "", "reason": "None"},
        )
    )

    assert "Enter at least one line that is given back." in page


# Voiding -----------------------------------------------------------------------------------------


def test_a_used_note_is_not_voided_by_its_page(sign_in: SignIn, person: Client) -> None:
    invoice = bills.bill(person, "300.00", number="FHI624")
    credit = bills.credit(invoice, "50.00")
    client_credit.apply_credit(person.brand, credit.pk, invoice.pk, D("50.00"))
    browser, path = sign_in(), url("credit_note_void", "CM-000001")

    assert "take it off first" in text(browser.get(path))
    assert "take it off first" in text(browser.post(path, {"reason": "Wrong"}))
    assert Invoice.objects.get(number="CM-000001").status == "issued"

    off = browser.post(
        url("credit_take_off", credit.pk, "FHI624"), {"reason": "Meant for another job"}
    )
    assert off["Location"] == url("invoice", "CM-000001")
    assert "Void CM-000001 · $50.00" in text(browser.get(path))
    browser.post(path, {"reason": "Wrong"})
    assert Invoice.objects.get(number="CM-000001").status == "void"
    assert "It no longer gives anything back." in text(browser.get(url("invoice", "CM-000001")))


def test_voiding_needs_a_reason(sign_in: SignIn, person: Client) -> None:
    bills.credit(bills.bill(person, "300.00"), "50.00")

    page = text(sign_in().post(url("credit_note_void", "CM-000001"), {"reason": ""}))

    assert "This field is required." in page
    assert Invoice.objects.get(number="CM-000001").status == "issued"
