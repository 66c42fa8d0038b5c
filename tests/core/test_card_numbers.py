"""Card numbers are found however they are written; other numbers are left alone."""

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.card_numbers import (
    NETWORKS,
    Masked,
    has_card_number,
    is_card_number,
    is_id_key,
    mask_document,
    masked,
    passes_luhn,
)

# Numbers that networks and processors publish for tests.
CARDS = {
    "Visa": "4242424242424242",
    "Visa of 13": "4222222222222",
    "Visa of 19": "4000000000000000006",
    "Mastercard": "5555555555554444",
    "Mastercard of the 2 series": "2223003122003222",
    "American Express": "378282246310005",
    "Discover": "6011111111111117",
    "Diners Club": "30569309025904",
    "Diners Club of 36": "36227206271667",
    "JCB": "3530111333300000",
    "UnionPay": "6200000000000005",
    "UnionPay of 19": "6205500000000000004",
    "Maestro": "6759649826438453",
    "Maestro of 12": "676770000005",
}


def with_check_digit(digits: str) -> str:
    return next(f"{digits}{last}" for last in string.digits if passes_luhn(f"{digits}{last}"))


def written(digits: str, sizes: list[int], between: str) -> str:
    parts, rest = [], digits
    for size in sizes:
        if not rest:
            break
        parts.append(rest[:size])
        rest = rest[size:]
    return between.join([*parts, rest] if rest else parts)


@pytest.mark.parametrize("digits", CARDS.values(), ids=CARDS)
@pytest.mark.parametrize("text", ["{}", "card {}, exp 12/27", "Visa:{}.", "cc{}x", "({})"])
def test_each_network_is_found_in_any_text(digits: str, text: str) -> None:
    assert is_card_number(digits)
    assert masked(text.format(digits)) == text.format(f"•••• {digits[-4:]}")


@pytest.mark.parametrize(
    "text",
    [
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "4242.4242.4242.4242",
        "4242 - 4242 - 4242 - 4242".replace(" - ", " -"),
        "4242\u00a04242\u20134242\u200b4242",
        "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2",
        "42424242 42424242",
        "424242 4242424242",
        "4242\n4242\n4242\n4242",
        "３７８２８２２４６３１０００５",
        "3782 822463 10005",
        "3056 930902 5904",
        "4222 2222 2222 2",
        "6205 5000 0000 0000 004",
    ],
)
def test_spaces_and_dashes_hide_nothing(text: str) -> None:
    assert has_card_number(text)
    assert not has_card_number(masked(text))
    assert sum(c.isdecimal() for c in masked(text)) == 4


def test_what_stands_beside_it_stays() -> None:
    text = "ref 88213, 4242 4242 4242 4242 123, then 5555-5555-5555-4444 and $329.00"

    assert masked(text) == "ref 88213, •••• 4242 123, then •••• 4444 and $329.00"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1234",
        "FHI624-P-2",
        "415-555-2671",
        "+49 1512 3456789",
        "+1 (415) 555-2671 ext 4242",
        "415-555-2671 212-555-0198",
        "2026-05-04 09:00:00",
        "20260504091500",
        "4242424242424241",  # Luhn
        "1234567890123452",  # passes Luhn; no network
        "424242424242",  # too short for Visa
        "42424242424242424242",  # too long for any
        "•••• 4242",
        "Visa 4242 on 4 May 2026",
        "$4,242.42 of $4,242.42",
        "4242, 4242, 4242, 4242",
        "pi_3PqRsTuVwXyZ0123456789",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert masked(text) == text


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_number_of_any_network_in_any_grouping(data: st.DataObject) -> None:
    network = data.draw(st.sampled_from(NETWORKS))
    first, last = data.draw(st.sampled_from(network.prefixes))
    length = data.draw(st.sampled_from(sorted(network.lengths)))
    prefix = str(data.draw(st.integers(first, last)))
    body = data.draw(st.text(string.digits, min_size=19, max_size=19))
    digits = with_check_digit(f"{prefix}{body}"[: length - 1])
    sizes = data.draw(st.sampled_from([[], [4, 4, 4, 4], [1] * 18]))
    between = data.draw(st.sampled_from([" ", "-", ".", " -", "\u2011"]))
    text = written(digits, sizes, between)
    before, after = data.draw(st.tuples(st.sampled_from(["", "paid: ", "x"]), st.just(" thanks")))

    assert masked(f"{before}{text}{after}") == f"{before}•••• {digits[-4:]}{after}"


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.sampled_from("0123456789 -.,x"), max_size=60))
def test_masking_leaves_no_card_number_and_is_done_once(text: str) -> None:
    once = masked(text)

    assert not has_card_number(once)
    assert masked(once) == once
    if not has_card_number(text):
        assert once == text


@settings(max_examples=200, deadline=None)
@given(digits=st.text(string.digits, min_size=12, max_size=19))
def test_one_wrong_digit_is_no_card_number(digits: str) -> None:
    card = with_check_digit(digits[:-1])
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)

    assert not is_card_number(wrong)


@pytest.mark.parametrize(
    ("length", "below"),
    [
        (10, 0),
        (11, 0),
        (12, 20),
        (13, 160),
        (14, 65),
        (15, 50),
        (16, 320),
        (17, 110),
        (18, 110),
        (19, 220),
        (20, 0),
    ],
)
def test_few_random_numbers_are_taken_for_one(length: int, below: int) -> None:
    """Hits among 10,000 numbers: 2.8 % of 16 digits, no phone number at all."""
    dice = random.Random(length)
    numbers = ["".join(dice.choices(string.digits, k=length)) for _ in range(10_000)]

    assert sum(map(has_card_number, numbers)) <= below


def test_phone_numbers_as_people_write_them_are_never_hit() -> None:
    dice = random.Random(7)
    for _ in range(5_000):
        a, b, c = dice.randint(200, 999), dice.randint(200, 999), dice.randint(0, 9999)
        phone = f"{a}-{b}-{c:04}"
        for text in (phone, f"+1 {phone}", f"1-{phone}", f"{phone} x{c}", f"{phone} / {phone}"):
            assert not has_card_number(text), text


def test_documents_are_masked_but_for_what_names_something() -> None:
    card = CARDS["Visa"]
    document = {
        "order_id": card,
        "paymentId": card,
        "references": ["pi_1", card],
        "note": f"paid with {card}",
        "card": {"number": int(card), "last4": "4242", "lines": ["none", card]},
        "amount": "340.52",
        "ok": True,
        "missing": None,
    }

    answer, found = mask_document(document)

    assert answer == {
        **document,
        "note": "paid with •••• 4242",
        "card": {"number": "•••• 4242", "last4": "4242", "lines": ["none", "•••• 4242"]},
    }
    assert found == [
        Masked("note", "paid with •••• 4242"),
        Masked("card.number", "•••• 4242"),
        Masked("card.lines[1]", "•••• 4242"),
    ]


def test_a_document_without_any_is_answered_itself() -> None:
    document = {"note": "check 1234", "lines": [1, 2]}

    assert mask_document(document)[0] is document


@pytest.mark.parametrize(
    ("key", "names"),
    [
        *((key, True) for key in ("id", "ID", "refund_id", "orderId", "references")),
        *((key, False) for key in ("paid", "idea", "note", "number", "card_number")),
    ],
)
def test_keys_of_ids(key: str, names: bool) -> None:
    assert is_id_key(key) == names
