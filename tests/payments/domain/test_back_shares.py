"""Money back over the jobs of a payment: named stays, unnamed is shared once, sums are exact."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from invoicing.domain.allocate import Legs
from payments.domain.back_shares import Back, share_back

D = Decimal
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
A, B, C = 1, 2, 3


def back(key: str, services: str, job: int | None = None, fee: str = "0", day: int = 0) -> Back:
    return Back(key, Legs(D(services), D(fee)), job, (T0 + timedelta(days=day), key))


def services(parts: dict[str, dict[int, Legs]], key: str) -> dict[int, Decimal]:
    return {job: legs.services for job, legs in parts[key].items()}


CHECK = {A: Legs(D("120.00")), B: Legs(D("130.00"))}


def test_all_of_a_check_leaves_each_job_its_share() -> None:
    parts = share_back(CHECK, [back("refund:1", "250.00")], "USD")

    assert services(parts, "refund:1") == {A: D("120.00"), B: D("130.00")}


def test_what_names_its_job_stays_there_and_the_rest_is_shared_over_what_is_left() -> None:
    parts = share_back(CHECK, [back("refund:1", "50.00"), back("refund:2", "100.00", B)], "USD")

    assert services(parts, "refund:2") == {B: D("100.00")}
    assert services(parts, "refund:1") == {A: D("40.00"), B: D("10.00")}


def test_what_names_a_job_and_is_more_than_its_share_takes_the_rest_from_the_others() -> None:
    parts = share_back(CHECK, [back("refund:1", "200.00", B)], "USD")

    assert services(parts, "refund:1") == {B: D("130.00"), A: D("70.00")}


def test_refund_and_dispute_together_are_shared_once() -> None:
    shares = {A: Legs(D("33.33")), B: Legs(D("33.33")), C: Legs(D("33.34"))}
    many = [back(f"refund:{n}", "0.01", day=n) for n in range(10)]
    parts = share_back(shares, [*many, back("dispute:1", "99.90", day=20)], "USD")

    for job, share in shares.items():
        assert sum((p.get(job, Legs()).services for p in parts.values()), D(0)) == share.services


def test_services_and_fee_leave_each_by_themselves() -> None:
    shares = {A: Legs(D("100.00"), D("3.50")), B: Legs(D("200.00"))}
    parts = share_back(shares, [back("refund:1", "150.00", fee="1.75")], "USD")

    assert parts["refund:1"] == {A: Legs(D("50.00"), D("1.75")), B: Legs(D("100.00"), D(0))}


def test_what_is_beyond_the_payment_stays_on_its_own_job() -> None:
    parts = share_back(CHECK, [back("refund:1", "260.00")], "USD")

    assert services(parts, "refund:1") == {A: D("130.00"), B: D("130.00")}


def _some(draw: st.DrawFn, most: Legs) -> Legs:
    """Any part of ``most``, to the cent."""
    cents = [draw(st.integers(0, int(100 * leg))) for leg in (most.services, most.fee)]
    return Legs(*(D(leg) / 100 for leg in cents))


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[int, Legs], list[Back]]:
    """A payment over one to four jobs, and money back of it, never more than there is."""
    jobs = range(1, draw(st.integers(1, 4)) + 1)
    shares = {job: _some(draw, Legs(D("5.00"), D("0.50"))) + Legs(D("0.01")) for job in jobs}
    named = [(job, _some(draw, share)) for job, share in shares.items() if draw(st.booleans())]
    left = sum(shares.values(), Legs()) - sum((legs for _, legs in named), Legs())
    result = [Back(f"refund:{job}", legs, job, (T0, str(job))) for job, legs in named]
    for n in range(draw(st.integers(0, 5))):
        legs = _some(draw, left)
        left -= legs
        at = T0 + timedelta(days=draw(st.integers(0, 2)))
        result.append(Back(f"dispute:{n}", legs, None, (at, str(n))))
    return shares, result


@settings(max_examples=400, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_parts_make_the_whole_in_any_order(
    case: tuple[dict[int, Legs], list[Back]], random: object
) -> None:
    shares, rows = case
    parts = share_back(shares, rows, "USD")
    other = list(rows)
    random.shuffle(other)  # type: ignore[attr-defined]  # hypothesis types it as Random

    assert share_back(shares, other, "USD") == parts
    for one in rows:
        assert sum(parts[one.key].values(), Legs()) == one.legs
        assert all(legs == legs.positive() for legs in parts[one.key].values())
        if one.job is not None:
            assert set(parts[one.key]) <= {one.job}
    for job, share in shares.items():
        left = share - sum((by.get(job, Legs()) for by in parts.values()), Legs())
        assert left == left.positive()
