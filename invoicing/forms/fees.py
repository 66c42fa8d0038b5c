"""Forms of the technology fee. They parse; the verbs decide."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Brand
from core.forms import AmountField, Form, PercentField
from core.money import ZERO, display, quantize
from invoicing.domain.fees import check_moment, checked_terms
from invoicing.settlement.quote import CARD_FUNDINGS, MEANS, Policy, price_list
from invoicing.settlement.types import Uncollected
from workorders.forms import LOCAL_TIME

SAMPLE = Decimal(500)
FEE, NONE = "fee", "none"
CARDS = [(f, MEANS[f][:1].upper() + MEANS[f][1:]) for f in CARD_FUNDINGS]
# What happens to a fee that did not come with its payment, in plain words.
MISSING = {
    Uncollected.ABSORB: "Absorb it: the client owes nothing more and reads “Paid” everywhere. "
    "Only staff see that the fee was not collected, and may still bill it.",
    Uncollected.BILL: "Bill it: the client owes it. Every page says “Technology fee due” and none "
    "says “Paid”, until it is paid or waived.",
}


class SampleForm(Form):
    """An amount to try a fee with."""

    sample = AmountField(label="Try it with", required=False)

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = brand.currency
        for field in self.fields.values():
            if isinstance(field, AmountField):
                field.set_currency(brand.currency)
        self.fields["sample"].initial = quantize(SAMPLE, brand.currency)

    def clean_sample(self) -> Decimal:
        """What was typed; the usual amount where nothing was."""
        typed: Decimal | None = self.cleaned_data["sample"]
        if typed is not None and typed <= 0:
            raise ValidationError("More than nothing.")
        return typed or quantize(SAMPLE, self.currency)

    def amount(self) -> Decimal:
        """The amount to show prices of, whatever was typed."""
        sample = self.cleaned_data.get("sample") if self.is_bound and self.is_valid() else None
        return sample or quantize(SAMPLE, self.currency)


class FeePolicyForm(SampleForm):
    """The technology fee from a moment on. Times are in the brand's zone."""

    kind = forms.ChoiceField(
        label="From then on",
        choices=[(FEE, "Cards bring a technology fee"), (NONE, "There is no technology fee")],
        widget=forms.RadioSelect,
        initial=FEE,
    )
    percent = PercentField(label="Percent", required=False, help_text="Of the services; like 3.59.")
    fixed = AmountField(label="Plus", required=False, help_text="For each payment.")
    cap = AmountField(label="At most", required=False, help_text="Empty: no limit.")
    fundings = forms.MultipleChoiceField(
        label="For these cards",
        choices=CARDS,
        widget=forms.CheckboxSelectMultiple,
        initial=["credit"],
        error_messages={"required": "Choose the cards that bring this fee."},
    )
    uncollected = forms.ChoiceField(
        label="If a card payment arrives without its fee",
        choices=[(key.value, words) for key, words in MISSING.items()],
        widget=forms.RadioSelect,
        initial=Uncollected.ABSORB.value,
    )
    effective_from = forms.DateTimeField(
        required=False,
        label="From",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL_TIME),
        input_formats=[LOCAL_TIME, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )
    # What the shown preview was made of: nothing else is saved.
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    field_order = (
        "kind", "percent", "fixed", "cap", "fundings", "uncollected", "effective_from", "sample",
    )  # fmt: skip

    def __init__(self, *args: Any, brand: Brand, is_first: bool, **kwargs: Any) -> None:
        super().__init__(*args, brand=brand, **kwargs)
        self.brand = brand
        self.fields["fundings"].required = self["kind"].value() != NONE
        back = "Your first fee may also be dated back, for payments that you will import. "
        self.fields[
            "effective_from"
        ].help_text = f"Empty: from now on. {back if is_first else ''}In {brand.time_zone} time."

    def terms(self) -> dict[str, Any]:
        """What was typed, as ``add_policy`` takes it."""
        data = self.cleaned_data
        if data["kind"] == NONE:
            return {"percent": ZERO, "fixed": ZERO, "cap": None, "fundings": []} | {
                "uncollected": Uncollected.ABSORB
            }
        return {
            "percent": data["percent"] or ZERO,
            "fixed": data["fixed"] or ZERO,
            "cap": data["cap"],
            "fundings": data["fundings"],
            "uncollected": Uncollected(data["uncollected"]),
        }

    def fingerprint(self) -> str:
        """What would be saved, to tell whether it is what the preview showed."""
        return f"{self.terms()}{self.cleaned_data['effective_from']}"

    def is_previewed(self) -> bool:
        """Whether the person saw a preview of exactly this."""
        return bool(self.cleaned_data["previewed"] == self.fingerprint())

    def policy(self) -> Policy:
        """The policy that would be saved. ValidationError names the fields at fault."""
        terms = self.terms()
        uncollected = terms.pop("uncollected")
        checked = checked_terms(self.brand, **terms)
        moment = check_moment(self.brand, self.cleaned_data["effective_from"])
        return Policy(
            moment,
            checked.percent,
            checked.fixed,
            checked.cap,
            checked.fundings,
            uncollected,
        )


def price_words(services: Decimal, policy: Policy | None, currency: str) -> list[str]:
    """ "$517.95 by credit card", "$500.00 by debit card, prepaid card, check, bank or cash"."""
    return [
        f"{display(price.total, currency)} by {_joined(price.means)}"
        for price in price_list(services, policy, currency)
    ]


def _joined(means: Iterable[str]) -> str:
    return ", ".join(means)
