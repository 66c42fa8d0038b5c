"""How threads are updated: states of the newest change, times of what hangs under them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.models import Brand
from activity.actors import Actor, ActorKind, acting_as
from activity.describe import Line, ThreadKey, ThreadUpdate
from activity.models import Change, Entry, Thread
from activity.projection import project_pending
from activity.threads import Threads, absorb
from payments.models import AttemptStatus, Payment, PaymentStatus, RefundStatus
from tests.activity.conftest import Connect
from tests.factories import AttemptFactory, NoteFactory, PaymentFactory, RefundFactory
from workorders.models import WorkOrder

AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
PAYMENT, REFUND = ThreadKey("payment", 1), ThreadKey("refund", 2)


def _entry(minute: int = 0) -> Entry:
    return Entry(occurred_at=AT + timedelta(minutes=minute), recorded_at=AT)


def _line(
    state: str = "", *, key: ThreadKey = PAYMENT, parent: ThreadKey | None = None, shows: int = 1
) -> Line:
    updates = {key: ThreadUpdate(state, state, {"amount": state})} if state else {}
    return Line("x", key, (shows,), "payment", parent=parent, threads=updates)


def _apply(*steps: tuple[Line, int, int]) -> dict[str, Thread]:
    """Apply (line, version, minute) to one feed, each in a batch of its own; threads by kind."""
    for line, version, minute in steps:
        threads = Threads(1, 2)
        threads.load([line])
        threads.apply(line, _entry(minute), version=version)
        threads.save()
    return {t.kind: t for t in Thread.objects.all()}


@pytest.mark.django_db
def test_an_older_change_never_turns_a_state_back() -> None:
    thread = _apply((_line("succeeded"), 20, 5), (_line("pending"), 10, 1))["payment"]

    assert (thread.state, thread.status, thread.data) == (
        "succeeded",
        "succeeded",
        {"amount": "succeeded"},
    )
    assert (thread.entry_count, thread.state_change_id) == (2, 20)
    assert (thread.first_at, thread.last_at) == (
        AT + timedelta(minutes=1),
        AT + timedelta(minutes=5),
    )


@pytest.mark.django_db
def test_a_newer_change_moves_a_state_on_even_with_an_older_date() -> None:
    thread = _apply((_line("pending"), 10, 5), (_line("failed"), 20, 1))["payment"]

    assert thread.state == "failed"
    assert thread.last_at == AT + timedelta(minutes=5)


@pytest.mark.django_db
def test_a_parent_is_placed_by_its_newest_child() -> None:
    threads = _apply(
        (_line("succeeded"), 1, 0),
        (_line("pending", key=REFUND, parent=PAYMENT), 2, 30),
        (_line("refunded", key=REFUND, parent=PAYMENT), 3, 90),
        (_line("failed", key=REFUND, parent=PAYMENT), 4, 60),
    )

    assert threads["refund"].parent == threads["payment"]
    assert threads["payment"].last_at == threads["refund"].last_at == AT + timedelta(minutes=90)
    assert (threads["payment"].entry_count, threads["refund"].entry_count) == (1, 3)
    assert threads["payment"].state == "succeeded"


@pytest.mark.django_db
def test_joining_two_threads_of_one_thing_keeps_the_newer_state() -> None:
    old = Threads(1, None)
    old.apply(_line("attention"), _entry(9), version=5)
    old.save()
    _apply((_line("pending", key=REFUND), 2, 0), (_line("succeeded"), 9, 1))
    here = Thread.objects.get(work_order_id=2, kind="payment")
    Thread.objects.filter(pk=here.pk).update(parent=Thread.objects.get(kind="refund"))
    here.refresh_from_db()

    absorb(Thread.objects.get(work_order_id=None), here, txid=1)

    here.refresh_from_db()
    assert (here.state, here.state_change_id, here.entry_count) == ("succeeded", 9, 2)
    assert here.last_at == AT + timedelta(minutes=9)
    assert here.parent is not None
    assert here.parent.last_at == AT + timedelta(minutes=9)


@pytest.mark.django_db
def test_joining_another_thing_leaves_the_state_alone() -> None:
    threads = _apply((_line("succeeded"), 3, 0), (_line("failed", key=ThreadKey("order", 7)), 8, 1))

    absorb(threads["order"], threads["payment"], txid=1)

    assert Thread.objects.get().state == "succeeded"


@pytest.mark.django_db
@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_moves_may_follow_each_other_in_one_batch(order: tuple[str, str]) -> None:
    keys = {"a": ThreadKey("order", 1), "b": ThreadKey("attempt", 2), "c": PAYMENT}
    lines = [_line("pending", key=key, shows=n) for n, key in enumerate(keys.values(), start=1)]
    onward = {"a": "b", "b": "c"}
    lines += [Line("x", keys[onward[name]], (9,), "payment", moves=(keys[name],)) for name in order]
    threads = Threads(1, 2)
    threads.load(lines)
    for n, line in enumerate(lines):
        threads.apply(line, _entry(n), version=n)
    threads.save()

    threads.carry_out_moves(txid=1)

    thread = Thread.objects.get()
    assert (thread.kind, thread.entry_count) == ("payment", 5)


@pytest.mark.django_db
def test_a_payment_and_its_refund_end_to_end(job: WorkOrder) -> None:
    payment = PaymentFactory(work_order=job, happened_at=AT)
    project_pending()
    with acting_as(Actor(ActorKind.STAFF, "Dana"), at=AT + timedelta(days=2)):
        refund = RefundFactory(payment=payment, status="queued", amount=Decimal("29.00"))
    project_pending()
    with acting_as(Actor(ActorKind.STAFF, "Dana"), at=AT + timedelta(days=1)):
        refund.status = RefundStatus.COMPLETED  # reported late, dated before
        refund.save()
    project_pending()

    mine = Thread.objects.get(kind="payment", object_id=payment.pk)
    theirs = Thread.objects.get(kind="refund", object_id=refund.pk)
    assert theirs.parent == mine
    assert (theirs.state, theirs.status, theirs.entry_count) == ("refunded", "completed", 2)
    assert mine.last_at == theirs.last_at == AT + timedelta(days=2)


@pytest.mark.django_db
def test_imports_with_old_dates_keep_the_order_of_what_happened(job: WorkOrder) -> None:
    newest_first = [AT + timedelta(days=n) for n in (30, 3, 12)]
    importer = Actor(ActorKind.IMPORT, "Import")

    for at in newest_first:
        with acting_as(importer, at=at, imported=True):
            NoteFactory(work_order=job, text=f"{at:%d %b}", happened_at=at)
    project_pending()

    threads = Thread.objects.filter(kind="note").order_by("-last_at", "-id")
    assert [t.last_at for t in threads] == sorted(newest_first, reverse=True)
    entries = Entry.objects.filter(kind="note")
    assert all(e.imported and e.recorded_at > e.occurred_at for e in entries)


@pytest.mark.django_db
def test_an_attempt_that_gets_its_payment_joins_it(job: WorkOrder) -> None:
    with acting_as(Actor(ActorKind.STAFF, "Dana")):
        attempt = AttemptFactory(work_order=job, status="processing")
    project_pending()
    with acting_as(Actor(ActorKind.STAFF, "Dana")):
        payment = PaymentFactory(work_order=job)
        attempt.payment, attempt.status = payment, AttemptStatus.SUCCEEDED
        attempt.save()
    project_pending()

    assert not Thread.objects.filter(kind="attempt").exists()
    thread = Thread.objects.get(kind="payment")
    assert thread.entry_count == thread.entries.count() == 2
    assert not Change.objects.filter(entry=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_change_that_commits_late_does_not_turn_its_payment_back(
    brand: Brand, job: WorkOrder, outside: Connect
) -> None:
    payment = PaymentFactory(work_order=job, status="pending")
    project_pending()
    slow = outside()
    slow.execute(  # another row of the same payment, captured first and committed last
        "UPDATE payments_paymentallocation SET status = 'processing' WHERE payment_id = %s",
        [payment.pk],
    )
    Payment.objects.filter(pk=payment.pk).update(status=PaymentStatus.COMPLETED)
    project_pending()
    slow.commit()
    project_pending()

    thread = Thread.objects.get(kind="payment", object_id=payment.pk)
    assert (thread.state, thread.status) == ("succeeded", "completed")
    assert thread.entry_count == thread.entries.count() == 4
