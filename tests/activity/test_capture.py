"""Whatever changes a tracked row is captured exactly once, and by name."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from activity.actors import Actor, ActorKind, acting_as, provider, system
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


@pytest.fixture
def charge(job: WorkOrder) -> Charge:
    """A charge whose own story is already on the feed."""
    made = ChargeFactory(work_order=job)
    project_pending()
    return made


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
            f"COPY workorders_charge ({columns}, happened_at) FROM STDIN"
        ) as copy:
            for n in range(3):
                copy.write_row((*row[:2], f"Copied {n}", "10", "standard", 0, "", row[2]))
        psql.execute(
            f"INSERT INTO workorders_charge (id, {columns}, happened_at)"
            " SELECT id, brand_id, work_order_id, 'Upserted', 11, 'standard', 0, '', happened_at"
            " FROM workorders_charge UNION ALL"
            " SELECT 900001, %s, %s, 'Upserted', 11, 'standard', 0, '', %s"
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


# --- who acts -----------------------------------------------------------------------------------


def _labels() -> list[str]:
    pending = Change.objects.filter(projected_at=None).order_by("pk")
    return list(pending.values_list("actor_label", flat=True))


@pytest.mark.django_db(transaction=True)
def test_each_step_of_one_transaction_has_its_own_actor(charge: Charge) -> None:
    with transaction.atomic():
        with acting_as(DANA):
            Charge.objects.update(amount=1)
            with acting_as(GUARDIAN):
                Charge.objects.update(amount=2)
            Charge.objects.update(amount=3)
        with acting_as(system()):
            Charge.objects.update(amount=4)

    assert _labels() == ["Dana Whitfield", "Guardian", "Dana Whitfield", "Paystory"]
    steps = list(Change.objects.filter(projected_at=None).order_by("pk").values_list("step"))
    assert steps[0] == steps[2]
    assert len(set(steps)) == 3


@pytest.mark.django_db(transaction=True)
def test_nobody_is_named_when_nobody_acts_any_more(charge: Charge) -> None:
    with transaction.atomic():
        with acting_as(DANA):
            Charge.objects.update(amount=1)
        Charge.objects.update(amount=2)
    Charge.objects.update(amount=3)

    kinds = Change.objects.filter(projected_at=None).order_by("pk").values_list("actor_kind")
    assert [k for (k,) in kinds] == ["staff", "database", "database"]


class Boom(Exception):
    pass


def _atomic_blocks(charge: Charge) -> None:
    with transaction.atomic():
        try:
            with transaction.atomic():
                Charge.objects.update(amount=1)
                raise Boom
        except Boom:
            pass
        Charge.objects.update(amount=2)


def _manual_savepoint(charge: Charge) -> None:
    with transaction.atomic():
        point = transaction.savepoint()
        Charge.objects.update(amount=1)
        transaction.savepoint_rollback(point)
        Charge.objects.update(amount=2)


def _sql_savepoint(charge: Charge) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SAVEPOINT here")
        Charge.objects.update(amount=1)
        cursor.execute("ROLLBACK TO SAVEPOINT here")
        Charge.objects.update(amount=2)


def _inner_actor(charge: Charge) -> None:
    with transaction.atomic():
        Charge.objects.update(description="before")
        Change.objects.all().delete()
        try:
            with transaction.atomic(), acting_as(GUARDIAN):
                Charge.objects.update(amount=1)
                raise Boom
        except Boom:
            pass
        Charge.objects.update(amount=2)


def _without_savepoint(charge: Charge) -> None:
    with transaction.atomic():
        try:
            with transaction.atomic(), transaction.atomic(savepoint=False):
                Charge.objects.update(amount=1)
                raise Boom
        except Boom:
            pass
        Charge.objects.update(amount=2)


def _failed_statement(charge: Charge) -> None:
    with transaction.atomic():
        try:
            with transaction.atomic():
                Charge.objects.update(service_type="nonsense")
        except DatabaseError:
            pass
        Charge.objects.update(amount=2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "write",
    [
        _atomic_blocks,
        _manual_savepoint,
        _sql_savepoint,
        _inner_actor,
        _without_savepoint,
        _failed_statement,
    ],
    ids=lambda w: str(w.__name__)[1:],
)
def test_a_rolled_back_savepoint_takes_no_actor_along(
    charge: Charge, write: Callable[[Charge], None]
) -> None:
    with acting_as(DANA):
        write(charge)

    assert _labels() == ["Dana Whitfield"]


@pytest.mark.django_db(transaction=True)
def test_a_kept_savepoint_keeps_its_actor_and_its_ring(
    charge: Charge, monkeypatch: pytest.MonkeyPatch
) -> None:
    rings: list[int] = []
    monkeypatch.setattr("activity.doorbell.ring", lambda: rings.append(1))

    with acting_as(DANA), transaction.atomic():
        with transaction.atomic():
            Charge.objects.update(amount=1)
        Charge.objects.update(amount=2)

    assert _labels() == ["Dana Whitfield"] * 2
    assert rings == [1]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_savepoint_takes_no_ring_along(
    charge: Charge, monkeypatch: pytest.MonkeyPatch
) -> None:
    rings: list[int] = []
    monkeypatch.setattr("activity.doorbell.ring", lambda: rings.append(1))

    with acting_as(DANA):
        _atomic_blocks(charge)

    assert rings == [1]


@pytest.mark.django_db(transaction=True)
def test_the_actor_does_not_outlive_its_transaction_on_the_connection(
    charge: Charge,
) -> None:
    with acting_as(DANA):
        Charge.objects.update(amount=1)
        with transaction.atomic():
            Charge.objects.update(amount=2)

    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('paystory.actor', true), '')")
        assert cursor.fetchone() == ("",)


@pytest.mark.django_db(transaction=True)
def test_an_absurd_actor_does_not_refuse_the_write(charge: Charge) -> None:
    with acting_as(Actor(ActorKind.STAFF, "D\x00ana" * 80, "7" * 90), request_id="r" * 90):
        Charge.objects.update(amount=1)
    project_pending()

    change = Change.objects.latest("pk")
    assert (change.actor_label, change.actor_id) == (("Dana" * 80)[:200], "7" * 64)
    assert change.request_id == "r" * 64


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
