"""A template uses what is on a lower floor, as the code does."""

from pathlib import Path

import pytest

from config import checks, template_floors
from config.template_floors import faults, owner_of, read_floors

FLOORS = {"core": 0, "accounts": 1, "ui": 2, "workorders": 3, "payments": 4, "console": 5, "api": 5}
LIBRARIES = {
    "static": "django.templatetags.static",
    "lists": "ui.templatetags.lists",
    "jobs": "console.templatetags.jobs",
}


def faults_of(name: str, source: str) -> list[str]:
    return list(faults(name, source, FLOORS, LIBRARIES))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("payments/a.html", '{% extends "base.html" %}'),
        ("payments/a.html", "{% include 'components/pill.html' with label=\"console/b.html\" %}"),
        ("payments/a.html", '{% include "workorders/crumbs.html" %}'),
        ("payments/a.html", '{% include "payments/b.html" only %}'),
        ("payments/a.html", "{% load static lists %}"),
        ("console/a.html", "{% load job_link from jobs %}"),
        ("mfa/totp/a.html", '{% extends "allauth/layouts/manage.html" %}'),
        ("accounts/a.html", '{% extends "base.html" %}'),
        ("workorders/a.html", '{# {% include "console/b.html" %} #}'),
    ],
)
def test_what_is_below_may_be_used(name: str, source: str) -> None:
    assert faults_of(name, source) == []


@pytest.mark.parametrize(
    ("name", "source", "what"),
    [
        ("workorders/a.html", '\n{% include "payments/b.html" %}', 'line 2: "payments/b.html"'),
        ("components/a.html", '{% include "workorders/crumbs.html" %}', "belongs to workorders"),
        ("timeline/a.html", '{% include "console/b.html" %}', "not below ui"),
        ("base.html", "{% load static jobs %}", "library jobs belongs to console"),
        ("payments/a.html", "{% load job_link from jobs %}", "library jobs belongs to console"),
        ("api/a.html", '{% extends "console/b.html" %}', "not below api"),
        ("accounts/a.html", '{% include "workorders/crumbs.html" %}', "not below accounts"),
        ("payments/a.html", "{% include panel %}", "named by a variable"),
        ("elsewhere/a.html", "", "no app on any floor owns it (elsewhere)"),
    ],
)
def test_what_is_not_below_is_refused(name: str, source: str, what: str) -> None:
    (fault,) = faults_of(name, source)

    assert what in fault


def test_the_floors_are_those_of_the_code(tmp_path: Path) -> None:
    floors = read_floors(checks.BASE_DIR / "pyproject.toml")

    assert floors["core"] < floors["accounts"] < floors["ui"] < floors["workorders"]
    assert floors["console"] == floors["sandbox"]
    for (lower, higher), reason in template_floors.EXCEPTIONS.items():
        assert reason
        assert floors[lower] < floors[higher], "nothing that would need an exception"

    empty = tmp_path / "pyproject.toml"
    empty.write_text("[tool.importlinter]\ncontracts = []\n")
    with pytest.raises(LookupError):
        read_floors(empty)


def test_every_template_is_where_it_belongs() -> None:
    assert list(checks._templates()) == []


@pytest.mark.parametrize(
    ("name", "owner"), [("404.html", "ui"), ("mfa/index.html", "accounts"), ("api/a.txt", "api")]
)
def test_a_template_belongs_to_the_app_of_its_folder(name: str, owner: str) -> None:
    assert owner_of(name) == owner
