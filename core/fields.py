"""Model fields used across apps."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from decimal import Decimal

    # Generic in the stubs only.
    _Base = models.DecimalField[Decimal | int | str, Decimal]
else:
    _Base = models.DecimalField


class MoneyField(_Base):
    """``numeric(15, 3)``: three decimals hold every supported currency exactly.

    The currency stands on the row's brand; amounts are quantized to it before they are written.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 15)
        kwargs.setdefault("decimal_places", 3)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Keep migrations short: the two defaults are this class's meaning."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_digits", None)
        kwargs.pop("decimal_places", None)
        return name, path, args, kwargs
