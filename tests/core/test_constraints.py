"""A copied brand cannot drift from its parent's: the database refuses."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from core.constraints import CompositeForeignKey
from tests.factories import BrandFactory, ChargeFactory, ClientFactory, WorkOrderFactory
from workorders.models import WorkOrder


def _check_now() -> None:
    """Check deferred constraints now, and not when the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@contextmanager
def _refused(constraint: str) -> Iterator[None]:
    """What is written inside is refused by ``constraint``, at the end of its transaction."""
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), _checked():
        yield


@contextmanager
def _checked() -> Iterator[None]:
    yield
    _check_now()


def test_a_job_cannot_have_another_brands_client(db: None) -> None:
    stranger = ClientFactory(brand=BrandFactory())

    with _refused("workorders_workorder_client_brand"):
        WorkOrderFactory(brand=BrandFactory(), client=stranger)


def test_a_charge_cannot_copy_another_brand(db: None) -> None:
    job = WorkOrderFactory()

    with _refused("workorders_charge_work_order"):
        ChargeFactory(work_order=job, brand=BrandFactory())


def test_an_update_cannot_let_them_drift(db: None) -> None:
    job = WorkOrderFactory()
    other = BrandFactory()

    with _refused("workorders_workorder_client_brand"):
        WorkOrder.objects.filter(pk=job.pk).update(brand=other)


def test_the_right_brand_is_accepted(db: None) -> None:
    ChargeFactory()

    _check_now()


def test_it_is_looked_at_when_the_transaction_ends(db: None) -> None:
    """So that parent and child may be written in any order."""
    job = WorkOrderFactory()
    other = BrandFactory()
    WorkOrder.objects.filter(pk=job.pk).update(brand=other)
    ClientFactory._meta.model.objects.filter(pk=job.client_id).update(brand=other)

    _check_now()

    job.refresh_from_db()
    assert job.brand == other


def test_models_and_migrations_agree(db: None) -> None:
    loader = MigrationLoader(connection)
    made = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))

    assert made.changes(graph=loader.graph) == {}
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_two_that_say_the_same_are_equal() -> None:
    def make(name: str = "x") -> CompositeForeignKey:
        return CompositeForeignKey(
            fields=["client", "brand"], to="workorders.Client", to_fields=["id", "brand"], name=name
        )

    path, args, kwargs = make().deconstruct()

    assert make() == make()
    assert make() != make("y")
    assert make() != "x"
    assert path == "core.constraints.CompositeForeignKey"
    assert CompositeForeignKey(*args, **kwargs) == make()
