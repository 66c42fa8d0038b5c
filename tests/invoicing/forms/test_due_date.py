"""Forms of due dates and billing settings. Pure."""

from datetime import date
from typing import Any

import pytest

from invoicing.forms.due_date import BillingSettingsForm, DueDateForm

GOOD = {"terms_days": 14, "credit_note_prefix": "CM-", "width": 6, "next_number": 1}


def test_a_due_date_needs_a_day_and_a_reason() -> None:
    assert set(DueDateForm({}).errors) == {"due_on", "reason"}

    form = DueDateForm({"due_on": "2026-04-09", "reason": "Closing moved"})
    assert form.is_valid()
    assert form.cleaned_data["due_on"] == date(2026, 4, 9)


def test_the_calendar_begins_at_the_invoice_date() -> None:
    form = DueDateForm(None, not_before=date(2026, 3, 2))

    assert 'min="2026-03-02"' in str(form["due_on"])


@pytest.mark.parametrize(
    "wrong",
    [{"terms_days": -1}, {"terms_days": 366}, {"width": 0}, {"width": 13}, {"next_number": 0}],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    assert BillingSettingsForm(GOOD).is_valid()
    assert set(BillingSettingsForm(GOOD | wrong).errors) == set(wrong)
