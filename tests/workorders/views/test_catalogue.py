"""The pages of tax rates, the taxes of the charges form, and why an issued bill changes."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser

from accounts.models import Brand
from tests.factories import TaxRateFactory
from tests.workorders.pages import rows, seen, url
from workorders.domain import hooks
from workorders.models import Charge, Service, TaxRate, WorkOrder

EIGHT = Decimal("8.25")


@pytest.fixture
def rate(brand: Brand) -> TaxRate:
    return TaxRateFactory(brand=brand, name="Sales tax", percent=EIGHT)


@pytest.fixture
def issued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The bill is issued; the reasons that the hooks heard."""
    heard: list[str] = []
    monkeypatch.setattr(hooks, "bill_is_issued", [lambda _: False, lambda _: True])
    monkeypatch.setattr(hooks, "on_charges_changed", [lambda _, why: heard.append(why)])
    return heard


def page() -> str:
    return url("charges_edit", "FHI624")


@pytest.mark.usefixtures("unwatched")
def test_an_issued_bill_asks_why(csr: Browser, job: WorkOrder, issued: list[str]) -> None:
    line = {"description": "Inspection", "amount": "329.00"}

    html = csr.get(page()).content.decode()
    refused = csr.post(page(), rows(seen(csr, page()), line) | {"reason": " "})
    nothing_yet = Charge.objects.exists()
    csr.post(page(), rows(seen(csr, page()), line) | {"reason": "Client asked"})

    assert "This bill is issued. Saving makes a new revision; the earlier one stays." in html
    assert refused.context["reason_form"].errors == {"reason": ["This field is required."]}
    assert not nothing_yet
    assert issued == ["Client asked"]


def test_a_bill_that_is_not_issued_asks_nothing(csr: Browser, job: WorkOrder) -> None:
    html = csr.get(page()).content.decode()

    assert 'name="reason"' not in html
    assert "revision" not in html


def test_a_reason_that_a_hook_misses_is_asked_for_at_its_field(
    csr: Browser, job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issued between opening the form and saving it."""

    def refuse(_: WorkOrder, reason: str) -> None:
        raise ValidationError({"reason": "Say why the bill changes.", "charges": "And look."})

    monkeypatch.setattr(hooks, "on_charges_changed", [refuse])

    answer = csr.post(page(), rows(seen(csr, page()), {"description": "x", "amount": "1"}))

    html = answer.content.decode()
    assert answer.context["reason_form"].errors == {"reason": ["Say why the bill changes."]}
    assert answer.context["problems"] == ["And look."]
    assert 'name="reason"' in html
    assert not Charge.objects.exists()


def test_tax_rates_are_for_billing(csr: Browser) -> None:
    assert csr.get(url("tax_rates")).status_code == 403


def test_a_tax_rate_is_added_changed_and_switched_off(billing: Browser, brand: Brand) -> None:
    empty = billing.get(url("tax_rates")).content.decode()
    refused = billing.post(url("tax_rate_new"), {"name": "Sales tax", "percent": "lots"})
    zero = billing.post(url("tax_rate_new"), {"name": "Sales tax", "percent": "0"})
    billing.post(url("tax_rate_new"), {"name": "Sales tax", "percent": "8.25%"})
    rate = TaxRate.objects.get(brand=brand)
    listed = billing.get(url("tax_rates")).content.decode()
    form = billing.get(url("tax_rate_edit", rate.pk)).content.decode()
    billing.post(url("tax_rate_edit", rate.pk), {"name": "Sales tax", "percent": "9"})

    assert "Add a tax rate" in empty
    assert list(refused.context["form"].errors) == ["percent"]
    assert list(zero.context["form"].errors) == ["percent"]
    assert "8.25%" in listed
    assert 'value="8.25"' in form
    rate.refresh_from_db()
    assert (rate.percent, rate.is_active) == (Decimal(9), False)


def test_a_service_carries_a_rate(billing: Browser, brand: Brand, rate: TaxRate) -> None:
    data = {"name": "Radon", "service_type": "standard", "default_price": "149.50"}

    billing.post(url("service_new"), {**data, "tax_rate": rate.pk})
    service = Service.objects.get(brand=brand)
    TaxRate.objects.update(is_active=False)
    billing.post(url("service_edit", service.pk), {**data, "tax_rate": rate.pk, "is_active": "on"})
    still_used = Service.objects.get().tax_rate
    billing.post(url("service_edit", service.pk), {**data, "tax_rate": "", "is_active": "on"})

    assert (service.tax_rate, still_used) == (rate, rate)
    assert Service.objects.get().tax_rate is None
    assert "Sales tax" not in billing.get(url("services")).content.decode()
