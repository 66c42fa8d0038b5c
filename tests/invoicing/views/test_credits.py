"""The pages of credits and prepayments, and who may change what, as a billing clerk sees them."""

from decimal import Decimal

import pytest

from accounts.models import Role
from core import clock, moments
from invoicing.domain import client_credit, prepayments
from invoicing.models import ClientCredit, Invoice
from invoicing.queries import credits as reads
from tests.factories import ClientFactory
from tests.html import fields_of, post_forms
from tests.invoicing import issued_invoices as bills
from tests.invoicing.browsing import SignIn, text, url
from workorders.models import Client

D = Decimal


def prepaid(person: Client, amount: str = "300.00") -> ClientCredit:
    return prepayments.record_prepayment(
        person.brand,
        person.pk,
        D(amount),
        method="check",
        reference="1234",
        received_at=clock.now(),
    )


# Credits -----------------------------------------------------------------------------------------


def test_a_prepayment_is_recorded_used_and_given_back(sign_in: SignIn, person: Client) -> None:
    bills.bill(person, "250.00", number="FHI624")
    browser = sign_in()

    made = browser.post(
        url("prepayment_new", person.pk),
        {
            "method": "check",
            "amount": "300.00",
            "reference": "1234",
            "received_on": moments.today("America/Boise").isoformat(),
        },
    )
    credit = ClientCredit.objects.get()
    apply = url("credit_apply", credit.pk)
    form = text(browser.get(apply))
    invoice = Invoice.objects.get(number="FHI624")
    browser.post(apply, {"invoice": invoice.pk, "amount": "250.00"})
    browser.post(
        url("credit_give_back", credit.pk),
        {"amount": "50.00", "reference": "W-88", "reason": "Not needed"},
    )
    page = text(browser.get(made["Location"]))

    assert made["Location"] == url("credit", credit.pk)
    assert "FHI624 · $250.00 due" in form
    assert 'value="250.00"' in form
    assert "$0.00 is left for Priya Raman to use." in page
    assert "Used up" in page
    assert bills.settled(invoice).word.value == "Paid"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"amount": "0"}, "Enter an amount above zero."),
        ({"amount": "1.005"}, "has too many decimals"),
        ({"reference": ""}, "Enter the check number."),
        ({"received_on": "2999-01-01"}, "That day is in the future"),
        ({"method": "barter"}, "Select a valid choice."),
    ],
)
def test_a_prepayment_that_cannot_be_says_why(
    values: dict[str, str], words: str, sign_in: SignIn, person: Client
) -> None:
    good = {"method": "check", "amount": "5", "reference": "1", "received_on": "2026-01-05"}

    page = text(sign_in().post(url("prepayment_new", person.pk), good | values))

    assert words in page
    assert not ClientCredit.objects.exists()


def test_a_credit_goes_only_where_it_is_offered(sign_in: SignIn, person: Client) -> None:
    credit = prepaid(person)
    mine = bills.bill(person, "250.00", number="FHI624")
    other = bills.bill(ClientFactory(brand=person.brand), "250.00", number="FHI900")
    browser, path = sign_in(), url("credit_apply", credit.pk)

    assert "FHI900" not in text(browser.get(path))
    strange = text(browser.post(path, {"invoice": other.pk, "amount": "5.00"}))
    much = text(browser.post(path, {"invoice": mine.pk, "amount": "250.01"}))

    assert "Select a valid choice." in strange
    assert "Only $250.00 is due on FHI624." in much
    assert not reads.applications(credit)


def test_nothing_due_is_an_answer_too(sign_in: SignIn, person: Client) -> None:
    credit = prepaid(person)

    page = text(sign_in().get(url("credit_apply", credit.pk)))

    assert "Nothing is due from Priya Raman" in page


def test_no_more_than_is_left_goes_back(sign_in: SignIn, person: Client) -> None:
    credit = prepaid(person)

    page = text(
        sign_in().post(
            url("credit_give_back", credit.pk),
            {"amount": "300.01", "reference": "W-88", "reason": "Not needed"},
        )
    )

    assert "Only $300.00 is left of Check 1234." in page
    credit.refresh_from_db()
    assert credit.returned == D(0)


def test_a_surplus_becomes_credit_and_is_put_back(sign_in: SignIn, person: Client) -> None:
    invoice = bills.bill(person, "400.00", number="FHI624")
    bills.paid(invoice, "450.00")
    browser = sign_in()

    form = text(browser.get(url("invoice_keep_credit", "FHI624")))
    to_credit = browser.post(url("invoice_keep_credit", "FHI624"), {"amount": "50.00"})
    credit = ClientCredit.objects.get()
    again = text(browser.get(url("invoice_keep_credit", "FHI624")))
    offered = text(browser.get(url("credit_apply", credit.pk)))

    assert 'value="50.00"' in form
    assert to_credit["Location"] == url("credit", credit.pk)
    assert "No money is too much on FHI624." in again
    assert "FHI624 · put it back, to refund it there" in offered
    assert "refund the payment there" in text(browser.get(url("credit_give_back", credit.pk)))


def test_the_credit_of_a_note_is_the_note(sign_in: SignIn, person: Client) -> None:
    credit = bills.credit(bills.bill(person, "300.00"), "50.00")

    assert sign_in().get(url("credit", credit.pk))["Location"] == url("invoice", "CM-000001")


# Who may -----------------------------------------------------------------------------------------


def test_a_csr_reads_but_changes_nothing(sign_in: SignIn, person: Client) -> None:
    invoice = bills.bill(person, "300.00", number="FHI624")
    credit = bills.credit(invoice, "50.00")
    money = prepaid(person)
    client_credit.apply_credit(person.brand, credit.pk, invoice.pk, D("20.00"))
    browser = sign_in(Role.CSR)

    note = text(browser.get(url("invoice", "CM-000001")))
    page = text(browser.get(url("credit", money.pk)))

    assert 'Credit note <span class="nowrap">CM-000001</span>' in note
    assert "Prepayment · $300.00" in page
    for words in ("Apply $", "Take $", "Give back</a>", "credit-note/void"):
        assert words not in note + page
    assert browser.get(url("prepayment_new", person.pk)).status_code == 200
    for path in (
        url("credit_note_new", "FHI624"),
        url("credit_note_void", "CM-000001"),
        url("credit_apply", money.pk),
        url("credit_take_off", credit.pk, "FHI624"),
        url("credit_give_back", money.pk),
        url("invoice_keep_credit", "FHI624"),
    ):
        assert browser.post(path, {"reason": "Me too"}).status_code == 403


def test_a_prepayment_that_is_here_already_is_shown(sign_in: SignIn, person: Client) -> None:
    credit = prepaid(person)
    address = url("prepayment_new", person.pk)
    sent = {"method": credit.method, "amount": "300.00", "reference": credit.reference}
    sent["received_on"] = "2026-03-02"
    browser = sign_in(Role.CSR)

    page = browser.post(address, sent)
    asked = fields_of(post_forms(page.content.decode().partition("<main")[2])[0])

    assert f'<a href="/b/fhi/credits/{credit.pk}/">Open the prepayment</a>' in text(page)
    assert ClientCredit.objects.count() == 1
    assert (
        browser.post(address, {**asked, "change": "1"}).context["form"].data["amount"] == "300.00"
    )
    assert browser.post(address, asked).status_code == 302
    assert ClientCredit.objects.count() == 2
