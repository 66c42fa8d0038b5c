"""Fields for money and percentages, and errors of verbs on a form."""

from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError

from core.forms import AmountField, PercentField, show_errors


class PriceForm(forms.Form):
    amount = AmountField(required=False)
    percent = PercentField(required=False)


def form(currency: str = "USD", **data: str) -> PriceForm:
    made = PriceForm(data)
    field = made.fields["amount"]
    assert isinstance(field, AmountField)
    field.set_currency(currency)
    return made


@pytest.mark.parametrize(
    ("currency", "typed", "amount"),
    [
        ("USD", "1,234.50", "1234.50"),
        ("USD", "-25", "-25.00"),
        ("JPY", "329", "329"),
        ("KWD", "1.005", "1.005"),
    ],
)
def test_an_amount_is_exact_in_its_currency(currency: str, typed: str, amount: str) -> None:
    price = form(currency, amount=typed)

    assert price.is_valid(), price.errors
    assert price.cleaned_data["amount"] == Decimal(amount)


@pytest.mark.parametrize(
    ("currency", "typed"), [("USD", "1.005"), ("JPY", "1.5"), ("USD", "much"), ("USD", "NaN")]
)
def test_what_is_no_amount_is_an_error_of_the_field(currency: str, typed: str) -> None:
    assert list(form(currency, amount=typed).errors) == ["amount"]


def test_a_percentage_has_up_to_four_decimals() -> None:
    assert form(percent="8.2500").fields["percent"].clean("8.25") == Decimal("8.25")
    assert form().fields["percent"].clean("") is None
    assert form().fields["percent"].prepare_value(Decimal("8.2500")) == "8.25"
    assert list(form(percent="8.12345").errors) == ["percent"]


def test_what_a_verb_refuses_goes_to_its_field_or_above_the_form() -> None:
    price = form()
    assert price.is_valid()
    show_errors(price, ValidationError({"amount": "Too much.", "status": "Cancelled already."}))
    show_errors(price, ValidationError("Somebody was faster."))

    assert price.errors["amount"] == ["Too much."]
    assert price.non_field_errors() == ["Cancelled already.", "Somebody was faster."]
