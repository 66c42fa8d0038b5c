"""The code words of ``external_id`` move to a column each; an import's id stays."""

import hashlib
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from activity.models import Change, Entry
from activity.projection import project_pending
from payments.models import Payment, PaymentAttempt, Refund
from tests.factories import AttemptFactory, PaymentFactory, RefundFactory, WorkOrderFactory

fill = import_module("payments.migrations.0006_fill_refund_origin").fill
CHECKS = ("payments_refund_origin", "payments_refund_match")
LONG = "ord-" + "9" * 112


def _change_checks(verb: str) -> None:
    connection.check_constraints()
    with connection.schema_editor() as editor:
        for check in Refund._meta.constraints:
            if check.name in CHECKS:
                getattr(editor, f"{verb}_constraint")(Refund, check)


@pytest.fixture
def before(db: None) -> Iterator[None]:
    """Tables without the checks that old rows would not pass; all must pass them at the end."""
    _change_checks("remove")
    yield
    _change_checks("add")


def refund(external_id: str, **values: Any) -> Refund:
    made: Refund = RefundFactory(external_id=external_id, **values)
    return made


@pytest.mark.parametrize(
    ("external_id", "columns"),
    [
        ("", ("person", "", "", "")),
        ("asked:follows", ("person", "follows", "", "")),
        ("asked:named", ("person", "named", "", "")),
        ("fold:re_1", ("provider", "", "re_1", "")),
        ("fold:whole#1", ("provider", "", "whole#1", "")),
        ("legacy-7", ("import", "", "", "legacy-7")),
        ("#1", ("import", "", "", "#1")),
    ],
)
def test_each_meaning_of_a_refunds_id_has_its_column(
    external_id: str, columns: tuple[str, ...], before: None
) -> None:
    row = refund(external_id)

    fill(apps, None)

    row.refresh_from_db()
    assert (row.origin, row.provider_match, row.provider_key, row.external_id) == columns


def _hashed(order_id: str) -> str:
    return f"order:{hashlib.sha256(order_id.encode()).hexdigest()}"


def attempt(external_id: str, payment: Payment | None = None, *references: str) -> PaymentAttempt:
    job = payment.work_order if payment else WorkOrderFactory()
    made: PaymentAttempt = AttemptFactory(
        work_order=job, payment=payment, external_id=external_id, references=list(references)
    )
    return made


@pytest.mark.parametrize(
    ("external_id", "references", "columns"),
    [
        ("order:ord-1", ["ord-1"], ("ord-1", "")),
        (_hashed(LONG), ["a", LONG], (LONG, "")),
        ("#1", [], ("", "#1")),
        ("", [], ("", "")),
    ],
)
def test_an_attempt_made_from_an_order_names_it(
    external_id: str, references: list[str], columns: tuple[str, str], before: None
) -> None:
    row = attempt(external_id, None, *references)

    fill(apps, None)

    row.refresh_from_db()
    assert (row.provider_order_id, row.external_id) == columns


def test_a_long_order_is_named_by_its_payment(before: None) -> None:
    payment = PaymentFactory(provider="guardian", provider_order_id=LONG)
    row = attempt(_hashed(LONG), payment)

    fill(apps, None)

    row.refresh_from_db()
    assert row.provider_order_id == LONG


def test_no_feed_says_anything_of_it(before: None) -> None:
    refund("fold:re_1")
    attempt("order:ord-1", None, "ord-1")
    project_pending()
    entries, changes = Entry.objects.count(), Change.objects.count()

    fill(apps, None)
    project_pending()

    assert (Entry.objects.count(), Change.objects.count()) == (entries, changes)
