"""Write wrong rows past every trigger, and list what the audit reports."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import Brand
from audit.findings import Finding
from audit.run import Count, audit

D = Decimal


@contextmanager
def unguarded() -> Iterator[Any]:
    """A cursor with triggers and foreign keys switched off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        cursor.execute("SET LOCAL session_replication_role = origin")


def damage(statement: str, *values: object) -> None:
    with unguarded() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount > 0, "the damage hit nothing"


def findings_of(brand: Brand) -> list[Finding]:
    return list(audit([brand], Count()))


def only_finding(brand: Brand) -> Finding:
    findings = findings_of(brand)
    assert len(findings) == 1, [str(f) for f in findings]
    return findings[0]


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and output of the command."""
    out = StringIO()
    try:
        call_command("audit_balances", *arguments, stdout=out, stderr=StringIO())
    except SystemExit as error:
        return int(str(error.code)), out.getvalue()
    return 0, out.getvalue()
