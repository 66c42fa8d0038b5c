"""The audit compares what was imported with the ledger."""

from decimal import Decimal

from django.db import connection

from accounts.models import Brand
from audit.run import Count, audit
from payments.domain import record
from payments.models import Payment
from tests.audit.damage import damage, findings_of
from tests.importing.conftest import a_job, a_payment, an_order, run

LINES = [
    a_job(payments=[a_payment(status="completed")]),
    a_job(
        number="FHI2",
        payments=[an_order(("captured", "08:15"), ("risk_review", "09:00"), ("settled", "10:00"))],
    ),
    a_job(number="FHI3"),
]


def test_what_was_imported_agrees(brand: Brand) -> None:
    run(*LINES)

    assert findings_of(brand) == []


def test_a_ledger_that_lost_an_imported_payment_is_reported(brand: Brand) -> None:
    run(*LINES)
    damage("DELETE FROM invoicing_ledgerentry WHERE method = 'check'")

    mine = [f for f in findings_of(brand) if f.kind == "import"]

    (one,) = mine
    assert (one.job, one.what) == ("FHI1", "received of payments[0] of the import")
    assert (one.actual, one.expected) == (Decimal("0.00"), Decimal("329.00"))
    assert one.is_ours


def test_a_payment_that_is_gone_with_its_entries_is_reported(brand: Brand) -> None:
    """All else agrees then: only the file knows that there was one."""
    run(a_job(status="pending", payments=[an_order(("captured", "08:15"))]))
    damage("UPDATE payments_payment SET provider_order_id = 'other'")

    assert [f.kind for f in findings_of(brand)] == ["import"]


def test_what_staff_did_since_is_no_finding(brand: Brand) -> None:
    run(*LINES)
    record.void(Payment.objects.get(method="check"), reason="Bounced")

    assert findings_of(brand) == []


def test_queries_do_not_grow_with_the_jobs(brand: Brand) -> None:
    def queries() -> int:
        before = len(connection.queries_log)
        list(audit([brand], Count()))
        return len(connection.queries_log) - before

    connection.force_debug_cursor = True
    try:
        run(*LINES)
        few = queries()
        more = [
            a_job(number=f"FHI{n}", payments=[an_order(("captured", "08:15"), order_id=f"G-{n}")])
            for n in range(10, 16)
        ]
        run(*more)
        assert queries() == few
    finally:
        connection.force_debug_cursor = False
