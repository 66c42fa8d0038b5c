"""A file of the first format means what it always meant; the second says which keys are its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Brand
from activity.models import Change
from importing.format.examples import CREDITS, EXAMPLE, INVOICES, LEGACY
from importing.loader import Report, load
from importing.models import ImportedJob, LegacyFigures
from invoicing.models import ClientCredit, Invoice
from tests.importing.conftest import Line, a_job, counts, run
from tests.importing.lines import D, a_bill, paths, settled

# Lines of the first format as it was documented; never to be changed.
FILE = Path(__file__).parents[1] / "first_format.jsonl"
# Job → services, fee kept, received, refunded, balance.
MEANT = {
    "FHI624": ("125.00", "4.38", "340.52", "211.14", "0.00"),
    "CED1042": ("300.00", "0.00", "300.00", "0.00", "0.00"),
    "CED1043": ("330.00", "0.00", "300.00", "0.00", "30.00"),
    "CED1044": ("329.00", "8.02", "340.52", "103.50", "100.00"),
    "CED1045": ("0.00", "0.00", "0.00", "0.00", "0.00"),
}

pytestmark = pytest.mark.usefixtures("brand")


def old_lines(**more: Any) -> list[Line]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) | more for line in lines]


@pytest.fixture
def loaded(brand: Brand) -> Report:
    return load(FILE.read_bytes().splitlines())


def reported(brand: Brand, number: str) -> tuple[str, ...]:
    s = settled(brand, number)
    figures = (s.services, s.fee.kept, s.received, s.refunded, s.balance)
    return tuple(str(figure) for figure in figures)


def test_the_old_file_means_the_same(brand: Brand, loaded: Report) -> None:
    assert counts(loaded) == (5, 0, 0, 0), loaded.problems
    assert {number: reported(brand, number) for number in MEANT} == MEANT
    numbers = Invoice.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == ["CED1042", "CED1043", "CED1044", "FHI624"]
    assert not ClientCredit.objects.exists()
    assert not LegacyFigures.objects.exists()
    assert loaded.disagreements == []


def test_the_same_with_its_version_named(brand: Brand) -> None:
    report = run(*old_lines(version=1))

    assert counts(report) == (5, 0, 0, 0), report.problems
    assert {number: reported(brand, number) for number in MEANT} == MEANT


@pytest.mark.usefixtures("loaded")
def test_the_old_file_again_and_as_the_second_version_changes_nothing() -> None:
    before = Change.objects.count()

    assert counts(run(*old_lines())) == (0, 0, 5, 0)
    assert counts(run(*old_lines(version=2))) == (0, 0, 5, 0)
    assert Change.objects.count() == before


@pytest.mark.usefixtures("loaded")
def test_what_was_remembered_of_an_old_line_is_read_as_before() -> None:
    """A line that the first version stored holds no key of the second."""
    keys = {key for memory in ImportedJob.objects.all() for key in memory.line}

    assert not keys & {"invoices", "credits", "legacy", "version"}


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"invoices": [a_bill()]}, "invoices"),
        ({"credits": [{"kind": "prepayment", "amount": "5.00", "at": a_bill()["at"]}]}, "credits"),
        ({"legacy": {"paid": True}}, "legacy"),
        (
            {"charges": [{"service": "X", "amount": "1.00", "tax": {"name": "T", "percent": 5}}]},
            "charges[0].tax",
        ),
    ],
)
def test_the_first_version_has_none_of_the_new_keys(more: Line, path: str) -> None:
    assert paths(run(a_job(version=1, **more))) == [(path, "belongs to version 2 of the format")]
    assert counts(run(a_job(**more))) == (1, 0, 0, 0)


def test_there_is_no_third_version() -> None:
    assert [path for path, _ in paths(run(a_job(version=3)))] == ["version"]


def test_every_example_of_the_documentation_loads(brand: Brand) -> None:
    report = run(EXAMPLE, INVOICES, CREDITS, LEGACY)

    assert counts(report) == (4, 0, 0, 0), report.problems
    assert settled(brand, "CED1042").balance == D("283.00")  # 433.00 less 150.00 of CM-77
    assert settled(brand, "CED1043").balance == D("300.00")
    assert settled(brand, "CED1044").balance == D("75.00")
    assert [d.figure for d in report.disagreements] == ["total_with_fees", "total_fees"]


def test_a_line_that_fails_leaves_nothing_of_its_documents(brand: Brand) -> None:
    """The error comes at the very end: the other job's invoice is not here."""
    before = Change.objects.count()

    report = run(CREDITS)

    assert counts(report) == (0, 0, 0, 1)
    assert paths(report)[0][0] == "credits[0].applied[0].invoice"
    assert not Invoice.objects.filter(brand=brand).exists()
    assert not ClientCredit.objects.exists()
    assert Change.objects.count() == before


def test_a_dry_run_tells_disagreements_and_writes_nothing() -> None:
    report = run(LEGACY, dry_run=True)

    assert counts(report) == (1, 0, 0, 0), report.problems
    assert len(report.disagreements) == 2
    assert not LegacyFigures.objects.exists()
