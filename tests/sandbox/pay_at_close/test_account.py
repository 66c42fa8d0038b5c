"""The sandbox provider sends with the brand's own account, amounts in its currency."""

from decimal import Decimal

import pytest

from payments.models import ProviderAccount
from sandbox.pay_at_close.account import NoDemoAccount, account_of, amount_of
from tests.factories import BrandFactory, WorkOrderFactory
from workorders.models import WorkOrder


def test_the_account_is_the_brands_with_its_own_secret(job: WorkOrder) -> None:
    account = account_of(job.brand, "http://127.0.0.1:8000/")

    assert account.url == "http://127.0.0.1:8000/webhooks/pac/flexfund/fhi/"
    assert account.secret == "demo-secret"


def test_there_is_none_for_a_brand_of_somebodys_own(real_job: WorkOrder) -> None:
    with pytest.raises(NoDemoAccount, match="Real Company did not come with the demo"):
        account_of(real_job.brand, "http://127.0.0.1:8000")


def test_there_is_none_where_it_is_switched_off(job: WorkOrder) -> None:
    ProviderAccount.objects.update(is_active=False)

    with pytest.raises(NoDemoAccount, match="no active FlexFund account"):
        account_of(job.brand, "http://127.0.0.1:8000")


def test_the_amount_is_what_is_charged(job: WorkOrder) -> None:
    assert amount_of(job) == Decimal("329.00")


@pytest.mark.django_db
def test_a_job_without_charges_gets_an_amount_that_its_currency_has() -> None:
    yen = WorkOrderFactory(brand=BrandFactory(currency="JPY"))

    assert f"{amount_of(yen)}" == "329"
