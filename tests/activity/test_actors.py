"""Each change carries the name of whoever acted when it was made."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from activity.actors import Actor, ActorKind, acting_as, provider, system
from activity.models import Change
from activity.projection import project_pending
from workorders.models import Charge

DANA = Actor(ActorKind.STAFF, "Dana Whitfield", "7")
GUARDIAN = provider("Guardian", "guardian")


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
def test_a_released_savepoint_keeps_its_actor_and_its_ring(
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
