"""What every object of an import file shares: strictness, an actor, a time of its own."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from activity.actors import ActorKind
from importing.format.kinds import At, Name, storable
from importing.format.providers import SourceSlug


def about(text: str, example: Any = None, **constraints: Any) -> Any:
    """A field's description and example, as the documentation prints them."""
    examples = [] if example is None else [example]
    return Field(description=text, examples=examples, **constraints)


class Strict(BaseModel):
    """Unknown keys are errors; a value is never guessed from one of another kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=False)

    _storable = field_validator("*", mode="before")(storable)


class ActorIn(Strict):
    """Who did it."""

    kind: Annotated[ActorKind, about("What sort of someone or something.", "staff")]
    name: Annotated[Name, about("As the timeline shows them.", "Dana Whitfield")]


class Happening(Strict):
    """Anything with a time of its own."""

    at: Annotated[At, about("When it really happened, with its zone.", "2026-05-04T09:00:00-06:00")]
    actor: Annotated[
        ActorIn | None,
        about("Who did it. Without one: the actor of what it belongs to."),
    ] = None
    source: Annotated[
        SourceSlug | None,
        about(
            "Which provider, next to an actor of kind *provider*. Without it: the payment’s.",
            "guardian",
        ),
    ] = None

    @model_validator(mode="after")
    def _source_is_a_providers(self) -> Self:
        """Other actors are their own source; a name that would be ignored is refused."""
        if self.source and (self.actor is None or self.actor.kind != ActorKind.PROVIDER):
            raise PydanticCustomError(
                "source", "source is for an actor of kind “provider”; others are their own"
            )
        return self
