"""``explain_balance``: numbers that it knows, does not know, or knows twice."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Brand
from invoicing.models import Invoice
from tests.audit.conftest import billed
from tests.factories import BrandFactory
from workorders.models import WorkOrder


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("explain_balance", *arguments, stdout=out)
    return out.getvalue()


def as_json(*arguments: str) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(printed(*arguments, "--json"))
    return plain


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    return billed(brand, "RIA2159", "500.00")


def test_an_unknown_number(job: WorkOrder) -> None:
    with pytest.raises(CommandError, match=r"no work order and no invoice RIA1\.$"):
        printed("RIA1")


def test_an_unknown_brand(job: WorkOrder) -> None:
    with pytest.raises(CommandError, match="there is no brand “no”"):
        printed("RIA2159", "--brand", "no")


def test_a_number_of_two_brands_asks_which(job: WorkOrder) -> None:
    billed(BrandFactory(slug="other"), "RIA2159", "7.00")

    with pytest.raises(CommandError, match="exists in ria, other: name one with --brand"):
        printed("RIA2159")
    assert as_json("RIA2159", "--brand", "other")["billed"] == "7.00"


def test_another_brands_number_stays_its_own(job: WorkOrder) -> None:
    BrandFactory(slug="other")

    with pytest.raises(CommandError, match="There is no work order"):
        printed("RIA2159", "--brand", "other")


def test_a_credit_note_points_at_its_job(job: WorkOrder) -> None:
    bill = Invoice.objects.get()
    Invoice.objects.create(
        brand=job.brand, work_order=job, client=job.client, kind="credit_note", number="CM-1",
        sequence=1, currency="USD", credits=bill, happened_at=job.happened_at,
    )  # fmt: skip

    with pytest.raises(CommandError, match="CM-1 is a credit note; explain RIA2159"):
        printed("CM-1")
