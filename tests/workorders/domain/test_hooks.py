"""What higher apps hang into the verbs of jobs."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from workorders.domain import hooks
from workorders.models import WorkOrder, WorkOrderStatus


def test_all_hear_in_their_order(job: WorkOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, object]] = []
    monkeypatch.setattr(
        hooks,
        "on_charges_changed",
        [lambda _, why: heard.append(("first", why)), lambda _, why: heard.append(("second", why))],
    )
    monkeypatch.setattr(
        hooks, "on_status_changed", [lambda _, before: heard.append(("status", before))]
    )

    hooks.charges_changed(job, "Client asked")
    hooks.status_changed(job, WorkOrderStatus.PENDING)

    assert heard == [
        ("first", "Client asked"),
        ("second", "Client asked"),
        ("status", WorkOrderStatus.PENDING),
    ]


def test_one_that_refuses_ends_it(job: WorkOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: WorkOrder, __: str) -> None:
        raise ValidationError("Below zero.")

    def never(_: WorkOrder, __: str) -> None:
        raise AssertionError

    monkeypatch.setattr(hooks, "on_charges_changed", [refuse, never])

    with pytest.raises(ValidationError, match="Below zero"):
        hooks.charges_changed(job, "")


@pytest.mark.parametrize(("answers", "issued"), [([], False), ([False, True], True)])
def test_one_yes_is_enough(
    job: WorkOrder, monkeypatch: pytest.MonkeyPatch, answers: list[bool], issued: bool
) -> None:
    monkeypatch.setattr(hooks, "bill_is_issued", [lambda _, a=a: a for a in answers])

    assert hooks.is_issued(job) is issued


def test_the_first_amount_is_what_confirming_issues(
    job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "issued_by_confirming", [lambda _: None, lambda _: Decimal(0)])
    assert hooks.confirming_issues(job) == Decimal(0)

    monkeypatch.setattr(hooks, "issued_by_confirming", [lambda _: None])
    assert hooks.confirming_issues(job) is None
