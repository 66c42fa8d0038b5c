"""The column of an amount."""

from decimal import Decimal

import pytest
from django.db import DataError, connection, transaction

from core.fields import MoneyField
from tests.factories import ServiceFactory
from workorders.models import Service


def test_three_decimals_hold_every_currency_exactly(db: None) -> None:
    for price in ("0.001", "329.00", "999999999999.999"):
        service = ServiceFactory(default_price=Decimal(price))
        assert Service.objects.get(pk=service.pk).default_price == Decimal(price)


def test_an_amount_that_is_too_large_is_refused(db: None) -> None:
    with pytest.raises(DataError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1000000000000::numeric(15, 3)")


def test_migrations_write_its_precision_down() -> None:
    _, path, args, kwargs = MoneyField(null=True).deconstruct()

    assert path == "core.fields.MoneyField"
    assert MoneyField(*args, **kwargs).decimal_places == 3
    assert kwargs.get("null") is True
