"""Fee policies: dated, checked, and unchangeable once they are in force, by any way."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.utils import DatabaseError

from accounts.models import Brand
from activity.actors import Actor, ActorKind, acting_as
from core import clock
from invoicing.domain.fees import add_policy, current_policy, remove_policy
from invoicing.models import FeePolicy
from invoicing.settlement.quote import Quote, quote
from invoicing.settlement.types import Uncollected
from tests.factories import BrandFactory

D = Decimal
DAY = timedelta(days=1)


def add(brand: Brand, at: datetime | None = None, **terms: Any) -> FeePolicy:
    return add_policy(brand, at, **{"percent": D("3.59"), "fundings": ["credit"], **terms})


def quoted(brand: Brand, at: datetime) -> Quote:
    """The fee of 500.00 by credit card at ``at``."""
    policy = current_policy(brand, at)
    return quote(D("500"), funding="credit", policy=policy, currency=brand.currency)


def refused(brand: Brand, at: datetime | None = None, **terms: Any) -> set[str]:
    """The fields that a refusal names; nothing was written."""
    before = FeePolicy.objects.count()
    with pytest.raises(ValidationError) as caught:
        add(brand, at, **terms)
    assert FeePolicy.objects.count() == before
    return set(caught.value.message_dict)


def test_a_policy_begins_now_and_keeps_who_made_it(brand: Brand) -> None:
    with acting_as(Actor(ActorKind.STAFF, "Ada Quinn", "1")):
        made = add(
            brand,
            fixed=D("0.30"),
            cap=D("20.00"),
            fundings=["prepaid", "credit"],
            uncollected=Uncollected.BILL,
        )

    made.refresh_from_db()
    assert abs(made.effective_from - clock.now()) < timedelta(minutes=1)
    assert (made.percent, made.fixed, made.cap) == (D("3.59"), D("0.30"), D("20"))
    assert (made.fundings, made.uncollected) == (["credit", "prepaid"], "bill")
    assert made.created_by == "Ada Quinn"


def test_one_to_come_is_in_force_from_its_moment_on(brand: Brand) -> None:
    now, later = clock.now(), clock.now() + 10 * DAY
    add(brand)
    add(brand, later, percent=D("4"))

    def percent(at: datetime) -> Decimal | None:
        in_force = current_policy(brand, at)
        return in_force.percent if in_force else None

    assert percent(now - DAY) is None
    assert percent(later - timedelta(seconds=1)) == D("3.59")
    assert percent(later) == D("4")
    quote = quoted(brand, later)
    assert quote.fee == D("20.00")


def test_the_first_may_be_dated_back_and_no_other(brand: Brand) -> None:
    add(brand, clock.now() - 3000 * DAY)

    assert refused(brand, clock.now() - DAY) == {"effective_from"}
    assert refused(brand, clock.now() - 4000 * DAY) == {"effective_from"}


def test_a_brand_is_no_other_brands_first(brand: Brand) -> None:
    add(BrandFactory())

    add(brand, clock.now() - DAY)


def test_a_moment_ago_is_now(brand: Brand) -> None:
    add(brand, clock.now() - 3000 * DAY)

    made = add(brand, clock.now() - timedelta(minutes=2))

    assert clock.now() - made.effective_from < timedelta(minutes=1)


def test_a_policy_dated_back_is_unknown_to_what_was_here_before(brand: Brand) -> None:
    then = clock.now() - DAY
    add(brand, clock.now() - 3000 * DAY)
    add(brand, percent=D("9"))

    assert current_policy(brand, then, known_at=then) is None
    assert current_policy(brand, then, known_at=clock.now()) is not None
    # One that began when it was made is known to any payment that came after it.
    in_force = current_policy(brand, clock.now(), known_at=then)
    assert in_force and in_force.percent == D("9")


@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        ({"percent": D("-1")}, {"percent"}),
        ({"percent": D("100.0001")}, {"percent"}),
        ({"percent": D("3.59999")}, {"percent"}),
        ({"percent": D("NaN")}, {"percent"}),
        ({"percent": D(0)}, {"percent"}),
        ({"fixed": D("-0.01")}, {"fixed"}),
        ({"fixed": D("0.305")}, {"fixed"}),
        ({"fixed": D("NaN")}, {"fixed"}),
        ({"cap": D("Infinity")}, {"cap"}),
        ({"cap": D("-1")}, {"cap"}),
        ({"cap": D(0)}, {"cap"}),
        ({"cap": D("0.29"), "fixed": D("0.30")}, {"cap"}),
        ({"fundings": []}, {"fundings"}),
        ({"fundings": ["credit", "magic"]}, {"fundings"}),
        ({"percent": D(-1), "fixed": D(-1)}, {"percent", "fixed"}),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(
    terms: dict[str, Any], fields: set[str], brand: Brand
) -> None:
    assert refused(brand, **terms) == fields


def test_amounts_are_in_the_brands_currency(db: None) -> None:
    yen = BrandFactory(currency="JPY")

    assert refused(yen, fixed=D("0.5")) == {"fixed"}
    assert add(yen, fixed=D("30")).fixed == 30


def test_no_fee_from_a_date_on(brand: Brand) -> None:
    add(brand)
    later = clock.now() + DAY

    add_policy(brand, later)

    quote = quoted(brand, later)
    assert quote.fee is None


def test_two_never_begin_at_the_same_moment(brand: Brand) -> None:
    at = clock.now() + DAY
    add(brand, at)

    assert refused(brand, at) == {"effective_from"}


def test_one_to_come_is_removed_and_one_in_force_is_not(brand: Brand) -> None:
    begun, coming = add(brand), add(brand, clock.now() + DAY)

    remove_policy(brand, coming.pk)
    with pytest.raises(ValidationError, match="in force"):
        remove_policy(brand, begun.pk)

    assert list(FeePolicy.objects.all()) == [begun]


def test_another_brands_policy_does_not_exist(brand: Brand) -> None:
    theirs = add(BrandFactory(), clock.now() + DAY)

    with pytest.raises(FeePolicy.DoesNotExist):
        remove_policy(brand, theirs.pk)


# By the database itself ------------------------------------------------------------------------

TABLE = "invoicing_feepolicy"


def run(sql: str, *values: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {TABLE} SET percent = 1 WHERE id = %s",
        f"UPDATE {TABLE} SET effective_from = now() + interval '1 day' WHERE id = %s",
        f"UPDATE {TABLE} SET uncollected = 'bill' WHERE id = %s",
        f"DELETE FROM {TABLE} WHERE id = %s",
    ],
)
def test_raw_sql_cannot_change_what_is_in_force(sql: str, brand: Brand) -> None:
    policy = add(brand, clock.now() - DAY)

    with pytest.raises(DatabaseError, match="paystory_append_only"):
        run(sql, policy.pk)

    policy.refresh_from_db()
    assert (policy.percent, policy.uncollected) == (D("3.59"), "absorb")


def test_one_to_come_changes_but_never_into_the_past(brand: Brand) -> None:
    policy = add(brand, clock.now() + 9 * DAY)

    run(f"UPDATE {TABLE} SET percent = 1 WHERE id = %s", policy.pk)
    with pytest.raises(DatabaseError, match="paystory_append_only"):
        run(
            f"UPDATE {TABLE} SET effective_from = now() - interval '1 day' WHERE id = %s",
            policy.pk,
        )

    policy.refresh_from_db()
    assert policy.percent == 1


def test_a_reset_of_demo_data_may_delete_them(brand: Brand) -> None:
    policy = add(brand, clock.now() - DAY)

    with transaction.atomic():
        run("SELECT set_config('paystory.resetting', 'on', true)")
        run(f"DELETE FROM {TABLE} WHERE id = %s", policy.pk)
        run("SELECT set_config('paystory.resetting', '', true)")

    assert not FeePolicy.objects.exists()
