"""Fields for money and percentages, and errors of verbs on a form."""

from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from core.forms import CARD_NUMBER, AmountField, Form, PercentField, show_errors


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


class _Paid(Form):
    """A text, an amount and a secret."""

    note = forms.CharField(required=False)
    amount = AmountField(required=False)
    secret = forms.CharField(required=False, widget=forms.PasswordInput)

    def clean(self) -> None:
        if note := self.cleaned_data.get("note"):
            self.add_error("amount", f"How much of it is {note}?")


@pytest.mark.parametrize("field", ["note", "amount"])
@pytest.mark.parametrize("prefix", [None, "row-0"])
def test_a_card_number_is_refused_in_any_field(field: str, prefix: str | None) -> None:
    key = f"{prefix}-{field}" if prefix else field
    form = _Paid(QueryDict(f"{key}=paid+4242+4242-42424242&other=1"), prefix=prefix)

    assert form.errors[field] == [CARD_NUMBER]
    assert field not in form.cleaned_data
    assert "4242 4242" not in form.as_p()
    assert 'value="paid •••• 4242"' in form.as_p()
    assert form.data["other"] == "1"


def test_no_message_quotes_it() -> None:
    form = _Paid({"note": "4242424242424242"})

    assert form.errors == {"note": [CARD_NUMBER], "amount": ["How much of it is •••• 4242?"]}


def test_what_is_typed_blind_is_left_alone() -> None:
    form = _Paid({"secret": "4242424242424242", "amount": "12.00"})

    assert form.is_valid()
    assert form.cleaned_data["secret"] == "4242424242424242"
