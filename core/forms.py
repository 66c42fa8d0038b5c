"""Form fields and helpers used across apps."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from core import card_numbers
from core.money import AmountError, decimals, display_percent, parse_amount, parse_percent

CARD_NUMBER = (
    "This has a card number in it, which may not be stored here. Only its last four digits are "
    "left: look at the text, and send it again."
)


class Form(forms.Form):
    """What every form of ours is made of: no field of it takes a card number.

    A text with one is refused, and in what the page shows again only the last four digits of it are
    left. What is typed blind (a password, a secret) is left alone: it is stored sealed or hashed.
    """

    def full_clean(self) -> None:
        """Check as Django does, then for card numbers."""
        super().full_clean()
        if not self.is_bound:
            return
        typed = [n for n, f in self.fields.items() if not isinstance(f.widget, forms.PasswordInput)]
        refused = [name for name in typed if self._has_card_number(name)]
        if refused:
            for name, errors in self.errors.items():  # one may quote what was typed
                self.errors[name] = self.error_class([card_numbers.masked(str(e)) for e in errors])
            for name in refused:
                self.errors.pop(name, None)
                self.add_error(name, CARD_NUMBER)

    def _has_card_number(self, name: str) -> bool:
        """Whether one was typed into a field, whose text is then shortened."""
        key = self.add_prefix(name)
        given = self.data.getlist(key) if isinstance(self.data, MultiValueDict) else []
        values = given or [self.data.get(key)]
        texts = [value for value in values if isinstance(value, str)]
        if not any(map(card_numbers.has_card_number, texts)):
            return False
        data = QueryDict(mutable=True)
        data.update(self.data)
        data.setlist(key, [card_numbers.masked(text) for text in texts])
        self.data = data
        return True


class AmountField(forms.CharField):
    """An amount as a person types it, read by ``core.money`` in ``currency``; never rounded."""

    def __init__(self, *, currency: str = "USD", **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 24)
        super().__init__(**kwargs)
        self.set_currency(currency)

    def set_currency(self, currency: str) -> None:
        """Read and write amounts of ``currency`` from now on (forms learn theirs late)."""
        self.currency = currency
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        """Show a stored amount with the currency's own decimals, without grouping."""
        if isinstance(value, Decimal):
            return f"{value:.{decimals(self.currency)}f}"
        return value

    def clean(self, value: Any) -> Any:
        """The amount as ``Decimal``, None where the field is empty and may be."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_amount(text, self.currency)
        except AmountError as error:
            raise ValidationError(str(error)) from error


class PercentField(forms.CharField):
    """A percentage as a person types it: ``8.25``, ``8.25%``; 0 to 100, up to 4 decimals."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 12)
        super().__init__(**kwargs)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        """Show a stored percentage without the zeros behind it."""
        return display_percent(value).removesuffix("%") if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Any:
        """The percentage as ``Decimal``, None where the field is empty and may be."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_percent(text)
        except AmountError as error:
            raise ValidationError(str(error)) from error


def show_errors(
    form: forms.BaseForm, error: ValidationError, names: Mapping[str, str] | None = None
) -> None:
    """Put what a verb refused next to the fields that it names, the rest above the form.

    ``names``: what the form calls a verb's input, where it is another name.
    """
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        field = (names or {}).get(name, name)
        form.add_error(field if field in form.fields else None, errors)
