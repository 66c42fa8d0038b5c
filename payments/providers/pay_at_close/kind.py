"""FlexFund: paid by the title company at closing. It posts Paystory's own signed format."""

from payments.providers import signed_json
from payments.providers.base import ProviderKind
from payments.providers.statuses import COMMON

FLEXFUND = ProviderKind(
    slug="flexfund",
    label="FlexFund",
    webhooks=signed_json.WEBHOOKS,
    statuses=COMMON,
    is_feed_source=True,
)
