"""What was issued stays: whom a document is billed to, and what is said to have changed since."""

import pytest
from django.test import Client as Browser
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invoicing.domain import issuing
from invoicing.models import Invoice, InvoiceRevision
from invoicing.queries import bill_to
from invoicing.queries.bill_to import BillTo, changed_since
from tests.html import one_line
from tests.invoicing import issued_invoices as bills
from tests.invoicing.billed_jobs import charge, line
from tests.invoicing.browsing import SignIn
from workorders.domain import jobs, people
from workorders.domain.jobs import JobDetails
from workorders.models import Client, WorkOrder

OLD = BillTo("Priya Raman", "1 Elm Street", "DE123", "12 Alder Court")


@pytest.fixture
def person(person: Client) -> Client:
    Client.objects.filter(pk=person.pk).update(address=OLD.address, tax_number=OLD.tax_number)
    person.refresh_from_db()
    return person


@pytest.fixture
def invoice(person: Client) -> Invoice:
    return bills.bill(person, "329.00", number="FHI624")


def renamed(person: Client, name: str = "Priya Shah", **rest: str) -> Client:
    values = {"email": person.email, "phone": "", **rest}
    return people.edit_client(person.brand, person.pk, name=name, **values)


def moved(invoice: Invoice, address: str) -> None:
    jobs.edit_details(invoice.brand, invoice.work_order_id, JobDetails(address=address))


def kept(invoice: Invoice) -> list[BillTo]:
    rows = InvoiceRevision.objects.filter(invoice=invoice).order_by("number")
    return [bill_to.of_revision(row) for row in rows]


def test_an_issued_revision_keeps_client_and_place(invoice: Invoice, person: Client) -> None:
    place = invoice.work_order.address
    renamed(person, address="2 Oak Street", tax_number="")
    moved(invoice, "99 Birch Road")

    assert kept(invoice) == [BillTo(person.name, OLD.address, OLD.tax_number, place)]


def test_a_draft_has_those_of_now(person: Client) -> None:
    job: WorkOrder = bills.bill(person, "1.00").work_order
    draft = issuing.bill_separately(person.brand, job.pk, [line("5.00")])
    renamed(person)
    draft = Invoice.objects.select_related("client", "work_order").get(pk=draft.pk)

    assert bill_to.of_document(draft, None).name == "Priya Shah"


def test_amending_takes_the_new_ones_and_the_first_revision_keeps_its_own(
    invoice: Invoice, person: Client
) -> None:
    renamed(person)
    charge(invoice.work_order, line("350.00"), reason="Larger house")

    assert [row.name for row in kept(invoice)] == ["Priya Raman", "Priya Shah"]


def test_a_credit_note_keeps_them_too(invoice: Invoice, person: Client) -> None:
    note = bills.credit(invoice, "10.00").invoice
    assert note is not None
    renamed(person)

    assert [row.name for row in kept(note)] == ["Priya Raman"]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (OLD, []),
        (
            BillTo("Priya Shah", "2 Oak Street", "DE9", "99 Birch Road"),
            [
                "Client is now called “Priya Shah”.",
                "The client’s billing address is now “2 Oak Street”.",
                "The client’s tax number is now “DE9”.",
                "The job’s address is now “99 Birch Road”.",
            ],
        ),
        (
            BillTo("Priya Raman", "", "", ""),
            [
                "The client has no billing address now.",
                "The client has no tax number now.",
                "The job has no address now.",
            ],
        ),
    ],
)
def test_what_changed_since(now: BillTo, said: list[str]) -> None:
    assert changed_since(OLD, now) == said


# Pages -------------------------------------------------------------------------------------------


def page(browser: Browser, number: str) -> str:
    return one_line(browser.get(reverse("invoice", args=["fhi", number])).content.decode())


def test_the_invoice_page_shows_whom_it_was_issued_to(
    sign_in: SignIn, invoice: Invoice, person: Client
) -> None:
    browser = sign_in()
    fresh = page(browser, "FHI624")
    renamed(person, tax_number="DE9")
    later = page(browser, "FHI624")

    assert "Changed" not in fresh and "keeps what it was issued with" not in fresh
    assert "1 Elm Street" in fresh
    assert "Priya Raman" in later
    assert "Client is now called “Priya Shah”. The client’s tax number is now “DE9”." in later
    assert "FHI624 keeps what it was issued with." in later
    assert "DE123" in later


def test_each_revision_names_whom_it_was_issued_to(
    sign_in: SignIn, invoice: Invoice, person: Client
) -> None:
    renamed(person)
    charge(invoice.work_order, line("350.00"), reason="Larger house")

    shown = page(sign_in(), "FHI624")

    assert "Priya Raman" in shown
    assert "keeps what it was issued with" not in shown


def test_the_page_of_a_credit_note(sign_in: SignIn, invoice: Invoice, person: Client) -> None:
    bills.credit(invoice, "10.00")
    renamed(person)

    shown = page(sign_in(), "CM-000001")

    assert "Priya Raman" in shown
    assert "Client is now called “Priya Shah”." in shown


def test_the_form_of_a_client_has_address_and_tax_number(sign_in: SignIn, person: Client) -> None:
    browser, url = sign_in(), reverse("client_edit", args=["fhi", person.pk])
    form = {"name": person.name, "email": "", "phone": ""}

    browser.post(url, form | {"address": " 7 Ash  Lane ", "tax_number": "IT 77"})
    person.refresh_from_db()
    shown = one_line(browser.get(reverse("client", args=["fhi", person.pk])).content.decode())

    assert (person.address, person.tax_number) == ("7 Ash Lane", "IT 77")
    assert "7 Ash Lane" in shown
    assert "Tax number IT 77" in shown


# In any order ------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(st.sampled_from(["rename", "move", "amend"]), st.integers(0, 9)), max_size=8
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_no_revision_ever_changes_what_it_says(
    invoice: Invoice, person: Client, steps: list[tuple[str, int]]
) -> None:
    before = kept(invoice)
    for verb, n in steps:
        if verb == "rename":
            renamed(person, f"Client {n}", address=f"{n} Elm Street")
        elif verb == "move":
            moved(invoice, f"{n} Alder Court")
        else:
            charge(invoice.work_order, line(f"{300 + n}.00"), reason="Another size")
        now = kept(invoice)
        assert now[: len(before)] == before
        if len(now) > len(before):
            fresh = Invoice.objects.select_related("client", "work_order").get(pk=invoice.pk)
            assert now[-1] == bill_to.of_now(fresh)
        before = now
