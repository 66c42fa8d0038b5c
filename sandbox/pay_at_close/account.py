"""What the stand-in needs to know before it plays: the brand's account and the job's amount."""

from decimal import Decimal

from accounts.models import Brand
from core.money import quantize
from core.secrets import unseal
from demo.brands import is_of_the_demo
from invoicing.queries.settlements import job_settlement
from payments.models import Provider, ProviderAccount
from sandbox.pay_at_close.provider import Account
from workorders.models import WorkOrder

DEFAULT = Decimal(329)


class NotOnStage(Exception):
    """Nothing is played here; says why."""


def account_of(brand: Brand, base_url: str) -> Account:
    """The FlexFund account of one of the demo's own brands, as it is.

    Raises NotOnStage for any other brand, and where the account is gone or switched off: no
    secret is ever made up for somebody.
    """
    if not is_of_the_demo(brand):
        raise NotOnStage(f"{brand.name} did not come with the demo.")
    row = ProviderAccount.objects.filter(
        brand=brand, provider=Provider.FLEXFUND, is_active=True
    ).first()
    if row is None:
        raise NotOnStage(f"{brand.name} has no active FlexFund account.")
    return Account(base_url, row.provider, brand.slug, unseal(row.webhook_secret))


def amount_of(work_order: WorkOrder) -> Decimal:
    """What is charged on the job; a job without charges plays with an amount of its own."""
    brand = work_order.brand
    charged = job_settlement(work_order).whole.services
    return charged if charged > 0 else quantize(DEFAULT, brand.currency)
