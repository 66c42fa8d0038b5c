"""Forms of the technology fee. Pure: nothing is saved."""

from datetime import UTC, datetime
from decimal import Decimal

from invoicing.forms.fees import FeePolicyForm, SampleForm, price_words
from invoicing.settlement.quote import Policy
from invoicing.settlement.types import Uncollected
from tests.factories import BrandFactory

D = Decimal
GOOD = {"kind": "fee", "percent": "3.59", "fundings": ["credit"], "uncollected": "bill"}


def form(**values: object) -> FeePolicyForm:
    return FeePolicyForm(GOOD | values, brand=BrandFactory.build(), is_first=True)


def test_what_is_typed_is_what_a_policy_takes() -> None:
    made = form(fixed="0.30")

    assert made.is_valid(), made.errors
    assert made.terms() == {
        "percent": D("3.59"),
        "fixed": D("0.30"),
        "cap": None,
        "fundings": ["credit"],
        "uncollected": Uncollected.BILL,
    }


def test_no_fee_needs_no_cards() -> None:
    made = form(kind="none", fundings=[])

    assert made.is_valid(), made.errors
    assert (made.terms()["percent"], made.terms()["fundings"]) == (D(0), [])


def test_a_fee_needs_its_cards() -> None:
    assert "fundings" in form(fundings=[]).errors


def test_only_what_was_previewed_is_saved() -> None:
    shown = form()
    assert shown.is_valid()

    same, other = form(previewed=shown.fingerprint()), form(previewed="x")

    assert same.is_valid() and same.is_previewed()
    assert other.is_valid() and not other.is_previewed()


def test_a_sample_is_above_zero_and_has_a_default() -> None:
    brand = BrandFactory.build()

    assert SampleForm({"sample": "-5"}, brand=brand).errors
    assert SampleForm({"sample": ""}, brand=brand).amount() == D("500.00")
    assert SampleForm({"sample": "80"}, brand=brand).amount() == D("80.00")


def test_prices_in_words() -> None:
    fee = Policy(datetime(2026, 1, 1, tzinfo=UTC), D("3.59"), fundings=frozenset(["credit"]))

    assert price_words(D("500"), fee, "USD") == [
        "$517.95 by credit card",
        "$500.00 by debit card, prepaid card, check, bank or cash",
    ]
