"""Secrets at rest: sealed differently each time, readable by old keys, by no foreign one."""

import pytest
from pytest_django import Settings

from core import secrets


def test_a_secret_is_sealed_and_opened() -> None:
    sealed = secrets.seal("whsec_1234 ä")

    assert secrets.unseal(sealed) == "whsec_1234 ä"
    assert "whsec" not in sealed
    assert secrets.seal("whsec_1234 ä") != sealed


def test_an_old_key_stays_readable_after_a_new_one(settings: Settings) -> None:
    settings.PAYSTORY_SECRET_KEYS = ["old"]
    sealed = secrets.seal("token")

    settings.PAYSTORY_SECRET_KEYS = ["new", "old"]
    assert secrets.unseal(sealed) == "token"
    again = secrets.seal("token")

    settings.PAYSTORY_SECRET_KEYS = ["new"]
    assert secrets.unseal(again) == "token"
    with pytest.raises(secrets.SecretUnreadable):
        secrets.unseal(sealed)


def test_without_keys_of_its_own_the_secret_key_counts(settings: Settings) -> None:
    settings.PAYSTORY_SECRET_KEYS = []
    sealed = secrets.seal("token")

    settings.SECRET_KEY = "another" * 8

    with pytest.raises(secrets.SecretUnreadable):
        secrets.unseal(sealed)


@pytest.mark.parametrize("broken", ["", "token", "gAAAAA=="])
def test_what_nobody_sealed_is_refused(broken: str) -> None:
    with pytest.raises(secrets.SecretUnreadable, match="none of the configured keys"):
        secrets.unseal(broken)
