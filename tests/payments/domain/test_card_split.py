"""Services, fee and surplus of card payments, worked out without a database."""

import inspect
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from core.money import ZERO
from invoicing.settlement.quote import Policy
from invoicing.settlement.settle import settle
from invoicing.settlement.types import (
    Bill,
    Entry,
    EntryKind,
    InvoiceStatus,
    Line,
    Ruling,
    Settlement,
    Uncollected,
    Word,
)
from payments.domain import card_split
from payments.domain.card_split import Back, Bills, Came, Issued, Quote, Split, parts_of, splits
from tests.payments.conftest import T0

D = Decimal
CENT = D("0.01")


def quoted(percent: str = "2.9", fixed: str = "0.30", cap: str | None = "20.00") -> Quote:
    policy = Policy(T0, D(percent), D(fixed), D(cap) if cap else None, frozenset({"credit"}))
    return lambda services: policy.fee(services, "credit", "USD")


def card(n: int, gross: str, fee: str | None = None, **rest: object) -> Came:
    """The nth payment, ``n`` minutes after the bill; nobody reported its fee by default."""
    told = None if fee is None else D(fee)
    at = T0 + timedelta(minutes=n)
    values: dict[str, object] = {"quote": quoted(), "as_of": at, "uncollected": Uncollected.BILL}
    services = D(gross) - (told or ZERO)
    return Came(f"payment:{n}", at, (str(n),), services, told, **{**values, **rest})  # type: ignore[arg-type]


def cash(n: int, amount: str) -> Came:
    return Came(f"payment:{n}", T0 + timedelta(minutes=n), (str(n),), D(amount))


def asks(total: str, **rest: object) -> Bills:
    return Bills([Issued(T0, 1, 1, D(total))], **rest)  # type: ignore[arg-type]


def parts(came: Sequence[Came], bills: Bills) -> list[tuple[str, str]]:
    """Services and fee of each card payment, in the order of keys."""
    answers = splits(came, bills, "USD")
    return [(str(answers[key].services), str(answers[key].fee)) for key in sorted(answers)]


def test_it_reaches_no_table() -> None:
    source = inspect.getsource(card_split)

    assert not re.search(r"^(from|import) (django|\w+\.(models|queries))", source, re.MULTILINE)


# The rule ------------------------------------------------------------------------------------


def test_services_first_then_the_fee_then_a_surplus() -> None:
    assert parts([card(1, "400.00")], asks("400.00")) == [("400.00", "0.00")]
    assert parts([card(1, "405.00")], asks("400.00")) == [("400.00", "5.00")]
    assert parts([card(1, "411.90")], asks("400.00")) == [("400.00", "11.90")]
    assert parts([card(1, "420.00")], asks("400.00")) == [("408.10", "11.90")]


def test_a_fee_stops_at_its_cap() -> None:
    assert parts([card(1, "3020.00")], asks("3000.00")) == [("3000.00", "20.00")]
    assert parts([card(1, "3020.01")], asks("3000.00")) == [("3000.01", "20.00")]


def test_a_card_without_a_fee_brings_none() -> None:
    free = card(1, "411.90", quote=lambda services: None)

    assert parts([free], asks("400.00")) == [("411.90", "0.00")]


def test_a_fee_that_an_earlier_card_lacks_is_paid_by_a_later_one() -> None:
    came = [card(1, "200.00"), card(2, "212.20")]

    assert parts(came, asks("400.00")) == [("200.00", "0.00"), ("200.00", "12.20")]


def test_a_fee_alone_carries_none() -> None:
    answers = splits([card(1, "400.00"), card(2, "11.90")], asks("400.00"), "USD")

    assert answers["payment:2"] == Split(D("0.00"), D("11.90"), D("0.00"), None)


def test_a_fee_that_was_waived_or_paid_otherwise_is_no_longer_missing() -> None:
    at = T0 + timedelta(minutes=2)
    waived = replace(card(1, "400.00"), rulings=[(at, Ruling("payment:1", bill=False))])
    late = replace(waived, rulings=[(T0 + timedelta(days=1), Ruling("payment:1", bill=False))])

    assert parts([waived, card(3, "11.90")], asks("400.00"))[1] == ("11.90", "0.00")
    assert parts([late, card(3, "11.90")], asks("400.00"))[1] == ("0.00", "11.90")
    paid = [card(1, "400.00"), cash(2, "11.90"), card(3, "11.90")]
    assert parts(paid, asks("400.00"))[1] == ("11.90", "0.00")


def test_a_reported_fee_stays_and_what_is_beyond_it_was_quoted_none() -> None:
    answers = splits([card(1, "500.00", "0.00")], asks("400.00"), "USD")
    assert answers["payment:1"] == Split(D("500.00"), D("0.00"), D("400.00"), D("11.90"))

    # A fee that was reported, or quoted before, is that of all services that it came with.
    quoted_before = replace(card(1, "500.00", "0.00"), is_quoted=True)
    for one in (card(1, "514.80", "14.80"), quoted_before):
        whole = splits([one], asks("400.00"), "USD")["payment:1"]
        assert (whole.base, whole.quote) == (None, D("14.80"))


# What it is measured against -----------------------------------------------------------------


def test_a_bill_counts_as_it_was_when_the_money_came() -> None:
    later = Issued(T0 + timedelta(minutes=5), 1, 2, D("125.00"))
    bills = Bills([Issued(T0, 1, 1, D("400.00")), later])

    assert parts([card(1, "411.90")], bills) == [("400.00", "11.90")]
    assert parts([card(9, "128.93")], bills) == [("125.00", "3.93")]


def test_a_void_bill_asks_for_nothing() -> None:
    void = Issued(T0, 1, 1, D("400.00"), voided_at=T0 + timedelta(minutes=5))

    assert parts([card(1, "411.90")], Bills([void])) == [("400.00", "11.90")]
    assert parts([card(9, "411.90")], Bills([void])) == [("411.90", "0.00")]


def test_a_draft_counts_for_money_that_no_bill_asks_for() -> None:
    bills = asks("400.00", draft=lambda: D("600.00"))

    assert parts([card(1, "411.90")], bills) == [("400.00", "11.90")]
    assert parts([card(1, "1000.00")], bills) == [("1000.00", "0.00")]
    assert parts([card(1, "1020.00")], bills) == [("1000.00", "20.00")]


def test_credits_and_money_that_went_back_count_by_their_day() -> None:
    used = asks("400.00", credits=[(T0, D("100.00")), (T0 + timedelta(days=1), D("50.00"))])
    assert parts([card(1, "309.00")], used) == [("300.00", "9.00")]

    back = Back(T0 + timedelta(minutes=5), D("411.90"))
    for gone in ({"refunds": [back]}, {"lost": [back]}):
        first = replace(card(1, "411.90"), **gone)  # type: ignore[arg-type]
        assert parts([first, card(9, "411.90")], asks("400.00"))[1] == ("400.00", "11.90")
        assert parts([first, card(3, "411.90")], asks("400.00"))[1] == ("411.90", "0.00")


def test_while_nothing_is_billed_all_of_it_is_quoted() -> None:
    unbilled = card(1, "411.90", as_of=None)

    assert splits([unbilled], Bills(), "USD")["payment:1"] == Split(
        D("411.90"), D(0), None, D("12.25")
    )


def test_what_goes_back_is_split_like_its_payment() -> None:
    backs = [Back(T0, D("100.00")), Back(T0, D("11.90"), (D(0), D("11.90")))]

    assert parts_of(backs, D("400.00"), D("11.90"), "USD") == [
        (D("97.11"), D("2.89")),
        (D(0), D("11.90")),
    ]


# Over the whole space ------------------------------------------------------------------------

amounts = st.integers(1, 60_000).map(lambda n: D(n).scaleb(-2))
policies = st.builds(
    Policy,
    st.just(T0),
    st.sampled_from([D(0), D("2.9"), D("3.59")]),
    st.sampled_from([D(0), D("0.30"), D("5.00")]),
    st.sampled_from([None, D("5.00"), D("20.00")]),
    st.sampled_from([frozenset[str](), frozenset({"credit"})]),
    st.sampled_from(Uncollected),
)


def priced(policy: Policy) -> Quote:
    return lambda services: policy.fee(services, "credit", "USD")


def bill_of(asked: Decimal, came: Sequence[Came], answers: dict[str, Split]) -> Settlement:
    """The bill with this money, as the ledger would have it."""
    entries = []
    for n, one in enumerate(sorted(came, key=lambda c: c.at), start=1):
        split = answers.get(one.key) or Split(one.services, one.fee or ZERO, ZERO, None)
        entries.append(
            Entry(
                n,
                EntryKind.PAYMENT,
                split.services,
                split.fee,
                one.key,
                one.key,
                split.quote,
                one.uncollected,
                at=one.at,
                fee_base=None if split.quote is None else split.base,
            )
        )
    return settle(Bill(InvoiceStatus.ISSUED, "USD", [Line(1, "Inspection", asked)], entries))


@given(
    asked=amounts,
    policy=policies,
    sums=st.lists(st.tuples(amounts, st.sampled_from(["card", "zero", "all", "cash"])), max_size=5),
    rng=st.randoms(use_true_random=False),
)
def test_parts_make_the_whole_in_any_order(
    asked: Decimal,
    policy: Policy,
    sums: list[tuple[Decimal, str]],
    rng: random.Random,
) -> None:
    came = []
    for n, (amount, how) in enumerate(sums, start=1):
        fee = {"zero": "0.00", "all": str(amount)}.get(how)
        one = card(n, str(amount), fee, quote=priced(policy), uncollected=policy.uncollected)
        came.append(cash(n, str(amount)) if how == "cash" else one)
    bills = asks(str(asked))

    answers = splits(came, bills, "USD")

    assert splits(rng.sample(came, len(came)), bills, "USD") == answers
    for n, (amount, how) in enumerate(sums, start=1):
        if how != "cash":
            split = answers[f"payment:{n}"]
            assert split.services + split.fee == amount
            assert min(split.services, split.fee) >= 0
            base = split.services if split.base is None else split.base
            assert ZERO <= base <= split.services
            assert split.quote == (priced(policy)(base) if base else None)
    assert sum((split.base or ZERO for split in answers.values()), ZERO) <= asked
    s = bill_of(asked, came, answers)
    assert s.received == sum((amount for amount, _ in sums), ZERO)
    assert s.billed == s.services + s.fee.kept + s.fee.due
    assert s.balance == s.billed - s.received
    assert s.fee.due <= s.fee.open
    assert s.fee.due == (s.fee.open if policy.uncollected == Uncollected.BILL else 0)


@given(
    asked=amounts,
    policy=policies,
    shares=st.lists(st.integers(1, 10), min_size=1, max_size=4),
    is_told=st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_the_price_by_card_paid_to_the_cent_is_paid(
    asked: Decimal, policy: Policy, shares: list[int], is_told: list[bool]
) -> None:
    """In instalments, the last of which pays what is open then, each with its own fee."""
    bills, came, left = asks(str(asked)), list[Came](), asked
    for n, share in enumerate(shares, start=1):
        is_last = n == len(shares)
        services = left if is_last else (asked * share / 40).quantize(CENT)
        fee = priced(policy)(services) or ZERO
        # Nobody can tell the fee of an instalment from more services, so there it is reported.
        told = str(fee) if is_told[n - 1] or not is_last else None
        came.append(
            card(
                n,
                str(services + fee),
                told,
                quote=priced(policy),
                uncollected=policy.uncollected,
            )
        )
        left -= services

    s = bill_of(asked, came, splits(came, bills, "USD"))

    assert (s.word, s.balance, s.fee.open, s.fee.due) == (Word.PAID, ZERO, ZERO, ZERO)


@given(asked=amounts, first=amounts, policy=policies)
def test_what_an_instalment_lacked_is_paid_by_the_last(
    asked: Decimal, first: Decimal, policy: Policy
) -> None:
    assume(first < asked)
    quote = priced(policy)
    lacks, rest = quote(first) or ZERO, asked - first
    price = rest + (quote(rest) or ZERO) + lacks
    common = {"quote": quote, "uncollected": policy.uncollected}
    came = [card(1, str(first), **common), card(2, str(price), **common)]  # type: ignore[arg-type]

    s = bill_of(asked, came, splits(came, asks(str(asked)), "USD"))

    assert (s.word, s.balance, s.fee.open) == (Word.PAID, ZERO, ZERO)
    assert s.billed == asked + lacks + (quote(rest) or ZERO)
