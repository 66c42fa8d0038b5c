"""``audit_balances``: what it prints, its exit code, its arguments."""

import json

import pytest
from django.core.management import CommandError

from accounts.models import Brand
from tests.audit.conftest import billed
from tests.audit.damage import damage, run
from tests.factories import BrandFactory
from workorders.models import WorkOrder


def test_json_is_an_object_a_line_and_a_summary(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE invoicing_jobbalance SET billed = 1")

    code, output = run("--json")

    first, last = map(json.loads, output.splitlines())
    assert code == 1
    assert first == {
        "kind": "job_balance",
        "brand": "ria",
        "job": "RIA1",
        "what": "billed of the job",
        "cause": first["cause"],
        "found": "1.00",
        "expected": "360.82",
        "currency": "USD",
        "ours": True,
    }
    assert last == {"summary": {"jobs": 1, "invoices": 1, "ours": 1, "legacy": 0}}


def test_only_the_newest_jobs(brand: Brand, job: WorkOrder) -> None:
    billed(brand, "RIA2", "10")
    damage("UPDATE invoicing_jobbalance SET billed = 1 WHERE work_order_id = %s", job.pk)

    assert run("--jobs", "1")[0] == 0
    assert run("--jobs", "2")[0] == 1


def test_only_one_brand(brand: Brand, job: WorkOrder) -> None:
    BrandFactory(slug="fhi")
    damage("UPDATE invoicing_jobbalance SET billed = 1")

    assert run("--brand", "fhi") == (0, "0 jobs, 0 invoices: all agree.\n")
    assert run("--brand", "ria")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--brand", "no"], "there is no brand “no”"), (["--jobs", "0"], "--jobs: at least 1")],
)
def test_arguments_that_make_no_sense(db: None, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run(*arguments)
