"""The typed data of entries and threads.

Each code and each kind of thread has one shape, which the app that describes it registers with its
sentence or headline. Data is checked when it is written, and read as a value of its shape: nobody
guesses what a mapping holds. What an older release wrote stays readable, so a field that it did
not write has a default, and one that is not known any more is passed over.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

# Added by whoever shows an entry; never stored.
GIVEN = frozenset({"currency", "previous"})


class ShapeFault(Exception):
    """Data that does not have the shape of its code or kind."""


def _exact(value: Any) -> Any:
    if isinstance(value, float):  # a ValueError, so that pydantic names the field
        raise ValueError("an amount is written as text, never as a float")  # noqa: TRY004
    return value


Amount = Annotated[Decimal, BeforeValidator(_exact)]
# Changed columns, each with its value before and after.
Diff = dict[str, tuple[Any, Any]]


class Part(BaseModel):
    """A part of an entry's data, such as a row as it was. A column that was NULL is not set."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        return {name: value for name, value in values.items() if value is not None}

    def columns(self) -> Iterator[tuple[str, Any]]:
        """The fields that say something, in the order in which the shape declares them."""
        given = self.model_fields_set
        for name in type(self).model_fields:
            if name in given and (value := getattr(self, name)) not in ("", [], {}):
                yield name, value


class Shape(Part):
    """The data of an entry or of a thread. ``currency`` is the brand's: whoever reads gives it."""

    currency: str = ""


class Empty(Shape):
    """Nothing: what is written of it is said by its code alone."""


S = TypeVar("S", bound=Shape)


def read(shape: type[S], data: Mapping[str, Any]) -> S:
    """Stored data as a value; ShapeFault where it cannot be one."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        raise ShapeFault(f"{shape.__name__}: {error}") from error


def check(shape: type[Shape], data: Mapping[str, Any]) -> None:
    """Refuse (ShapeFault) data that is about to be written, unless it has this shape.

    A name that the shape does not know is refused as well: nobody could read it.
    """
    read(shape, data)
    strange = sorted(set(data) - set(shape.model_fields))
    if strange:
        raise ShapeFault(f"{shape.__name__} has no {', '.join(strange)}")
