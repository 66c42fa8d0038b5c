"""Guardian: cards, bank debits and pay-at-close. It posts Paystory's own signed format."""

from payments.providers import signed_json
from payments.providers.base import ProviderKind
from payments.providers.statuses import COMMON

GUARDIAN = ProviderKind(
    slug="guardian",
    label="Guardian",
    webhooks=signed_json.WEBHOOKS,
    statuses=COMMON,
    is_feed_source=True,
)
