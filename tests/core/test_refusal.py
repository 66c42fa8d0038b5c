"""A refusal names the input at fault, and every form shows it there."""

import pytest
from django import forms
from django.core.exceptions import ValidationError

from core.forms import show_errors
from core.refusal import Asks, Question, ask, field_of, message_of, refusal


class Form(forms.Form):
    total = forms.CharField(required=False)


@pytest.mark.parametrize("field", ["amount", ""])
def test_it_says_which_input_and_why(field: str) -> None:
    error = refusal(field, "Enter 100% of it.")

    assert isinstance(error, ValidationError)
    assert (field_of(error), message_of(error)) == (field, "Enter 100% of it.")


def test_any_other_refusal_names_no_field() -> None:
    error = ValidationError(["One.", "Two."])

    assert (field_of(error), message_of(error)) == ("", "One. Two.")


@pytest.mark.parametrize(
    ("field", "names", "shown"),
    [
        ("total", {}, {"total": ["No."]}),
        ("amount", {"amount": "total"}, {"total": ["No."]}),
        ("amount", {}, {"__all__": ["No."]}),
        ("", {"amount": "total"}, {"__all__": ["No."]}),
    ],
)
def test_a_form_shows_it_at_its_field_or_above(
    field: str, names: dict[str, str], shown: dict[str, list[str]]
) -> None:
    form = Form({})
    assert form.is_valid()

    show_errors(form, refusal(field, "No."), names)

    assert form.errors == shown


@pytest.mark.parametrize("answer", ["", "yes"])
def test_a_question_stops_a_verb_until_it_is_answered(answer: str) -> None:
    questions = [Question("It is here already.", "payment", "FHI624-P-1")]

    with pytest.raises(Asks) as asked:
        ask(questions, answer)

    ask(questions, asked.value.answer)
    ask(questions, None)
    ask([], answer)
    with pytest.raises(Asks):
        ask([*questions, Question("It is too much.")], asked.value.answer)
