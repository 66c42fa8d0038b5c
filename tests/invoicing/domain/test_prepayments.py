"""Money before there is a bill: recorded, used, given back."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from accounts.models import Brand
from activity.describe import render
from activity.models import Entry
from activity.projection import project_pending
from core import clock
from core.refusal import Asks
from invoicing.domain import client_credit, prepayments
from invoicing.models import ClientCredit, Invoice, LedgerEntry
from invoicing.queries import credits as reads
from payments.models import MANUAL_METHODS, Method, Payment
from tests.factories import BrandFactory, ClientFactory
from tests.invoicing import issued_invoices as bills
from tests.payments.conftest import together
from workorders.models import Client

D = Decimal


@pytest.fixture
def person(db: None) -> Client:
    made: Client = ClientFactory(brand=BrandFactory(slug="fhi"))
    return made


def record(person: Client, amount: str = "300.00", **values: Any) -> ClientCredit:
    fields: dict[str, Any] = {
        "method": "check",
        "reference": "1234",
        "received_at": clock.now(),
    } | values
    return prepayments.record_prepayment(person.brand, person.pk, D(amount), **fields)


def give_back(credit: ClientCredit, amount: str, **values: Any) -> ClientCredit:
    fields: dict[str, Any] = {"reference": "W-88", "reason": "Job is off"} | values
    return prepayments.give_back(credit.brand, credit.pk, D(amount), **fields)


def refused(do: Callable[[], object]) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        do()
    messages: dict[str, list[str]] = error.value.message_dict
    return messages


def headlines(brand: Brand) -> list[str]:
    project_pending()
    rows = Entry.objects.filter(brand_id=brand.pk, code__startswith="credit.").order_by("pk")
    return [render(row.code, {"currency": "USD", **row.data}).headline for row in rows]


def test_a_prepayment_is_credit_and_nothing_else(person: Client) -> None:
    at = clock.now() - timedelta(days=2)

    credit = record(person, received_at=at, reason="For the house on Elm")

    assert (credit.kind, credit.label, credit.happened_at) == ("prepayment", "Check 1234", at)
    assert (credit.method, credit.reference, credit.work_order_id) == ("check", "1234", None)
    assert not Payment.objects.exists()
    assert not Invoice.objects.exists()
    assert not LedgerEntry.objects.exists()
    (standing,) = reads.client_credits(person.brand, person.pk)
    assert (standing.left, standing.is_open) == (D("300.00"), True)


def test_its_methods_are_those_of_payments() -> None:
    words = {method.value: method.label for method in Method}

    assert {method.value for method in MANUAL_METHODS} <= set(prepayments.METHODS)
    assert all(words[name] == label for name, label in prepayments.METHODS.items())


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-5.00"}, "amount"),
        ({"amount": "5.001"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"method": "barter"}, "method"),
        ({"reference": " "}, "reference"),
        ({"reference": "x" * 121}, "reference"),
        ({"received_at": clock.now() + timedelta(days=2)}, "received_at"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_what_cannot_be_names_its_field(values: dict[str, Any], field: str, person: Client) -> None:
    assert list(refused(lambda: record(person, **values))) == [field]
    assert not ClientCredit.objects.exists()


def test_cash_needs_no_reference(person: Client) -> None:
    assert record(person, method="cash", reference="").label == "Cash"


def test_another_brands_client_is_refused(person: Client) -> None:
    other = ClientFactory()

    errors = refused(
        lambda: prepayments.record_prepayment(
            person.brand, other.pk, D("5.00"), method="cash", received_at=clock.now()
        )
    )

    assert list(errors) == ["client"]


def test_it_pays_an_invoice_and_the_rest_goes_back(person: Client) -> None:
    credit = record(person)
    invoice = bills.bill(person, "250.00")
    client_credit.apply_credit(person.brand, credit.pk, invoice.pk, D("250.00"))

    assert refused(lambda: give_back(credit, "50.01")) == {
        "amount": ["Only $50.00 is left of Check 1234."]
    }
    credit = give_back(credit, "50.00")

    assert (credit.used, credit.returned) == (D("250.00"), D("50.00"))
    assert bills.settled(invoice).word.value == "Paid"
    with pytest.raises(ValidationError, match="Nothing is left of Check 1234"):
        give_back(credit, "0.01")
    assert headlines(person.brand) == [
        "Prepayment of $300.00 received · Check 1234",
        "Prepayment: $50.00 given back · Check 1234",
    ]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "300.01"}, "amount"),
        ({"reference": ""}, "reference"),
        ({"reason": ""}, "reason"),
    ],
)
def test_giving_back_names_the_field_that_is_wrong(
    values: dict[str, Any], field: str, person: Client
) -> None:
    credit = record(person)

    assert list(refused(lambda: give_back(credit, **{"amount": "5.00"} | values))) == [field]
    credit.refresh_from_db()
    assert credit.returned == D(0)


def test_other_credits_say_where_their_money_goes_back(person: Client) -> None:
    invoice = bills.bill(person, "400.00")
    note = bills.credit(invoice, "50.00")
    bills.paid(invoice, "450.00")
    surplus = client_credit.keep_as_credit(person.brand, invoice.pk, D("50.00"))

    with pytest.raises(ValidationError, match="CM-000001 is no money"):
        give_back(note, "5.00")
    with pytest.raises(ValidationError, match="refund the payment there"):
        give_back(surplus, "5.00")


@pytest.mark.django_db(transaction=True)
def test_it_is_not_used_and_given_back_at_once() -> None:
    person: Client = ClientFactory()
    credit, invoice = record(person), bills.bill(person, "300.00")

    answers = together(
        lambda: client_credit.apply_credit(person.brand, credit.pk, invoice.pk, D("200.00")),
        lambda: give_back(credit, "200.00"),
    )

    assert sum(isinstance(answer, ValidationError) for answer in answers) == 1
    credit.refresh_from_db()
    assert credit.used + credit.returned == D("200.00")


def test_the_database_keeps_it_from_being_overdrawn(person: Client) -> None:
    record(person)

    with (
        pytest.raises(IntegrityError, match="invoicing_credit_not_overdrawn"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE invoicing_clientcredit SET used = 200, returned = 100.01")


@pytest.mark.parametrize(
    ("values", "asks"),
    [
        ({}, True),
        ({"reference": "1235"}, False),
        ({"method": "wire"}, False),
        ({"received_at": clock.now() - timedelta(days=30)}, True),
    ],
)
def test_the_same_money_is_asked_about(person: Client, values: Any, asks: bool) -> None:
    record(person)

    if not asks:
        record(person, **values, answer="")
        return
    with pytest.raises(Asks, match=r"Check 1234 of \$300.00 is recorded already") as asked:
        record(person, **values, answer="")
    assert ClientCredit.objects.count() == 1
    record(person, **values, answer=asked.value.answer)
    assert ClientCredit.objects.count() == 2


def test_cash_of_another_day_is_other_money(person: Client) -> None:
    cash = {"method": "cash", "reference": "", "answer": ""}
    record(person, **cash, received_at=clock.now() - timedelta(days=3))

    record(person, **cash)
    with pytest.raises(Asks):
        record(person, **cash)


@pytest.mark.django_db(transaction=True)
def test_two_people_with_the_same_money_are_asked() -> None:
    person: Client = ClientFactory()

    answers = together(*[lambda: record(person, answer="")] * 2)

    assert sorted(type(a).__name__ for a in answers) == ["Asks", "ClientCredit"]
