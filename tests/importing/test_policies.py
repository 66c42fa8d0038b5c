"""The fees that a brand had in the past, so that each payment is quoted by the fee of its day."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Brand
from activity.models import Change
from invoicing.domain.fees import add_policy
from invoicing.models import FeePolicy
from payments.models import Payment
from tests.importing.conftest import Line, counts, run
from tests.importing.lines import a_card, paths, ria

pytestmark = pytest.mark.usefixtures("brand")
D = Decimal
OLD = {"effective_from": "2020-01-01T00:00:00Z", "percent": "2.9", "fundings": ["credit"]}
NEW = {
    "effective_from": "2026-01-01T00:00:00Z",
    "percent": "3.59",
    "fixed": "0.30",
    "cap": "20.00",
    "fundings": ["credit", "debit"],
    "uncollected": "bill",
}


def fees(*policies: Line, **more: Any) -> Line:
    return {"brand": "fhi", "fee_policies": list(policies), **more}


def paid(number: str, at: str) -> Line:
    card = a_card(at=at, amount="500.00", order_id=f"pi_{number}")
    return ria(number=number, at="2025-01-02T09:00:00-06:00", payments=[card], legacy=None)


def test_each_payment_is_quoted_by_the_fee_of_its_day() -> None:
    early, late = (
        paid("FHI1", "2025-05-04T09:00:00-06:00"),
        paid("FHI2", "2026-05-04T09:00:00-06:00"),
    )

    report = run(fees(NEW, OLD), early, late)

    assert counts(report) == (2, 0, 0, 0), report.problems
    assert report.policies == 1
    quoted = dict(Payment.objects.values_list("work_order__number", "fee_expected"))
    assert quoted == {"FHI1": D("14.50"), "FHI2": D("18.25")}
    uncollected = dict(Payment.objects.values_list("work_order__number", "uncollected"))
    assert uncollected == {"FHI1": "absorb", "FHI2": "bill"}


def test_the_same_line_again_changes_nothing() -> None:
    run(fees(OLD, NEW))
    before = Change.objects.count()

    report = run(fees(NEW, OLD))

    assert (report.policies, report.rejected) == (0, 0)
    assert Change.objects.count() == before


def test_what_was_quoted_keeps_its_quote(brand: Brand) -> None:
    add_policy(brand, percent=D("1"), fundings=["credit"])
    run(paid("FHI1", "2025-05-04T09:00:00-06:00"))

    report = run(fees(OLD))

    assert report.policies == 1, report.problems
    assert Payment.objects.get().fee_expected is None


@pytest.mark.parametrize(
    ("policy", "path", "reason"),
    [
        (OLD | {"percent": "3.0"}, "fee_policies[1].effective_from", "Another fee begins"),
        (
            NEW | {"effective_from": "2099-01-01T00:00:00Z"},
            "fee_policies[1].effective_from",
            "A fee to come",
        ),
        (NEW | {"percent": "101"}, "fee_policies[1].percent", "not a percentage"),
        (NEW | {"cap": "0.10"}, "fee_policies[1].cap", "At most cannot be less"),
        (NEW | {"fundings": ["gold"]}, "fee_policies[1].fundings[0]", "credit"),
        (NEW | {"colour": "red"}, "fee_policies[1].colour", "unknown key"),
    ],
)
def test_a_fee_that_cannot_be_is_refused_and_none_of_its_line_is_here(
    policy: Line, path: str, reason: str
) -> None:
    report = run(fees(OLD, policy))

    ((where, why),) = paths(report)
    assert where == path
    assert reason in why
    assert not FeePolicy.objects.exists()
