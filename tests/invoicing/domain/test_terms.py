"""A brand's billing settings: saved as they are set, refused field by field."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Brand
from invoicing.domain.terms import BillingTerms, set_terms, terms_of
from invoicing.models import BillingSettings

TERMS = BillingTerms(credit_note_prefix="CN.", width=4, next_number=70, terms_days=30)


def test_without_any_there_are_defaults(brand: Brand) -> None:
    assert terms_of(brand) == BillingTerms("CM-", 6, 1, 0)
    assert not BillingSettings.objects.exists()


def test_they_are_saved_as_they_are_set(brand: Brand) -> None:
    set_terms(brand, replace(TERMS, credit_note_prefix="  CN. "))

    assert terms_of(brand) == TERMS
    assert terms_of(brand).preview() == "CN.0070"


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("credit_note_prefix", {"credit_note_prefix": ""}),
        ("credit_note_prefix", {"credit_note_prefix": "C" * 13}),
        ("credit_note_prefix", {"credit_note_prefix": "C M"}),
        ("credit_note_prefix", {"credit_note_prefix": "fhi"}),
        ("width", {"width": 0}),
        ("width", {"width": 13}),
        ("next_number", {"next_number": 69}),
        ("next_number", {"next_number": 10**9 + 1}),
        ("terms_days", {"terms_days": -1}),
        ("terms_days", {"terms_days": 366}),
    ],
)
def test_what_is_wrong_is_named_and_nothing_saved(
    field: str, change: dict[str, object], brand: Brand
) -> None:
    set_terms(brand, TERMS)

    with pytest.raises(ValidationError) as refused:
        set_terms(brand, replace(TERMS, **change))  # type: ignore[arg-type]

    assert list(refused.value.error_dict) == [field]
    assert terms_of(brand) == TERMS
