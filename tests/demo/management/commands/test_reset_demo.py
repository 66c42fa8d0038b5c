"""The demo is loaded and emptied only where it is a demo, and nothing else is touched."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Brand, User
from activity.models import Change
from core import clock
from demo import brands, data
from importing.loader import load
from invoicing.models import InvoiceRevision, LedgerEntry
from tests.factories import BrandFactory


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["load_demo", "reset_demo"])
def test_outside_the_demo_it_is_refused(command: str, settings: Any) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match="This is no demo"):
        call_command(command)


@pytest.mark.django_db
def test_a_reset_empties_tracked_tables_too() -> None:
    brands.create()
    connection.check_constraints()  # TRUNCATE waits for no deferred constraint

    call_command("reset_demo", "--yes", stdout=StringIO())

    assert not Brand.objects.exists()
    assert not Change.objects.exists()


@pytest.mark.django_db
@pytest.mark.slow
def test_a_reset_empties_what_nothing_else_may_delete_and_it_loads_again() -> None:
    now = clock.now()
    brands.create()
    lines = [data.as_json(line) for line in data.reference(now)]
    first = load(lines)
    connection.check_constraints()

    call_command("reset_demo", "--yes", stdout=StringIO())

    assert not LedgerEntry.objects.exists()
    assert not InvoiceRevision.objects.exists()
    brands.create()
    assert load(lines).created == first.created


@pytest.mark.django_db
def test_a_reset_refuses_while_there_is_a_brand_of_somebodys_own() -> None:
    BrandFactory(slug="real", name="Real Company")

    with pytest.raises(CommandError, match="Real Company did not come with the demo"):
        call_command("reset_demo", "--yes")

    assert Brand.objects.filter(slug="real").exists()


@pytest.mark.django_db
def test_nothing_is_loaded_beside_a_brand_of_somebodys_own() -> None:
    BrandFactory(slug="real", name="Real Company")

    with pytest.raises(CommandError, match="Real Company did not come with the demo"):
        call_command("load_demo", stdout=StringIO())

    assert [b.slug for b in Brand.objects.all()] == ["real"]
    assert not User.objects.filter(email="admin@demo.paystory.test").exists()


@pytest.mark.django_db
def test_links_of_an_empty_demo_say_what_to_do() -> None:
    with pytest.raises(CommandError, match="run load_demo first"):
        call_command("demo_links")
