"""Credit of clients with the brand: used on invoices, taken off, never spent twice."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from core import clock
from invoicing.domain import client_credit, credit_notes, issuing, prepayments
from invoicing.models import ClientCredit, Invoice, InvoiceBalance, JobBalance, LedgerEntry
from invoicing.queries import credits as reads
from tests.factories import BrandFactory, ClientFactory
from tests.invoicing import issued_invoices as bills
from tests.payments.conftest import together
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import Client

D = Decimal


@pytest.fixture
def brand(db: None) -> Brand:
    made: Brand = BrandFactory(slug="fhi")
    return made


@pytest.fixture
def person(brand: Brand) -> Client:
    made: Client = ClientFactory(brand=brand)
    return made


def prepaid(person: Client, amount: str) -> ClientCredit:
    return prepayments.record_prepayment(
        person.brand,
        person.pk,
        D(amount),
        method="check",
        reference="1234",
        received_at=clock.now(),
    )


def figures(invoice: Invoice) -> tuple[Decimal, Decimal, Decimal]:
    """Billed, credits and balance, the same from the settlement and from the rollup."""
    settlement = bills.settled(invoice)
    rollup = InvoiceBalance.objects.get(invoice=invoice)
    amounts = (settlement.billed, settlement.credits, settlement.balance)
    assert amounts == (rollup.billed, rollup.credits, rollup.balance)
    return amounts


def refused(do: Callable[[], object]) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        do()
    messages: dict[str, list[str]] = error.value.message_dict
    return messages


# The reference case ------------------------------------------------------------------------------


def test_a_credit_note_over_two_invoices(person: Client) -> None:
    """150.00 of 250.00 to A today, 100.00 to B later: totals stay."""
    brand = person.brand
    a, b = bills.bill(person, "1000.00"), bills.bill(person, "400.00")
    credit = bills.credit(a, "270.00", "-20.00")
    assert (credit.label, credit.amount) == ("CM-000001", D("250.00"))

    client_credit.apply_credit(brand, credit.pk, a.pk, D("150.00"))
    client_credit.apply_credit(brand, credit.pk, b.pk, D("100.00"))

    assert figures(a) == (D("1000.00"), D("150.00"), D("850.00"))
    assert figures(b) == (D("400.00"), D("100.00"), D("300.00"))
    credit.refresh_from_db()
    assert (credit.used, client_credit.left_of(credit)) == (D("250.00"), D(0))
    assert [(x.invoice.pk, x.amount) for x in reads.applications(credit)] == [
        (a.pk, D("150.00")),
        (b.pk, D("100.00")),
    ]


def test_voiding_the_invoice_returns_the_credit(person: Client) -> None:
    brand = person.brand
    a, b = bills.bill(person, "1000.00"), bills.bill(person, "400.00")
    credit = bills.credit(a, "250.00")
    client_credit.apply_credit(brand, credit.pk, a.pk, D("150.00"))
    client_credit.apply_credit(brand, credit.pk, b.pk, D("100.00"))

    issuing.void_invoice(brand, a.pk, reason="Booked twice", notes=issuing.Notes.KEEP)

    credit.refresh_from_db()
    assert (credit.used, client_credit.left_of(credit)) == (D("100.00"), D("150.00"))
    assert bills.settled(a).balance == D(0)
    assert figures(b)[2] == D("300.00")
    # Still in use on B, so the note itself stays.
    with pytest.raises(ValidationError, match=f"is applied to {b.number}: take it off first"):
        credit_notes.void_credit_note(brand, bills.credit_note_of(credit), reason="Wrong")


# Applying ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("250.01", "Only $250.00 is left of CM-000001."),
        ("0", "Enter an amount above zero."),
        ("-5.00", "Enter an amount above zero."),
        ("5.001", "Enter an amount above zero."),
        ("NaN", "Enter an amount above zero."),
        ("Infinity", "Enter an amount above zero."),
    ],
)
def test_no_more_than_is_left(amount: str, words: str, person: Client) -> None:
    invoice = bills.bill(person, "1000.00")
    credit = bills.credit(invoice, "250.00")

    errors = refused(
        lambda: client_credit.apply_credit(person.brand, credit.pk, invoice.pk, D(amount))
    )

    assert errors == {"amount": [words]}
    assert not LedgerEntry.objects.exists()


def test_no_more_than_is_due(person: Client) -> None:
    invoice = bills.bill(person, "400.00", number="FHI624")
    bills.paid(invoice, "300.00")
    credit = prepaid(person, "250.00")

    def apply(amount: str) -> object:
        return client_credit.apply_credit(person.brand, credit.pk, invoice.pk, D(amount))

    assert refused(lambda: apply("100.01")) == {"amount": ["Only $100.00 is due on FHI624."]}
    apply("100.00")
    assert refused(lambda: apply("0.01")) == {"amount": ["Only $0.00 is due on FHI624."]}
    assert bills.settled(invoice).word.value == "Paid"


def test_only_on_issued_invoices_of_the_same_client(person: Client) -> None:
    invoice = bills.bill(person, "400.00")
    credit = bills.credit(invoice, "250.00")
    other = bills.bill(ClientFactory(brand=person.brand), "400.00", number="FHI900")
    void = bills.bill(person, "400.00", number="FHI901")
    issuing.void_invoice(person.brand, void.pk, reason="Twice")

    def apply(pk: int) -> object:
        return client_credit.apply_credit(person.brand, credit.pk, pk, D("5.00"))

    no = "is not an issued invoice."
    assert refused(lambda: apply(other.pk)) == {"invoice": ["FHI900 is another client’s."]}
    assert refused(lambda: apply(void.pk)) == {"invoice": [f"FHI901 {no}"]}
    assert refused(lambda: apply(bills.credit_note_of(credit))) == {"invoice": [f"CM-000001 {no}"]}


def test_another_brands_credit_does_not_exist(person: Client) -> None:
    invoice = bills.bill(person, "400.00")
    credit = prepaid(ClientFactory(), "250.00")

    with pytest.raises(ClientCredit.DoesNotExist):
        client_credit.apply_credit(person.brand, credit.pk, invoice.pk, D("5.00"))
    with pytest.raises(Invoice.DoesNotExist):
        client_credit.apply_credit(credit.brand, credit.pk, invoice.pk, D("5.00"))


def test_taking_off_puts_it_back(person: Client) -> None:
    invoice = bills.bill(person, "400.00", number="FHI624")
    credit = prepaid(person, "250.00")
    brand = person.brand
    client_credit.apply_credit(brand, credit.pk, invoice.pk, D("100.00"))
    client_credit.apply_credit(brand, credit.pk, invoice.pk, D("50.00"))

    assert list(
        refused(lambda: client_credit.unapply_credit(brand, credit.pk, invoice.pk, reason=" "))
    ) == ["reason"]
    entry = client_credit.unapply_credit(
        brand, credit.pk, invoice.pk, reason="Meant for the next job"
    )

    credit.refresh_from_db()
    assert (entry.services_amount, credit.used) == (D("150.00"), D(0))
    assert figures(invoice) == (D("400.00"), D(0), D("400.00"))
    assert refused(
        lambda: client_credit.unapply_credit(brand, credit.pk, invoice.pk, reason="Again")
    ) == {"invoice": ["Nothing of Check 1234 is on FHI624."]}
    client_credit.apply_credit(brand, credit.pk, invoice.pk, D("250.00"))
    assert figures(invoice)[2] == D("150.00")


# Overpayments ------------------------------------------------------------------------------------


def test_a_surplus_becomes_credit_for_another_job_and_may_come_back(person: Client) -> None:
    brand = person.brand
    invoice, next_ = bills.bill(person, "400.00"), bills.bill(person, "80.00")
    bills.paid(invoice, "450.00")
    assert figures(invoice)[2] == D("-50.00")

    credit = client_credit.keep_as_credit(brand, invoice.pk, D("50.00"))
    assert (figures(invoice)[2], credit.label) == (D(0), f"Overpayment of {invoice.number}")
    client_credit.apply_credit(brand, credit.pk, next_.pk, D("20.00"))
    assert figures(next_)[2] == D("60.00")

    # Back on its own invoice, to be refunded there, though nothing is due.
    client_credit.apply_credit(brand, credit.pk, invoice.pk, D("30.00"))
    assert figures(invoice)[2] == D("-30.00")
    credit.refresh_from_db()
    assert client_credit.left_of(credit) == D(0)


@pytest.mark.parametrize("amount", ["50.01", "0", "-1.00"])
def test_no_more_than_the_surplus_becomes_credit(amount: str, person: Client) -> None:
    invoice = bills.bill(person, "400.00")
    bills.paid(invoice, "450.00")

    errors = refused(lambda: client_credit.keep_as_credit(person.brand, invoice.pk, D(amount)))

    assert list(errors) == ["amount"]
    assert not ClientCredit.objects.exists()


def test_a_credit_that_is_too_much_never_turns_into_money(person: Client) -> None:
    invoice = bills.bill(person, "100.00")
    credit = bills.credit(invoice, "100.00")
    client_credit.apply_credit(person.brand, credit.pk, invoice.pk, D("100.00"))
    charge = invoice.work_order.charges.get()
    line = ChargeLine("Inspection", D("60.00"), id=charge.pk)
    replace_charges(person.brand, invoice.work_order_id, [line], reason="Smaller house")
    assert bills.settled(invoice).balance == D("-40.00")

    errors = refused(lambda: client_credit.keep_as_credit(person.brand, invoice.pk, D("40.00")))

    assert errors == {
        "amount": ["Only $0.00 of that is money: the rest is a credit, take that off."]
    }


def test_money_moves_out_once(person: Client) -> None:
    invoice = bills.bill(person, "400.00")
    bills.paid(invoice, "450.00")
    client_credit.keep_as_credit(person.brand, invoice.pk, D("50.00"))

    errors = refused(lambda: client_credit.keep_as_credit(person.brand, invoice.pk, D("0.01")))

    assert list(errors) == ["amount"]


# At once -----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_credit_is_not_spent_twice_on_two_jobs() -> None:
    person: Client = ClientFactory()
    invoices = [bills.bill(person, "400.00") for _ in range(4)]
    credit = prepaid(person, "250.00")

    answers = together(
        *(
            lambda pk=i.pk: client_credit.apply_credit(person.brand, credit.pk, pk, D("200.00"))
            for i in invoices
        )
    )

    assert sorted(type(a).__name__ for a in answers) == ["LedgerEntry"] + ["ValidationError"] * 3
    credit.refresh_from_db()
    assert credit.used == D("200.00")


@pytest.mark.django_db(transaction=True)
def test_an_invoice_is_not_paid_twice_by_two_credits() -> None:
    person: Client = ClientFactory()
    invoice = bills.bill(person, "400.00")
    pools = [prepaid(person, "300.00") for _ in range(2)]

    answers = together(
        *(
            lambda pk=c.pk: client_credit.apply_credit(person.brand, pk, invoice.pk, D("300.00"))
            for c in pools
        )
    )

    assert sorted(type(a).__name__ for a in answers) == ["LedgerEntry", "ValidationError"]
    assert figures(invoice)[2] == D("100.00")


@pytest.mark.django_db(transaction=True)
def test_a_note_is_not_voided_while_it_is_being_used() -> None:
    invoice = bills.bill(ClientFactory(), "400.00")
    credit = bills.credit(invoice, "250.00")
    brand = invoice.brand

    use, voided = together(
        lambda: client_credit.apply_credit(brand, credit.pk, invoice.pk, D("100.00")),
        lambda: credit_notes.void_credit_note(brand, bills.credit_note_of(credit), reason="Wrong"),
    )

    assert isinstance(use, ValidationError) != isinstance(voided, ValidationError)
    credit.refresh_from_db()
    assert (credit.used, credit.returned) in {(D("100.00"), D(0)), (D(0), D("250.00"))}


# Whatever the order ------------------------------------------------------------------------------

STEP = st.tuples(
    st.sampled_from(["apply", "unapply", "give back"]),
    st.integers(0, 1),
    st.integers(0, 1),
    st.integers(1, 40_000),
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEP, max_size=8))
def test_no_cent_of_a_credit_is_made_or_lost(
    steps: list[tuple[str, int, int, int]], brand: Brand
) -> None:
    person: Client = ClientFactory(brand=brand)
    invoices = [bills.bill(person, "300.00"), bills.bill(person, "120.00")]
    pools = [bills.credit(invoices[0], "250.00"), prepaid(person, "200.00")]
    for verb, which, where, cents in steps:
        credit, invoice, amount = pools[which], invoices[where], D(cents).scaleb(-2)
        try:
            if verb == "apply":
                client_credit.apply_credit(brand, credit.pk, invoice.pk, amount)
            elif verb == "unapply":
                client_credit.unapply_credit(brand, credit.pk, invoice.pk, reason="Other job")
            else:
                prepayments.give_back(
                    brand, credit.pk, amount, reference="W-1", reason="Not needed"
                )
        except ValidationError:
            continue

    totals = [figures(invoice) for invoice in invoices]
    rows = list(ClientCredit.objects.filter(client=person))
    assert [billed for billed, _, _ in totals] == [D("300.00"), D("120.00")]
    assert sum(credits_ for _, credits_, _ in totals) == sum(row.used for row in rows)
    assert all(balance == billed - used >= 0 for billed, used, balance in totals)
    for row in rows:
        assert row.used == sum(a.amount for a in reads.applications(row))
    for invoice in invoices:
        job = JobBalance.objects.get(work_order=invoice.work_order_id)
        assert job.balance == bills.settled(invoice).balance
