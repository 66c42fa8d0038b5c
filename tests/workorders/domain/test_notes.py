"""Internal notes on a job."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Brand
from workorders.domain import notes
from workorders.models import WorkOrder


def test_a_note_carries_its_author(brand: Brand, job: WorkOrder) -> None:
    note = notes.add_note(brand, job.pk, "  Gate code 12 \n", author="Dana Whitfield")

    assert (note.text, note.author_label) == ("Gate code 12", "Dana Whitfield")


@pytest.mark.parametrize("text", ["", " \n ", "x" * 4001])
def test_an_empty_or_endless_note_is_refused(brand: Brand, job: WorkOrder, text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        notes.add_note(brand, job.pk, text, author="Dana")

    assert list(refused.value.error_dict) == ["text"]
