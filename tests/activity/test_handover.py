"""The actor recorded with a change, on every way that a statement can reach the database."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from accounts.models import Brand
from activity.actors import Actor, ActorKind, acting_as
from activity.models import Change
from tests.factories import BrandFactory
from workorders.models import Client

ANA = Actor(ActorKind.STAFF, "Ana Ruiz", "7")
BEN = Actor(ActorKind.STAFF, "Ben Okafor", "8")
INSERT = (
    "INSERT INTO workorders_client "
    "(brand_id, name, email, phone, external_id, address, tax_number, created_at) "
)

# Autocommit and real transactions are what is tested here.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def brand() -> Brand:
    return BrandFactory()


def _make(brand: Brand, name: str) -> Client:
    return Client.objects.create(brand=brand, name=name)


def _fail(brand: Brand) -> None:
    _make(brand, "lost")
    raise RuntimeError


def _recorded() -> list[tuple[str, str]]:
    """(client's name, actor) of each change, oldest first."""
    rows = Change.objects.filter(entity="workorders.client").order_by("pk")
    return [((c.after or c.before or {})["name"], c.actor_label) for c in rows]


def _session_user() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        return str(cursor.fetchone()[0])


def test_autocommit(brand: Brand) -> None:
    with acting_as(ANA):
        client = _make(brand, "one")
        Client.objects.filter(pk=client.pk).update(name="two")
        client.delete()

    assert _recorded() == [("one", "Ana Ruiz"), ("two", "Ana Ruiz"), ("two", "Ana Ruiz")]


def test_autocommit_does_not_leak_to_the_next_statement(brand: Brand) -> None:
    with acting_as(ANA):
        _make(brand, "one")
    _make(brand, "two")

    change = Change.objects.get(after__name="two")

    assert (change.actor_kind, change.actor_label) == ("database", _session_user())
    assert (change.actor_id, change.step) == ("", "")


def test_atomic(brand: Brand) -> None:
    with acting_as(ANA) as acting, transaction.atomic():
        _make(brand, "one")
        _make(brand, "two")

    assert _recorded() == [("one", "Ana Ruiz"), ("two", "Ana Ruiz")]
    changes = Change.objects.filter(entity="workorders.client")
    assert {c.step for c in changes} == {acting.step}
    assert len({c.txid for c in changes}) == 1


def test_a_transaction_that_starts_with_a_read(brand: Brand) -> None:
    """The actor of the previous transaction is gone, also when the first statement is a SELECT."""
    for name in ("one", "two"):
        with acting_as(ANA), transaction.atomic():
            assert Brand.objects.count() == 1
            _make(brand, name)

    assert _recorded() == [("one", "Ana Ruiz"), ("two", "Ana Ruiz")]


def test_a_transaction_after_one_that_was_rolled_back(brand: Brand) -> None:
    with pytest.raises(RuntimeError), acting_as(ANA), transaction.atomic():
        _fail(brand)
    with acting_as(ANA), transaction.atomic():
        Brand.objects.count()
        _make(brand, "kept")

    assert _recorded() == [("kept", "Ana Ruiz")]


def test_a_nested_savepoint_that_is_rolled_back(brand: Brand) -> None:
    with acting_as(ANA), transaction.atomic():
        with pytest.raises(RuntimeError), transaction.atomic():
            _fail(brand)
        _make(brand, "kept")
        with transaction.atomic():
            _make(brand, "inner")
        _make(brand, "outer")

    assert [name for name, _ in _recorded()] == ["kept", "inner", "outer"]
    assert {who for _, who in _recorded()} == {"Ana Ruiz"}


def test_an_actor_set_inside_a_savepoint_goes_with_it(brand: Brand) -> None:
    with acting_as(ANA), transaction.atomic():
        _make(brand, "one")
        with pytest.raises(RuntimeError), transaction.atomic(), acting_as(BEN):
            _fail(brand)
        _make(brand, "two")
        with acting_as(BEN), transaction.atomic():
            _make(brand, "three")
        _make(brand, "four")

    assert _recorded() == [
        ("one", "Ana Ruiz"),
        ("two", "Ana Ruiz"),
        ("three", "Ben Okafor"),
        ("four", "Ana Ruiz"),
    ]


def test_an_actor_who_changes_in_the_middle(brand: Brand) -> None:
    with transaction.atomic():
        with acting_as(ANA):
            _make(brand, "one")
        with acting_as(BEN):
            _make(brand, "two")
        _make(brand, "three")

    assert _recorded() == [("one", "Ana Ruiz"), ("two", "Ben Okafor"), ("three", _session_user())]


def test_two_steps_of_one_actor_stay_two(brand: Brand) -> None:
    with transaction.atomic():
        for name in ("one", "two"):
            with acting_as(ANA):
                _make(brand, name)

    steps = Change.objects.filter(entity="workorders.client").values_list("step", flat=True)
    assert len(set(steps)) == 2


@pytest.fixture(params=["autocommit", "atomic"])
def inside(request: pytest.FixtureRequest) -> Callable[[Callable[[], object]], None]:
    """Runs a write in autocommit or in a transaction."""

    def run(write: Callable[[], object]) -> None:
        if request.param == "autocommit":
            write()
        else:
            with transaction.atomic():
                write()

    return run


Inside = Callable[[Callable[[], object]], None]


def test_executemany(brand: Brand, inside: Inside) -> None:
    def write() -> None:
        with connection.cursor() as cursor:
            rows = [(brand.pk, name) for name in ("one", "two")]
            cursor.executemany(INSERT + "VALUES (%s, %s, '', '', '', '', '', now())", rows)

    with acting_as(ANA):
        inside(write)

    assert _recorded() == [("one", "Ana Ruiz"), ("two", "Ana Ruiz")]


def test_a_percent_sign_without_parameters(brand: Brand, inside: Inside) -> None:
    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                INSERT + f"VALUES ({brand.pk}, '100 %s sure', '', '', '', '', '', now())"
            )

    with acting_as(ANA):
        inside(write)

    assert _recorded() == [("100 %s sure", "Ana Ruiz")]


def test_a_percent_sign_with_parameters(brand: Brand, inside: Inside) -> None:
    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute(INSERT + "VALUES (%s, '5 %%', '', '', '', '', '', now())", [brand.pk])

    with acting_as(Actor(ActorKind.STAFF, "100 % Ana")):
        inside(write)

    assert _recorded() == [("5 %", "100 % Ana")]


def test_named_parameters(brand: Brand, inside: Inside) -> None:
    def write() -> None:
        with connection.cursor() as cursor:
            sql = INSERT + "VALUES (%(brand)s, %(name)s, '', '', '', '', '', now())"
            cursor.execute(sql, {"brand": brand.pk, "name": "one"})

    with acting_as(ANA):
        inside(write)

    assert _recorded() == [("one", "Ana Ruiz")]


def test_returning_still_returns(brand: Brand, inside: Inside) -> None:
    returned = []

    def write() -> None:
        with connection.cursor() as cursor:
            values = "VALUES (%s, 'one', '', '', '', '', '', now()) RETURNING id, name"
            cursor.execute(INSERT + values, [brand.pk])
            returned.append((cursor.rowcount, cursor.fetchone()[1]))

    with acting_as(ANA):
        inside(write)

    assert returned == [(1, "one")]
    assert _recorded() == [("one", "Ana Ruiz")]


def test_a_write_that_begins_with_with(brand: Brand, inside: Inside) -> None:
    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH x AS (SELECT 1) {INSERT} VALUES (%s,'w','','','','','',now())", [brand.pk]
            )

    with acting_as(ANA):
        inside(write)

    assert _recorded() == [("w", "Ana Ruiz")]


def test_bulk_create_and_bulk_update(brand: Brand, inside: Inside) -> None:
    rows = [Client(brand=brand, name=name) for name in ("one", "two")]

    def write() -> None:
        made = Client.objects.bulk_create(rows)
        for client in made:
            client.name += "!"
        Client.objects.bulk_update(made, ["name"])

    with acting_as(ANA):
        inside(write)

    assert sorted(_recorded()) == [(n, "Ana Ruiz") for n in ("one", "one!", "two", "two!")]


def test_an_upsert(brand: Brand, inside: Inside) -> None:
    def write() -> None:
        for name in ("one", "two"):
            row = Client(brand=brand, name=name, external_id="x")
            with connection.cursor() as cursor:
                cursor.execute(
                    INSERT + "VALUES (%s, %s, '', '', 'x', '', '', now()) "
                    "ON CONFLICT (brand_id, external_id) WHERE NOT external_id = '' "
                    "DO UPDATE SET name = excluded.name",
                    [brand.pk, row.name],
                )

    with acting_as(ANA):
        inside(write)

    assert _recorded() == [("one", "Ana Ruiz"), ("two", "Ana Ruiz")]


def test_nothing_open_is_the_session_user(brand: Brand, inside: Inside) -> None:
    inside(lambda: _make(brand, "one"))

    change = Change.objects.get(entity="workorders.client")

    assert (change.actor_kind, change.actor_label) == ("database", _session_user())
    assert (change.actor_id, change.request_id, change.imported) == ("", "", False)


def test_what_else_an_actor_brings(brand: Brand, inside: Inside) -> None:
    then = datetime(2019, 5, 4, 3, 2, 1, tzinfo=UTC)
    with acting_as(BEN, request_id="req-1"), acting_as(ANA, at=then, imported=True):
        inside(lambda: _make(brand, "one"))

    change = Change.objects.get(entity="workorders.client")

    assert (change.actor_kind, change.actor_id) == ("staff", "7")
    assert (change.occurred_at, change.imported, change.request_id) == (then, True, "req-1")
    assert change.recorded_at > then
