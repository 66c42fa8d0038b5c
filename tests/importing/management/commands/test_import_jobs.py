"""The commands as a person runs them."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from importing.format.reference import render
from importing.management.commands.write_import_format import PATH
from tests.importing.conftest import a_job
from workorders.models import WorkOrder


def write(path: Path, *lines: object) -> str:
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n", encoding="utf-8")
    return str(path)


@pytest.mark.usefixtures("brand")
def test_a_file_is_loaded_and_counted(tmp_path: Path) -> None:
    out = StringIO()

    call_command("import_jobs", write(tmp_path / "jobs.jsonl", a_job()), stdout=out)

    assert out.getvalue() == "1 created, 0 updated, 0 unchanged, 0 rejected\n"
    assert WorkOrder.objects.count() == 1


@pytest.mark.usefixtures("brand")
def test_a_rejected_line_is_named_and_ends_with_1(tmp_path: Path) -> None:
    out, err = StringIO(), StringIO()
    file = write(tmp_path / "jobs.jsonl", a_job(), a_job(number="FHI2", colour="red"))

    with pytest.raises(SystemExit) as ended:
        call_command("import_jobs", file, stdout=out, stderr=err)

    assert ended.value.code == 1
    assert err.getvalue() == "line 2: colour: unknown key\n"
    assert "1 created" in out.getvalue()


@pytest.mark.usefixtures("brand")
def test_the_report_as_json(tmp_path: Path) -> None:
    out = StringIO()
    file = write(tmp_path / "jobs.jsonl", a_job(number="FHI2", colour="red"))

    with pytest.raises(SystemExit):
        call_command("import_jobs", file, "--json", "--dry-run", stdout=out)

    assert json.loads(out.getvalue()) == {
        "created": 0,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
        "problems": [{"line": 1, "path": "colour", "reason": "unknown key"}],
        "disagreements": [],
        "disagreeing": 0,
        "masked": [],
        "remarks": [],
        "policies": 0,
        "dry_run": True,
    }


@pytest.mark.django_db
def test_an_unknown_brand_or_file_stops_at_once(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no brand “nobody”"):
        call_command("import_jobs", write(tmp_path / "a.jsonl"), "--brand", "nobody")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_jobs", str(tmp_path / "missing.jsonl"))


def test_the_documentation_is_up_to_date() -> None:
    assert PATH.read_text(encoding="utf-8") == render(), "run manage.py write_import_format"
