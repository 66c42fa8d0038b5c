"""Each form gets a token of its own, next to the one against forged requests."""

from django.template import Context, Template

from tests.html import tokens_in

TWO_FORMS = Template("{% csrf_token %}{% csrf_token %}")


def test_each_form_of_a_page_has_its_own() -> None:
    html = TWO_FORMS.render(Context({"csrf_token": "c" * 64}))

    assert html.count('name="csrfmiddlewaretoken"') == 2
    assert len(set(tokens_in(html))) == 2


def test_without_a_request_there_is_none() -> None:
    assert TWO_FORMS.render(Context()) == ""
