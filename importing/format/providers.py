"""The providers that an import file may name: those of the registry, as types for the model."""

from typing import TYPE_CHECKING, Literal

from payments.providers import registry

if TYPE_CHECKING:
    ProviderSlug = str
    SourceSlug = str
else:
    # A type checker cannot read names that are only known at run time; pydantic can.
    ProviderSlug = Literal[registry.slugs()]
    # Those that can have done something themselves, because they move the money.
    SourceSlug = Literal[tuple(kind.slug for kind in registry.kinds() if kind.moves_money)]
