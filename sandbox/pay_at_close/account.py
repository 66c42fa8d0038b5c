"""What the stand-in needs before it sends an order: the brand's account and the job's amount."""

from decimal import Decimal

from accounts.models import Brand
from core.money import quantize
from core.secrets import unseal
from demo.brands import is_of_the_demo
from invoicing.queries.settlements import job_settlement
from payments.models import Provider, ProviderAccount
from sandbox.pay_at_close.provider import Account
from workorders.models import WorkOrder

# For a job without charges, so that there is something to watch.
DEFAULT = Decimal(329)


class NoDemoAccount(Exception):
    """No order can be made up for this brand; says why."""


def account_of(brand: Brand, base_url: str) -> Account:
    """The FlexFund account of one of the demo's own brands, as it is.

    Raises NoDemoAccount for any other brand, and where the account is missing or switched off:
    no secret is ever made up for somebody.
    """
    if not is_of_the_demo(brand):
        raise NoDemoAccount(f"{brand.name} did not come with the demo.")
    row = ProviderAccount.objects.filter(
        brand=brand, provider=Provider.FLEXFUND, is_active=True
    ).first()
    if row is None:
        raise NoDemoAccount(f"{brand.name} has no active FlexFund account.")
    return Account(base_url, row.provider, brand.slug, unseal(row.webhook_secret))


def amount_of(work_order: WorkOrder) -> Decimal:
    """What is charged on the job, in its currency; an example amount where nothing is."""
    brand = work_order.brand
    charged = job_settlement(work_order).whole.services
    return charged if charged > 0 else quantize(DEFAULT, brand.currency)
