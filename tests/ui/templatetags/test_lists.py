"""Fields of filter forms."""

from datetime import date

from ui.templatetags.lists import list_day, list_select, reason_state

WAYS = [("card", "Card"), ("check", "<Check>")]


def test_the_chosen_one_is_selected_and_nothing_is_first() -> None:
    html = list_select("method", "Method", WAYS, "card", "Any method")

    assert html.index("Any method") < html.index("Card")
    assert '<option value="card" selected>Card</option>' in html
    assert html.count(" selected") == 1
    assert '<label for="list-method">Method</label><select id="list-method"' in html


def test_words_are_escaped() -> None:
    html = list_select("method", "Method", WAYS, '"><b>', "Any", 'is "<not>" known')

    assert "<Check>" not in html and "<not>" not in html
    assert "&lt;Check&gt;" in html


def test_a_problem_is_shown_at_its_field() -> None:
    html = list_day("since", "From", None, "“soon” is not a day")

    assert 'aria-invalid="true" aria-describedby="list-since-error"' in html
    assert '<span class="field-error" id="list-since-error">“soon” is not a day</span>' in html


def test_a_field_without_a_problem_has_no_mark() -> None:
    html = list_day("since", "From", date(2026, 5, 4))

    assert 'value="2026-05-04"' in html
    assert "aria-invalid" not in html and "field-error" not in html
    assert 'value=""' in list_day("since", "From", None)


def test_a_reason_has_the_tone_of_what_went_wrong() -> None:
    assert reason_state("refund_failed") == "failed"
    assert reason_state("something new") == "attention"
