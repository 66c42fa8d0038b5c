"""What the database refuses about billing settings and fee policies."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Brand
from core import clock
from invoicing.models import BillingSettings, FeePolicy

D = Decimal


@pytest.mark.parametrize("wrong", [{"credit_note_width": 13}, {"terms_days": 366}])
def test_settings_have_their_limits(wrong: dict[str, Any], brand: Brand) -> None:
    BillingSettings.objects.filter(brand=brand).delete()

    with pytest.raises(IntegrityError), transaction.atomic():
        BillingSettings.objects.create(brand=brand, **wrong)


@pytest.mark.parametrize(
    "wrong", [{"percent": D("-1")}, {"percent": D("100.01")}, {"fixed": D("-1")}, {"cap": D("-1")}]
)
def test_a_fee_is_never_negative_nor_more_than_all(wrong: dict[str, Any], brand: Brand) -> None:
    later = clock.now() + timedelta(days=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        FeePolicy.objects.create(brand=brand, effective_from=later, **wrong)


def test_a_moment_has_one_policy(brand: Brand) -> None:
    later = clock.now() + timedelta(days=1)
    FeePolicy.objects.create(brand=brand, effective_from=later)

    with pytest.raises(IntegrityError), transaction.atomic():
        FeePolicy.objects.create(brand=brand, effective_from=later)
