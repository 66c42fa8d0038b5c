"""How a verb refuses: Django's ValidationError, which names the input at fault and says why.

Every room raises it, forms show it (``core.forms.show_errors``), and the import and webhooks answer
with it. A verb that only wants a person to look first raises ``Asks``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


def refusal(field: str, message: str) -> ValidationError:
    """The error for a verb to raise; ``field`` names the input, "" is for the wish as a whole."""
    return ValidationError({field or NON_FIELD_ERRORS: message})


def field_of(error: ValidationError) -> str:
    """The first field that a refusal names; "" for none."""
    names = list(error.error_dict) if hasattr(error, "error_dict") else []
    return names[0] if names and names[0] != NON_FIELD_ERRORS else ""


def message_of(error: ValidationError) -> str:
    """What a refusal says, in one line."""
    return " ".join(error.messages)


@dataclass(frozen=True)
class Question:
    """Something to look at before a verb is carried out.

    ``page`` and ``key`` name the page of what it is about, as the brand's URLs do: ``payment`` and
    ``FHI624-P-2``.
    """

    text: str
    page: str = ""
    key: str | int = ""


class Asks(ValidationError):
    """Nothing is written yet: the verb is carried out once somebody sends ``answer`` with it."""

    def __init__(self, questions: Sequence[Question]) -> None:
        super().__init__([question.text for question in questions])
        self.questions = tuple(questions)

    @property
    def answer(self) -> str:
        """A short word for exactly these questions."""
        return sha256(repr(self.questions).encode()).hexdigest()[:16]


def ask(questions: Sequence[Question], answer: str | None) -> None:
    """Raise ``Asks`` unless there is nothing to ask or ``answer`` is the one to these questions.

    None: there is nobody to ask, as in an import.
    """
    if questions and answer is not None:
        asked = Asks(questions)
        if asked.answer != answer:
            raise asked
