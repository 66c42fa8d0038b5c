"""The taxes of the charges form."""

from decimal import Decimal

import pytest
from django.test import Client as Browser

from accounts.models import Brand
from tests.factories import ChargeFactory, ServiceFactory, TaxRateFactory
from tests.workorders.pages import rows, seen, url
from workorders.charge_forms import AS_IT_IS, UNTAXED, rate_key
from workorders.models import Charge, TaxRate, WorkOrder

EIGHT = Decimal("8.25")


@pytest.fixture
def rate(brand: Brand) -> TaxRate:
    return TaxRateFactory(brand=brand, name="Sales tax", percent=EIGHT)


def taxes_of(job: WorkOrder) -> list[tuple[str, Decimal]]:
    return [(c.tax_name, c.tax_percent) for c in job.charges.all()]


def page() -> str:
    return url("charges_edit", "FHI624")


def test_a_brand_without_taxes_reads_nothing_of_them(csr: Browser, job: WorkOrder) -> None:
    ChargeFactory(work_order=job)

    html = csr.get(page()).content.decode()

    assert "tax" not in html.lower().replace("data-once", "")


def test_each_row_says_its_tax(csr: Browser, brand: Brand, job: WorkOrder, rate: TaxRate) -> None:
    service = ServiceFactory(brand=brand, tax_rate=rate, default_price=Decimal("149.50"))
    plain = ServiceFactory(brand=brand)

    csr.post(
        page(),
        rows(
            seen(csr, page()),
            {"service": service.pk},
            {"service": service.pk, "tax": UNTAXED},
            {"service": plain.pk},
            {"description": "Free text", "amount": "10", "tax": rate_key(rate)},
            {"description": "Untaxed text", "amount": "10"},
        ),
    )

    nothing = ("", Decimal(0))
    assert taxes_of(job) == [("Sales tax", EIGHT), nothing, nothing, ("Sales tax", EIGHT), nothing]


def test_a_service_whose_rate_is_switched_off_suggests_none(
    csr: Browser, brand: Brand, job: WorkOrder, rate: TaxRate
) -> None:
    off = TaxRateFactory(brand=brand, is_active=False)
    service = ServiceFactory(brand=brand, tax_rate=off)

    csr.post(page(), rows(seen(csr, page()), {"service": service.pk}))

    assert taxes_of(job) == [("", Decimal(0))]


def test_a_tax_that_is_gone_stays_as_it_is(csr: Browser, job: WorkOrder, rate: TaxRate) -> None:
    charge = ChargeFactory(work_order=job, tax_name="Old tax", tax_percent=Decimal("5.5"))
    row = {"id": charge.pk, "description": "Reworded", "amount": "329.00"}

    html = csr.get(page()).content.decode()
    csr.post(page(), rows(seen(csr, page()), {**row, "tax": AS_IT_IS}, initial=1))
    unchanged = taxes_of(job)
    csr.post(page(), rows(seen(csr, page()), {**row, "tax": rate_key(rate)}, initial=1))

    assert "5.5% Old tax (as it is)" in html
    assert unchanged == [("Old tax", Decimal("5.5"))]
    assert taxes_of(job) == [("Sales tax", EIGHT)]


def test_a_rate_that_changed_under_an_open_form_is_not_taken(
    csr: Browser, job: WorkOrder, rate: TaxRate
) -> None:
    fingerprint, chosen = seen(csr, page()), rate_key(rate)
    TaxRate.objects.update(percent=Decimal(20))

    answer = csr.post(page(), rows(fingerprint, {"description": "x", "amount": "1", "tax": chosen}))

    assert list(answer.context["formset"].forms[0].errors) == ["tax"]
    assert not Charge.objects.exists()


def test_services_tax_and_total_are_below_the_rows(
    csr: Browser, job: WorkOrder, rate: TaxRate
) -> None:
    ChargeFactory(work_order=job, amount=Decimal(200), tax_name="Sales tax", tax_percent=EIGHT)

    context = csr.get(page()).context

    figures = [context[name] for name in ("services", "tax", "total")]
    assert figures == [Decimal(200), Decimal("16.50"), Decimal("216.50")]
