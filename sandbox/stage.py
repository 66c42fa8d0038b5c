"""What the stand-in needs to know before it plays: the brand's account and the job's amount."""

import secrets
from decimal import Decimal

from accounts.models import Brand
from core.money import quantize
from core.secrets import seal, unseal
from payments import queries
from payments.models import Provider, ProviderAccount
from sandbox.pac import Account
from workorders.models import WorkOrder

DEFAULT = Decimal(329)


def account_of(brand: Brand, base_url: str) -> Account:
    """The brand's FlexFund account; a demo brand that has none gets one with a random secret."""
    row, _ = ProviderAccount.objects.get_or_create(
        brand=brand,
        provider=Provider.FLEXFUND,
        defaults={"webhook_secret": seal(secrets.token_hex(24))},
    )
    return Account(base_url, row.provider, brand.slug, unseal(row.webhook_secret))


def amount_of(work_order: WorkOrder) -> Decimal:
    """What is charged on the job; a job without charges plays with an amount of its own."""
    brand = work_order.brand
    charged = queries.job_money(brand, [work_order.pk])[work_order.pk].charges
    return charged if charged > 0 else quantize(DEFAULT, brand.currency)
