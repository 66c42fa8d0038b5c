"""One line per provider, and answers that never fail."""

from contextlib import suppress

import pytest
from django.db import IntegrityError

from payments.models import Payment, Provider
from payments.providers import registry
from payments.providers.base import ProviderKind
from tests.factories import PaymentFactory

ODD = ProviderKind(
    "odd_pay", "Odd Pay", decline_codes={"R01": ("own", "Own words.", "Own next step.")}
)


def test_pages_list_providers_in_the_order_of_their_lines() -> None:
    assert registry.choices() == [
        ("stripe", "Stripe"),
        ("guardian", "Guardian"),
        ("flexfund", "FlexFund"),
        ("nuvei", "Nuvei"),
        ("manual", "Recorded by hand"),
        ("quickbooks", "QuickBooks"),
    ]


def test_what_each_can_do() -> None:
    assert [kind.slug for kind, _ in registry.with_webhooks()] == ["guardian", "flexfund"]
    assert [kind.slug for kind in registry.with_steps()] == ["guardian", "flexfund"]
    assert list(registry.feed_sources()) == ["guardian", "flexfund", "stripe"]
    by_hand = [kind.slug for kind in registry.kinds() if not kind.moves_money]
    assert by_hand == ["manual", "quickbooks"]


@pytest.mark.parametrize("provider", Provider)
def test_every_provider_that_code_names_is_registered(provider: Provider) -> None:
    assert provider.value in registry.slugs()


def test_a_provider_that_is_gone_still_has_a_name() -> None:
    assert registry.label_of("paymatic") == "Paymatic"
    assert registry.kind_of("paymatic").webhooks is None


@pytest.mark.parametrize("slug", ["", "Stripe", "9pay", "with-dash", "x" * 17, "stripe\n"])
def test_a_slug_that_the_database_refuses_is_refused(slug: str) -> None:
    with pytest.raises(ValueError, match="is no slug"):
        registry.register(ProviderKind(slug, "Some"))


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["", "Stripe", "9pay", "with-dash", "stripe\n"])
def test_the_database_refuses_the_same_slugs(slug: str) -> None:
    payment = PaymentFactory()

    with pytest.raises(IntegrityError, match="payments_payment_provider"):
        Payment.objects.filter(pk=payment.pk).update(provider=slug)


def test_a_slug_is_given_once() -> None:
    with pytest.raises(ValueError, match="already"):
        registry.register(ProviderKind("stripe", "Another Stripe"))


def test_a_provider_of_a_test_is_gone_after_it() -> None:
    with registry.registered(ODD):
        assert registry.label_of("odd_pay") == "Odd Pay"

    assert "odd_pay" not in registry.slugs()


def test_it_is_gone_also_when_the_test_failed() -> None:
    with suppress(RuntimeError), registry.registered(ODD):
        raise RuntimeError

    assert "odd_pay" not in registry.slugs()


def test_its_own_decline_codes_come_before_the_common_ones() -> None:
    with registry.registered(ODD):
        assert registry.explain_decline("odd_pay", "r01").meaning == "own"
        assert registry.explain_decline("odd_pay", "R02").known
    assert registry.explain_decline("guardian", "R01").meaning == (
        "insufficient funds in the bank account"
    )
