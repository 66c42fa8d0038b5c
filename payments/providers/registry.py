"""Every payment provider, one line each, and what the rest of the code asks about them.

Pure: no Django, so that models, the import format and tests can read it at any time.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from payments.facts.declines import Decline, explain
from payments.providers.base import ProviderKind, Webhooks
from payments.providers.guardian.kind import GUARDIAN
from payments.providers.manual.kind import MANUAL
from payments.providers.nuvei.kind import NUVEI
from payments.providers.pay_at_close.kind import FLEXFUND
from payments.providers.quickbooks.kind import QUICKBOOKS
from payments.providers.stripe.kind import STRIPE

# The order in which pages list them.
PROVIDERS = (
    STRIPE,
    GUARDIAN,
    FLEXFUND,
    NUVEI,
    MANUAL,
    QUICKBOOKS,
)
# As the check constraint of ``Payment`` demands it. The list of providers is not in the database,
# so that a new one needs no migration.
SLUG = r"^[a-z][a-z0-9_]{0,15}$"
_kinds: dict[str, ProviderKind] = {}


def register(kind: ProviderKind) -> None:
    """Add a provider. Raises ValueError for a slug that is taken or cannot be stored."""
    if not re.fullmatch(SLUG, kind.slug):
        raise ValueError(f"“{kind.slug}” is no slug of at most 16 small letters, digits and _")
    if kind.slug in _kinds:
        raise ValueError(f"there is a provider “{kind.slug}” already")
    _kinds[kind.slug] = kind


for _kind in PROVIDERS:
    register(_kind)


@contextmanager
def registered(kind: ProviderKind) -> Iterator[ProviderKind]:
    """A provider that exists inside the ``with`` block only, for tests."""
    register(kind)
    try:
        yield kind
    finally:
        del _kinds[kind.slug]


def kinds() -> tuple[ProviderKind, ...]:
    """All providers."""
    return tuple(_kinds.values())


def kind_of(slug: str) -> ProviderKind:
    """The provider with this slug. Never fails: an unknown one has a label and nothing else.

    A row keeps its provider for ever, and its page must open also after the provider is gone.
    """
    return _kinds.get(slug) or ProviderKind(slug, slug.title())


def label_of(slug: str) -> str:
    """The name of a provider, as pages and the timeline show it."""
    return kind_of(slug).label


def choices() -> list[tuple[str, str]]:
    """Slug and label of each provider. Models refer to this function, not to its result."""
    return [(kind.slug, kind.label) for kind in kinds()]


def slugs() -> tuple[str, ...]:
    """The slugs of all providers."""
    return tuple(_kinds)


def with_webhooks() -> tuple[tuple[ProviderKind, Webhooks], ...]:
    """The providers that send webhooks, each with how it does."""
    return tuple((kind, kind.webhooks) for kind in kinds() if kind.webhooks is not None)


def with_steps() -> tuple[ProviderKind, ...]:
    """The providers that report each step of an order, by webhook or by import."""
    return tuple(kind for kind in kinds() if kind.statuses)


def feed_sources() -> dict[str, str]:
    """Slug → label of the providers that feeds can be filtered by, those with webhooks first."""
    sources = [kind for kind in kinds() if kind.is_feed_source]
    sources.sort(key=lambda kind: kind.webhooks is None)
    return {kind.slug: kind.label for kind in sources}


def explain_decline(provider: str, code: str) -> Decline:
    """What a decline code of ``provider`` means, what to tell the client, what to do next."""
    return explain(code, kind_of(provider).decline_codes)
