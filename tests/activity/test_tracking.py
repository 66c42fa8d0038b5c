"""Whatever changes a tracked row is captured exactly once, and by name."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from activity.actors import Actor, ActorKind, acting_as, provider
from activity.models import Change, Entry
from activity.projection import project_pending
from activity.tracking import REFUSED
from core import clock
from tests.activity.columns import TABLES
from tests.activity.conftest import Connect
from tests.factories import ChargeFactory, NoteFactory
from workorders.models import Charge, Note, WorkOrder

DANA = Actor(ActorKind.STAFF, "Dana Whitfield", "7")
GUARDIAN = provider("Guardian", "guardian")
D = Decimal


def _save(charge: Charge) -> None:
    charge.amount = D("350.00")
    charge.save()


def _bulk_create(charge: Charge) -> None:
    Charge.objects.bulk_create([_copy(charge)])


def _bulk_update(charge: Charge) -> None:
    charge.amount = D("350.00")
    Charge.objects.bulk_update([charge], ["amount"])


def _update(charge: Charge) -> None:
    Charge.objects.filter(pk=charge.pk).update(amount=D("350.00"))


def _upsert(charge: Charge) -> None:
    charge.amount = D("350.00")
    Charge.objects.bulk_create(
        [charge], update_conflicts=True, unique_fields=["id"], update_fields=["amount"]
    )


def _delete(charge: Charge) -> None:
    charge.delete()


def _raw(charge: Charge) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workorders_charge SET amount = %s WHERE id = %s", ["350.00", charge.pk]
        )


def _raw_named(charge: Charge) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workorders_charge SET description = '100%% of it', amount = %(a)s"
            " WHERE id = %(id)s",
            {"a": "350.00", "id": charge.pk},
        )


def _raw_without_parameters(charge: Charge) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workorders_charge SET description = '5% off', amount = 350")


def _raw_many(charge: Charge) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE workorders_charge SET amount = %s WHERE id = %s", [("350.00", charge.pk)]
        )


def _raw_with(charge: Charge) -> None:
    with connection.cursor() as cursor:
        cursor.execute("WITH x AS (UPDATE workorders_charge SET amount = 350) SELECT 1")


def _copy(charge: Charge) -> Charge:
    return Charge(
        brand=charge.brand,
        work_order=charge.work_order,
        description="Radon",
        amount=D("350.00"),
        happened_at=clock.now(),
    )


WAYS = [
    (_save, "U"),
    (_bulk_create, "I"),
    (_bulk_update, "U"),
    (_update, "U"),
    (_upsert, "U"),
    (_delete, "D"),
    (_raw, "U"),
    (_raw_named, "U"),
    (_raw_without_parameters, "U"),
    (_raw_many, "U"),
    (_raw_with, "U"),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_transaction", [True, False], ids=["atomic", "autocommit"])
@pytest.mark.parametrize(("write", "op"), WAYS, ids=[w.__name__[1:] for w, _ in WAYS])
def test_every_way_to_write_is_one_change_and_one_entry(
    charge: Charge, write: Callable[[Charge], None], op: str, in_transaction: bool
) -> None:
    before = Change.objects.count(), Entry.objects.count()
    number = charge.pk

    with acting_as(DANA, request_id="req-1"):
        if in_transaction:
            with transaction.atomic():
                write(charge)
        else:
            write(charge)
    project_pending()

    assert (Change.objects.count(), Entry.objects.count()) == (before[0] + 1, before[1] + 1)
    change = Change.objects.select_related("entry").latest("pk")
    assert (change.entity, change.op) == ("workorders.charge", op)
    assert op == "I" or change.object_id == number
    assert (change.actor_kind, change.actor_id, change.actor_label) == (
        "staff",
        "7",
        "Dana Whitfield",
    )
    assert change.request_id == "req-1"
    assert change.entry is not None
    assert (change.entry.actor_label, change.entry.work_order_id) == (
        "Dana Whitfield",
        charge.work_order_id,
    )


@pytest.mark.django_db(transaction=True)
def test_psql_is_named_by_its_session_user(charge: Charge, outside: Connect) -> None:
    with outside() as psql:
        (user,) = psql.execute("SELECT session_user").fetchone() or ("",)
        psql.execute("UPDATE workorders_charge SET amount = 350 WHERE id = %s", [charge.pk])

    project_pending()

    change = Change.objects.latest("pk")
    assert (change.actor_kind, change.actor_label) == ("database", user)
    assert user
    assert (change.before or {})["amount"] == D("329.000")
    assert (change.after or {})["amount"] == D("350.000")
    assert change.entry is not None
    assert Entry.objects.filter(changes=change).count() == 1


@pytest.mark.django_db(transaction=True)
def test_copy_and_upserts_of_psql_are_captured_row_by_row(charge: Charge, outside: Connect) -> None:
    row = (charge.brand_id, charge.work_order_id, clock.now())
    columns = "brand_id, work_order_id, description, amount, service_type, position, external_id"
    with outside() as psql:
        with psql.cursor().copy(
            f"COPY workorders_charge ({columns}, happened_at, tax_name, tax_percent) FROM STDIN"
        ) as copy:
            for n in range(3):
                copy.write_row((*row[:2], f"Copied {n}", "10", "standard", 0, "", row[2], "", 0))
        psql.execute(
            f"INSERT INTO workorders_charge (id, {columns}, happened_at, tax_name, tax_percent)"
            " SELECT id, brand_id, work_order_id, 'Upserted', 11, 'standard', 0, '', happened_at,"
            " tax_name, tax_percent"
            " FROM workorders_charge UNION ALL"
            " SELECT 900001, %s, %s, 'Upserted', 11, 'standard', 0, '', %s, '', 0"
            " ON CONFLICT (id) DO UPDATE SET description = EXCLUDED.description",
            row,
        )

    ops = Change.objects.filter(projected_at=None).order_by("pk").values_list("op", flat=True)

    assert sorted(ops) == ["I"] * 4 + ["U"] * 4


@pytest.mark.django_db(transaction=True)
def test_a_cascade_is_captured_for_every_row_it_takes(job: WorkOrder) -> None:
    ChargeFactory.create_batch(2, work_order=job)
    NoteFactory(work_order=job)
    project_pending()

    with acting_as(DANA):
        job.delete()
    project_pending()

    gone = Change.objects.filter(op="D").order_by("entity")
    assert [c.entity for c in gone] == [
        *["workorders.charge"] * 2,
        "workorders.note",
        "workorders.work_order",
    ]
    assert {c.actor_label for c in gone} == {"Dana Whitfield"}
    assert all(c.entry_id for c in gone)


@pytest.mark.django_db(transaction=True)
def test_an_update_that_changes_nothing_tracked_is_no_change(charge: Charge) -> None:
    before = Change.objects.count()

    Charge.objects.update(position=9, amount=D("329.000"))

    assert Change.objects.count() == before


# --- what transition tables cannot see is refused -----------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_changed_primary_key_is_refused(charge: Charge, outside: Connect) -> None:
    with pytest.raises(DatabaseError, match=REFUSED):
        Charge.objects.filter(pk=charge.pk).update(id=charge.pk + 1)
    with outside() as psql, pytest.raises(psycopg.errors.RaiseException, match=REFUSED):
        psql.execute("UPDATE workorders_charge SET id = id + 1")

    assert list(Charge.objects.values_list("pk", flat=True)) == [charge.pk]


@pytest.mark.django_db(transaction=True)
def test_truncate_of_any_tracked_table_is_refused_except_when_resetting(outside: Connect) -> None:
    psql = outside()

    for entity in TABLES:
        table = TABLES[entity].model._meta.db_table
        with pytest.raises(psycopg.errors.RaiseException, match=REFUSED):
            psql.execute(f"TRUNCATE {table} CASCADE")
        psql.rollback()
        psql.execute("SELECT set_config('paystory.resetting', 'on', true)")
        psql.execute(f"TRUNCATE {table} CASCADE")
        psql.rollback()


@pytest.mark.django_db(transaction=True)
def test_the_note_of_a_step_keeps_its_text_exactly(job: WorkOrder) -> None:
    text: Any = "100% “sure” \\ 'quoted' \t \u2603 {\"a\": 1}"

    note = NoteFactory(work_order=job, text=text)

    change = Change.objects.get(entity="workorders.note", object_id=note.pk)
    assert (change.after or {})["text"] == Note.objects.get().text == text
