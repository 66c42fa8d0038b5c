"""The reference of the format names every object and key of it."""

from importing.format.documents import CreditUseIn
from importing.format.job import Job
from importing.format.money import PaymentStep
from importing.format.reference import render, title


def test_a_heading_is_the_name_of_the_object_in_words() -> None:
    assert [title(model) for model in (Job, PaymentStep, CreditUseIn)] == [
        "Job",
        "Payment step",
        "Credit use",
    ]


def test_every_key_of_the_job_is_in_the_reference_and_required_ones_are_bold() -> None:
    text = render()

    for name, info in Job.model_fields.items():
        key = f"**`{name}`**" if info.is_required() else f"`{name}`"
        assert f"| {key} |" in text, name
    for heading in ("### Payment step", "### Credit use", "### Provider step"):
        assert heading in text
