"""Stripe: cards and bank debits. Its payments come by import; it sends no webhooks yet."""

from payments.providers.base import ProviderKind

STRIPE = ProviderKind(
    slug="stripe",
    label="Stripe",
    is_feed_source=True,
    refund_reference_hint="It begins with re_.",
)
