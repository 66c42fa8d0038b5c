"""Every code has plain words, and none that a client must not hear."""

import pytest

from payments.facts.declines import COMMON, explain


@pytest.mark.parametrize("code", sorted(COMMON))
def test_every_code_says_what_it_means_what_to_tell_and_what_to_do(code: str) -> None:
    explanation = explain(code)

    assert explanation.known
    assert explanation.meaning and not explanation.meaning.endswith(".")
    assert explanation.tell_client.endswith(".") and explanation.next_step.endswith(".")


@pytest.mark.parametrize("code", ["lost_card", "stolen_card", "pickup_card", "fraudulent"])
def test_words_for_the_client_leave_out_what_the_bank_keeps_secret(code: str) -> None:
    text = explain(code).tell_client.lower()

    assert not any(word in text for word in ("lost", "stolen", "fraud", "suspect"))


def test_codes_are_read_in_any_case() -> None:
    assert explain("r01") == explain(" R01 ")
    assert explain("INSUFFICIENT_FUNDS").meaning == "insufficient funds"


def test_an_unknown_code_is_shown_as_it_came() -> None:
    assert "code “X99-new”" in explain("X99-new").meaning
    assert not explain("X99-new").known
    assert explain("").meaning == "no reason given"


def test_a_providers_own_words_come_before_the_common_ones() -> None:
    own = {"R01": ("an empty purse", "Their purse is empty.", "Wait."), "x-9": ("odd", "Odd.", "")}

    assert explain("r01", own).meaning == "an empty purse"
    assert explain("X-9", own).known
    assert explain("R02", own) == explain("R02")
    assert explain("R01").meaning == "insufficient funds in the bank account"
