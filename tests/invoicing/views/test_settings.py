"""The billing settings: terms of payment, and how credit notes are numbered."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand
from invoicing.domain import terms
from invoicing.domain.terms import BillingTerms
from invoicing.models import BillingSettings


def settings_of(**values: object) -> dict[str, object]:
    good = {"credit_note_prefix": "CM-", "width": 6, "next_number": 1, "terms_days": 14}
    return {**good, **values}


def test_settings_say_how_the_next_credit_note_is_called(admin: Browser, brand: Brand) -> None:
    page = reverse("billing_settings", args=["fhi"])
    assert "CM-000001" in admin.get(page).content.decode()

    values = settings_of(credit_note_prefix="CN.", width=4, next_number=70)
    assert admin.post(page, values).status_code == 302

    assert "CN.0070" in admin.get(page).content.decode()
    assert BillingSettings.objects.get(brand=brand).terms_days == 14


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"credit_note_prefix": ""}, "credit_note_prefix"),
        ({"credit_note_prefix": "C/M"}, "credit_note_prefix"),
        ({"credit_note_prefix": "fhi"}, "credit_note_prefix"),
        ({"width": 0}, "width"),
        ({"width": 13}, "width"),
        ({"next_number": 4}, "next_number"),
        ({"next_number": 10**10}, "next_number"),
        ({"terms_days": 366}, "terms_days"),
        ({"terms_days": -1}, "terms_days"),
    ],
)
def test_settings_that_cannot_be(
    values: dict[str, object], named: str, admin: Browser, brand: Brand
) -> None:
    terms.set_terms(brand, BillingTerms("CM-", 6, 5, 0))

    with pytest.raises(ValidationError) as refused:
        terms.set_terms(brand, BillingTerms(**settings_of(next_number=5) | values))  # type: ignore[arg-type]
    page = reverse("billing_settings", args=["fhi"])
    answer = admin.post(page, settings_of(next_number=5) | values)

    assert set(refused.value.message_dict) == {named}
    assert set(answer.context["form"].errors) == {named}
    assert terms.terms_of(brand) == BillingTerms("CM-", 6, 5, 0)
