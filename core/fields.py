"""Model fields used across apps."""

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models

if TYPE_CHECKING:
    _ST = TypeVar("_ST", contravariant=True)
    _GT = TypeVar("_GT", covariant=True)

    # Generic in the stubs only: NULL decides what reading the column gives.
    class MoneyField(models.DecimalField[_ST, _GT]):
        """See below."""

else:

    class MoneyField(models.DecimalField):
        """``numeric(15, 3)``: three decimals hold every supported currency exactly.

        The currency is that of the row's brand; amounts are quantized to it before being written.
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
