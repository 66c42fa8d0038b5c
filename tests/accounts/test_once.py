"""The same form sent twice is carried out once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import once
from accounts.models import Brand, Invitation, Membership, Role, SentForm
from accounts.tasks import sweep
from core import clock
from tests.factories import MembershipFactory, WorkOrderFactory
from tests.html import fields_of, post_forms, tokens_in
from tests.payments.conftest import together
from workorders.models import Note, WorkOrder

Send = Callable[..., Any]


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    return WorkOrderFactory(brand=brand, number="FHI624")


def note_url(number: str = "FHI624") -> str:
    return reverse("note_add", args=["fhi", number])


def token_of(client: Client, url: str) -> str:
    [token] = tokens_in(client.get(url).content.decode().split("<main", 1)[1])
    return token


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_sent_twice_it_is_written_once_and_answered_alike(as_admin: Client, job: WorkOrder) -> None:
    sent = {"text": "Call back on Monday", "form_token": token_of(as_admin, note_url())}

    first = as_admin.post(note_url(), sent)
    as_admin.get(first["Location"])
    second = as_admin.post(note_url(), sent)

    assert Note.objects.count() == 1
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert said(second) == ["The note is added."]


def test_each_rendering_of_a_form_has_a_token_of_its_own(as_admin: Client, job: WorkOrder) -> None:
    one, two = token_of(as_admin, note_url()), token_of(as_admin, note_url())

    for number, token in enumerate((one, two)):
        as_admin.post(note_url(), {"text": f"Note {number}", "form_token": token})

    assert one != two
    assert Note.objects.count() == 2


def test_back_and_send_again_is_asked_about(as_admin: Client, job: WorkOrder) -> None:
    """A browser may fetch the form anew on *back*: the words are the same, the token is not."""
    sent = {"text": "Call back", "form_token": token_of(as_admin, note_url())}
    as_admin.post(note_url(), sent)

    page = as_admin.post(note_url(), {**sent, "form_token": token_of(as_admin, note_url())})
    html = page.content.decode()

    assert (page.status_code, Note.objects.count()) == (409, 1)
    assert "You sent this already" in html and "The note is added." in html
    once_more = fields_of(post_forms(html.partition("<main")[2])[0])
    assert as_admin.post(note_url(), once_more).status_code == 302
    assert as_admin.post(note_url(), once_more).status_code == 302
    assert Note.objects.count() == 2


def test_the_same_words_later_or_by_somebody_else_are_new(
    as_admin: Client, brand: Brand, job: WorkOrder
) -> None:
    sent = {"text": "Call back", "form_token": token_of(as_admin, note_url())}
    as_admin.post(note_url(), sent)
    colleague = Client()
    colleague.force_login(MembershipFactory(brand=brand, role=Role.CSR).user)
    theirs = {**sent, "form_token": token_of(colleague, note_url())}
    assert colleague.post(note_url(), theirs).status_code == 302
    SentForm.objects.update(sent_at=clock.now() - timedelta(minutes=11))

    later = as_admin.post(note_url(), {**sent, "form_token": token_of(as_admin, note_url())})

    assert (later.status_code, Note.objects.count()) == (302, 3)


def test_a_refused_form_keeps_its_token_for_the_next_try(as_admin: Client, job: WorkOrder) -> None:
    token = token_of(as_admin, note_url())

    refused = as_admin.post(note_url(), {"text": "", "form_token": token})
    assert (refused.status_code, SentForm.objects.count()) == (200, 0)
    as_admin.post(note_url(), {"text": "Now with words", "form_token": token})

    assert Note.objects.get().text == "Now with words"


def test_a_view_that_fails_writes_neither_row_nor_token(as_admin: Client, job: WorkOrder) -> None:
    sent = {"text": "Call back", "form_token": token_of(as_admin, note_url())}

    with (
        patch("workorders.views.notes.to_job", side_effect=RuntimeError("gone")),
        pytest.raises(RuntimeError),
    ):
        as_admin.post(note_url(), sent)
    assert (Note.objects.count(), SentForm.objects.count()) == (0, 0)
    as_admin.post(note_url(), sent)

    assert Note.objects.count() == 1


def test_other_entries_in_the_same_form_are_asked_about(as_admin: Client, job: WorkOrder) -> None:
    token = token_of(as_admin, note_url())
    as_admin.post(note_url(), {"text": "Call back", "form_token": token})

    page = as_admin.post(note_url(), {"text": "Do not <b>call</b>", "form_token": token})
    html = page.content.decode()

    assert page.status_code == 409
    assert Note.objects.count() == 1
    assert "This form was sent already" in html
    assert "The note is added." in html
    assert 'value="Do not &lt;b&gt;call&lt;/b&gt;"' in html
    [fresh] = tokens_in(html.split("<main", 1)[1])
    as_admin.post(note_url(), {"text": "Do not <b>call</b>", "form_token": fresh})
    assert Note.objects.count() == 2


def test_a_secret_is_not_in_the_question(as_admin: Client) -> None:
    url = reverse("provider_settings", args=["fhi"])
    token = tokens_in(as_admin.get(url).content.decode())[-1]
    sent = {"provider": "flexfund", "form_token": token}
    as_admin.post(url, {**sent, "secret": "a-very-secret-word"})

    page = as_admin.post(url, {**sent, "secret": "another-secret-word"})

    assert page.status_code == 409
    assert "another-secret-word" not in page.content.decode()
    assert "Send the new entries" not in page.content.decode()


def test_a_token_says_nothing_to_another_address_or_person(
    as_admin: Client, brand: Brand, job: WorkOrder
) -> None:
    other = WorkOrderFactory(brand=brand, number="FHI700")
    sent = {"text": "Call back", "form_token": token_of(as_admin, note_url())}
    as_admin.post(note_url(), sent)
    colleague = Client()
    colleague.force_login(MembershipFactory(brand=brand, role=Role.CSR).user)

    assert as_admin.post(note_url(other.number), sent).status_code == 409
    assert colleague.post(note_url(), sent).status_code == 409
    assert Note.objects.count() == 1


def test_another_brand_has_tokens_of_its_own(as_admin: Client, admin: Membership) -> None:
    theirs = MembershipFactory(user=admin.user, brand__slug="ria", role=Role.ADMIN).brand
    WorkOrderFactory(brand=admin.brand, number="FHI624")
    WorkOrderFactory(brand=theirs, number="FHI624")
    sent = {"text": "Call back", "form_token": "t" * 24}

    for slug in ("fhi", "ria"):
        as_admin.post(reverse("note_add", args=[slug, "FHI624"]), sent)

    assert Note.objects.count() == 2


@pytest.mark.parametrize("token", ["", "short", "x" * 65, "a b c d e f g h i j k l", "\x00" * 30])
def test_what_is_no_token_protects_nothing_and_breaks_nothing(
    token: str, as_admin: Client, job: WorkOrder
) -> None:
    answer = as_admin.post(note_url(), {"text": "Call back", "form_token": token})

    assert answer.status_code == 302
    assert not SentForm.objects.exists()


def test_an_invitation_is_sent_once_after_it_is_stored(as_admin: Client) -> None:
    url = reverse("team_invite", args=["fhi"])
    sent = {"email": "new@example.com", "role": "csr", "form_token": "i" * 24}

    first = as_admin.post(url, sent)
    as_admin.get(first["Location"])
    second = as_admin.post(url, sent)

    assert (Invitation.objects.count(), len(mail.outbox)) == (1, 1)
    assert said(second) == ["Sent to new@example.com. The link is valid for 7 days."]


@pytest.mark.django_db(transaction=True)
def test_an_e_mail_waits_for_the_commit(as_admin: Client) -> None:
    sent = {"email": "new@example.com", "role": "csr", "form_token": "i" * 24}

    def send(*_: object) -> None:
        assert not connections["default"].in_atomic_block
        assert Invitation.objects.count() == 1

    with patch("accounts.views.team.mail.send_invitation", send):
        answer = as_admin.post(reverse("team_invite", args=["fhi"]), sent)

    assert answer.status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_at_the_very_same_moment_write_once(
    brand: Brand, admin: Membership, job: WorkOrder
) -> None:
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.force_login(admin.user)
    sent = {"text": "Call back", "form_token": token_of(clients[0], note_url())}

    answers = together(*[lambda c=c: c.post(note_url(), sent) for c in clients])

    assert Note.objects.count() == 1
    assert {a.status_code for a in answers} == {302}
    assert len({a["Location"] for a in answers}) == 1


@pytest.mark.django_db(transaction=True)
def test_the_second_goes_ahead_where_the_first_fails(
    brand: Brand, admin: Membership, job: WorkOrder
) -> None:
    clients = [Client(raise_request_exception=False) for _ in range(2)]
    for client in clients:
        client.force_login(admin.user)
    sent = {"text": "Call back", "form_token": token_of(clients[0], note_url())}
    fails = [True]

    def to_job(*_: object) -> HttpResponse:
        if fails.pop() if fails else False:
            raise RuntimeError("the first one fails, after it has written")
        return HttpResponse(status=302, headers={"Location": "/there/"})

    with patch("workorders.views.notes.to_job", to_job):
        answers = together(*[lambda c=c: c.post(note_url(), sent) for c in clients])

    assert sorted(a.status_code for a in answers) == [302, 500]
    assert Note.objects.count() == 1


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sends=st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=8))
def test_any_sequence_of_sends_writes_each_form_once(
    sends: list[tuple[int, bool]], as_admin: Client, job: WorkOrder
) -> None:
    """Three open forms; each may be sent any number of times, empty ones among them."""
    Note.objects.all().delete()
    SentForm.objects.all().delete()
    tokens = [once.new_token() for _ in range(3)]

    for form, is_filled in sends:
        text = f"Note {form}" if is_filled else ""
        as_admin.post(note_url(), {"text": text, "form_token": tokens[form]})

    filled = {f"Note {form}" for form, is_filled in sends if is_filled}
    assert sorted(Note.objects.values_list("text", flat=True)) == sorted(filled)
    assert SentForm.objects.count() == len(filled)


def test_old_tokens_are_forgotten(admin: Membership) -> None:
    for number, weeks in enumerate((7, 9)):
        SentForm.objects.create(
            brand=admin.brand,
            user=admin.user,
            token=f"token-{number}",
            content="x",
            sent_at=clock.now() - timedelta(weeks=weeks),
        )

    assert sweep() == 1
    assert SentForm.objects.get().token == "token-0"
