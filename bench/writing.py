"""What it costs that the database itself notices every change."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from accounts.models import Brand
from activity.actors import acting_as
from activity.handover import Handover
from activity.models import Change
from activity.projection import project_pending
from bench.data import STAFF
from bench.measure import Figure, Times, once
from payments.models import Payment

BULK = 1500
GROUP = "Writing"


@contextmanager
def uncaptured() -> Iterator[None]:
    """The same table without capture: triggers off, nobody hands over an actor."""
    wrappers = connection.execute_wrappers
    saved = list(wrappers)
    wrappers[:] = [w for w in wrappers if not isinstance(w, Handover)]
    try:
        yield
    finally:
        wrappers[:] = saved


def _triggers(state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE payments_payment {state} TRIGGER USER")


def figures(brand: Brand, rounds: int) -> Iterator[Figure]:
    """Saving one row, and updating many, relative to the same table without capture."""
    payments = list(
        Payment.objects.filter(brand=brand, provider_order_id__startswith="bench-")[:BULK]
    )
    turn = iter(range(10**9))

    def save() -> None:
        payment = payments[next(turn) % len(payments)]
        payment.note = f"Note {next(turn)}"
        payment.save(update_fields=["note"])

    def save_in_transaction() -> None:
        with transaction.atomic():
            for _ in range(20):
                save()

    def update() -> None:
        rows = Payment.objects.filter(pk__in=[p.pk for p in payments])
        rows.update(note=f"Note {next(turn)}")

    yield from _pair("Save one row, own commit", save, rounds * 4, limit=2.5)
    yield from _pair("Save one row, within a transaction", save_in_transaction, rounds, 20, 2.5)
    label = f"Update {len(payments):,} rows at once"
    yield from _pair(label, update, rounds, limit=8, peer="; pghistory 3.3×, row triggers 6.5×")


def _pair(
    name: str, work: Any, rounds: int, size: int = 1, limit: float = 0, peer: str = ""
) -> Iterator[Figure]:
    def plain() -> None:
        with uncaptured():
            work()

    def tracked() -> None:
        with acting_as(STAFF):
            work()

    def switched(state: str, then: Any) -> float:
        # The switch is a statement of its own, outside of what is timed.
        _triggers(state)
        return once(then) / size

    # In turns, so that whatever else the machine does meets both alike; the first two warm up.
    pairs = [(switched("DISABLE", plain), switched("ENABLE", tracked)) for _ in range(rounds + 2)]
    a, b = (Times(list(side)).median for side in zip(*pairs[2:], strict=True))
    yield Figure(GROUP, name, b, "ms", f"untracked {a:.2f} ms")
    yield Figure(GROUP, "  of which capture", b / a, "×", f"untracked 1.00×{peer}", limit=limit)


def projection(name: str) -> Figure:
    """Everything that is pending, as a worker projects it."""
    pending = Change.objects.filter(projected_at=None).count()

    def everything() -> None:
        while project_pending():
            pass

    took = once(everything)
    return Figure(
        "Projecting",
        f"{name} ({pending:,} changes)",
        pending / took * 1000,
        "changes/s",
        limit=50,
        at_least=True,
    )


def storage() -> Figure:
    """What one captured change takes with everything that is made of it, indexes included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_total_relation_size('activity_change') "
            "+ pg_total_relation_size('activity_entry') + pg_total_relation_size('activity_thread')"
        )
        (size,) = cursor.fetchone()
    changes = Change.objects.count()
    name = "Stored per change, entries and indexes"
    return Figure("Projecting", name, size / changes, "bytes")
