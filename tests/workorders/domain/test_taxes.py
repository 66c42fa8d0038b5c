"""Tax rates, and what charges copy from them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from accounts.models import Brand
from activity.describe import Sentence, render
from activity.models import Entry
from activity.projection import project_pending
from tests.factories import BrandFactory, ChargeFactory, ServiceFactory, TaxRateFactory
from tests.tripwire import unsettled
from workorders.domain import services, taxes
from workorders.domain.charges import (
    ChargeLine,
    charges_fingerprint,
    replace_charges,
    tax_total,
)
from workorders.models import Charge, Service, TaxRate, WorkOrder

SALES = ("Sales tax", Decimal("8.25"))


def taxed(amount: str, name: str = "Sales tax", percent: str = "8.25") -> ChargeLine:
    return ChargeLine("Inspection", Decimal(amount), tax_name=name, tax_percent=Decimal(percent))


def sentence(entry: Entry) -> Sentence:
    return render(entry.code, {"currency": "USD", **entry.data})


def visible_entries() -> QuerySet[Entry]:
    """Entries that people read: that an invoice has a draft at all is technical."""
    return Entry.objects.filter(technical=False).order_by("pk")


def headlines() -> list[str]:
    project_pending()
    return [sentence(entry).headline for entry in visible_entries()]


def test_a_charge_keeps_its_tax_when_the_rate_changes(brand: Brand, job: WorkOrder) -> None:
    rate = taxes.create_tax_rate(brand, name=" Sales   tax", percent=Decimal("8.25"))
    replace_charges(brand, job.pk, [taxed("329.00", rate.name)])

    taxes.edit_tax_rate(brand, rate.pk, name="Sales tax", percent=Decimal("9.5"), is_active=False)

    charge = Charge.objects.get()
    assert (charge.tax_name, charge.tax_percent) == SALES
    rate.refresh_from_db()
    assert (rate.percent, rate.is_active) == (Decimal("9.5"), False)


@pytest.mark.parametrize("percent", ["0", "-1", "100.0001", "8.25001", "NaN", "Infinity"])
def test_a_rate_is_above_nothing_and_at_most_all(brand: Brand, percent: str) -> None:
    with pytest.raises(ValidationError) as refused:
        taxes.create_tax_rate(brand, name="Sales tax", percent=Decimal(percent))

    assert list(refused.value.error_dict) == ["percent"]
    assert not TaxRate.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "SALES tax"])
def test_a_rate_has_a_name_of_its_own(brand: Brand, name: str) -> None:
    TaxRateFactory(brand=brand, name="Sales tax")

    with pytest.raises(ValidationError) as refused:
        taxes.create_tax_rate(brand, name=name, percent=Decimal(5))
    taxes.create_tax_rate(BrandFactory(), name="Sales tax", percent=Decimal(5))

    assert list(refused.value.error_dict) == ["name"]


def test_another_brands_rate_is_not_there(brand: Brand) -> None:
    rate = TaxRateFactory(brand=BrandFactory())
    service = ServiceFactory(brand=brand)

    with pytest.raises(TaxRate.DoesNotExist):
        taxes.edit_tax_rate(brand, rate.pk, name="Mine", percent=Decimal(5), is_active=True)
    with pytest.raises(ValidationError) as refused:
        services.create_service(brand, name="Radon", tax_rate_id=rate.pk)
    Service.objects.filter(pk=service.pk).update(tax_rate_id=rate.pk)
    with pytest.raises(IntegrityError):
        connection.check_constraints()

    assert list(refused.value.error_dict) == ["tax_rate"]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (taxed("1.00", name=" "), "tax_name"),
        (taxed("1.00", percent="0"), "tax_name"),
        (taxed("1.00", name="x" * 61), "tax_name"),
        (taxed("1.00", percent="-0.01"), "tax_percent"),
        (taxed("1.00", percent="100.01"), "tax_percent"),
        (taxed("1.00", percent="8.25001"), "tax_percent"),
        (taxed("1.00", percent="NaN"), "tax_percent"),
    ],
)
def test_an_invalid_tax_is_refused(
    brand: Brand, job: WorkOrder, line: ChargeLine, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        replace_charges(brand, job.pk, [line])

    assert list(refused.value.error_dict) == [field]
    assert not Charge.objects.exists()


@pytest.mark.parametrize(
    ("name", "percent"), [("", "5"), ("Tax", "0"), ("Tax", "-1"), ("T", "101")]
)
def test_the_database_refuses_half_a_tax(job: WorkOrder, name: str, percent: str) -> None:
    charge = ChargeFactory(work_order=job)

    with pytest.raises(IntegrityError), transaction.atomic():
        Charge.objects.filter(pk=charge.pk).update(tax_name=name, tax_percent=Decimal(percent))


def test_each_line_is_rounded_by_itself(brand: Brand) -> None:
    lines = [taxed("0.06"), taxed("0.06"), taxed("-0.06"), ChargeLine("Untaxed", Decimal(100))]

    assert tax_total(lines, "USD") == Decimal("0.00")
    assert tax_total([taxed("10.10")] * 3, "USD") == Decimal("2.49")


def test_a_taxed_discount_cannot_bring_the_bill_below_zero(brand: Brand, job: WorkOrder) -> None:
    lines = [ChargeLine("Inspection", Decimal(100)), taxed("-100.00")]

    with pytest.raises(ValidationError) as refused:
        replace_charges(brand, job.pk, lines)

    assert list(refused.value.error_dict) == ["charges"]


def test_a_form_notices_that_only_the_tax_changed(brand: Brand, job: WorkOrder) -> None:
    charge = ChargeFactory(work_order=job)
    seen = charges_fingerprint(list(job.charges.all()))
    with unsettled():
        Charge.objects.filter(pk=charge.pk).update(
            tax_name="Sales tax", tax_percent=Decimal("8.25")
        )

    with pytest.raises(ValidationError, match="Somebody changed this"):
        replace_charges(brand, job.pk, [], expected=seen)


def test_saving_the_same_tax_changes_nothing(brand: Brand, job: WorkOrder) -> None:
    (charge,) = replace_charges(brand, job.pk, [taxed("329.00")])
    before = headlines()

    replace_charges(brand, job.pk, [replace(taxed("329.000"), id=charge.pk)])

    assert headlines() == before
