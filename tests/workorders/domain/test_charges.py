"""Replacing the charges of a job, all at once or not at all."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Brand
from tests.factories import BrandFactory, ChargeFactory, ServiceFactory, WorkOrderFactory
from workorders.domain import hooks
from workorders.domain.charges import ChargeLine, charges_fingerprint, replace_charges
from workorders.models import Charge, ServiceType, WorkOrder


def amounts(job: WorkOrder) -> list[tuple[str, Decimal]]:
    return [(c.description, c.amount) for c in job.charges.all()]


def test_lines_are_added_changed_and_removed_in_one_go(brand: Brand, job: WorkOrder) -> None:
    inspection = ChargeFactory(work_order=job, description="Inspection", amount=Decimal("329.00"))
    ChargeFactory(work_order=job, description="Radon", amount=Decimal("149.50"), position=1)

    replace_charges(
        brand,
        job.pk,
        [
            ChargeLine("Sewer scope", Decimal("210.00")),
            ChargeLine("Inspection, large", Decimal("379.00"), id=inspection.pk),
            ChargeLine("Returning client", Decimal("-25.00")),
        ],
    )

    assert amounts(job) == [
        ("Sewer scope", Decimal("210.00")),
        ("Inspection, large", Decimal("379.00")),
        ("Returning client", Decimal("-25.00")),
    ]
    assert Charge.objects.filter(pk=inspection.pk).exists()


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (ChargeLine(" ", Decimal("1.00")), "description"),
        (ChargeLine("x" * 241, Decimal("1.00")), "description"),
        (ChargeLine("Inspection", Decimal("1.001")), "amount"),
        (ChargeLine("Inspection", Decimal("1.00"), service_id=10**9), "service"),
        (ChargeLine("Discount", Decimal("-0.01")), "charges"),
    ],
)
def test_invalid_lines_are_refused_and_nothing_is_written(
    brand: Brand, job: WorkOrder, line: ChargeLine, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        replace_charges(brand, job.pk, [line])

    assert list(refused.value.error_dict) == [field]
    assert amounts(job) == []


@pytest.mark.parametrize(
    ("currency", "fine"), [("JPY", "1.5"), ("USD", "1.005"), ("KWD", "1.0005")]
)
def test_an_amount_is_never_finer_than_its_currency(db: None, currency: str, fine: str) -> None:
    job = WorkOrderFactory(brand__currency=currency)

    with pytest.raises(ValidationError, match="decimals"):
        replace_charges(job.brand, job.pk, [ChargeLine("Inspection", Decimal(fine))])


def test_another_jobs_charge_cannot_be_taken_over(brand: Brand, job: WorkOrder) -> None:
    other = ChargeFactory(work_order=WorkOrderFactory(brand=brand))

    with pytest.raises(ValidationError):
        replace_charges(brand, job.pk, [ChargeLine("Mine now", Decimal("1.00"), id=other.pk)])

    other.refresh_from_db()
    assert other.description == "General Home Inspection"


def test_another_brands_service_cannot_be_billed(brand: Brand, job: WorkOrder) -> None:
    service = ServiceFactory(brand=BrandFactory())

    with pytest.raises(ValidationError):
        replace_charges(brand, job.pk, [ChargeLine("x", Decimal("1.00"), service_id=service.pk)])


def test_an_outdated_form_is_refused(brand: Brand, job: WorkOrder) -> None:
    seen = charges_fingerprint(list(job.charges.all()))
    ChargeFactory(work_order=job, description="Somebody else’s")

    with pytest.raises(ValidationError, match="Somebody changed this"):
        replace_charges(brand, job.pk, [], expected=seen)

    assert amounts(job) == [("Somebody else’s", Decimal("329.000"))]


@pytest.mark.usefixtures("unwatched")
def test_hooks_hear_of_a_change_and_only_of_a_change(
    brand: Brand, job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(hooks, "on_charges_changed", [lambda j, why: heard.append((j.number, why))])

    line = ChargeLine("Inspection", Decimal("329.00"))
    charge = replace_charges(brand, job.pk, [line], reason="  Client\n asked ")[0]
    same = ChargeLine("Inspection", Decimal("329.00"), id=charge.pk)
    replace_charges(brand, job.pk, [same], reason="Again")

    assert heard == [("FHI624", "Client asked")]


def test_what_a_hook_raises_undoes_the_change(
    brand: Brand, job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: WorkOrder, __: str) -> None:
        raise ValidationError("The period is closed.")

    monkeypatch.setattr(hooks, "on_charges_changed", [refuse])

    with pytest.raises(ValidationError):
        replace_charges(brand, job.pk, [ChargeLine("Inspection", Decimal("329.00"))])

    assert amounts(job) == []


def test_a_cancellation_line_is_an_ordinary_charge(brand: Brand, job: WorkOrder) -> None:
    line = ChargeLine("Late", Decimal("125.00"), service_type=ServiceType.CANCELLATION)

    replace_charges(brand, job.pk, [line])

    job.refresh_from_db()
    assert job.charges.get().service_type == "cancellation"
    assert job.status == "pending"


def test_an_endless_reason_is_refused(brand: Brand, job: WorkOrder) -> None:
    with pytest.raises(ValidationError) as refused:
        replace_charges(brand, job.pk, [ChargeLine("x", Decimal(1))], reason="y" * 501)

    assert list(refused.value.error_dict) == ["reason"]
    assert amounts(job) == []
