"""How a team's changes read on the brand's feed: each exactly once, none as a bare diff."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from accounts.access import actor_of
from accounts.domain import invitations, members
from accounts.models import Brand, Invitation, Membership, Role
from activity import describe as d
from activity.actors import acting_as
from activity.models import Change, Entry
from activity.projection import Feed, project
from activity.tracking import tracked
from tests.factories import MembershipFactory


def _feed(brand: Brand) -> list[tuple[str, str, str]]:
    """(headline, second line, who), oldest first."""
    project(Feed(brand.pk, None))
    rows = Entry.objects.filter(brand_id=brand.pk).order_by("pk")
    sentences = [(d.render(e.code, e.data), e.actor_label) for e in rows]
    return [(s.headline, s.second, who) for s, who in sentences]


def test_a_members_story_reads_in_words(brand: Brand, admin: Membership) -> None:
    _feed(brand)
    with acting_as(actor_of(admin.user)):
        token = invitations.invite(
            brand, email="dana@example.com", role=Role.CSR, by=admin.user
        ).token
    invitations.accept_as_new(token, name="Dana Whitfield", password="irrelevant here")
    dana = Membership.objects.get(user__email="dana@example.com")
    with acting_as(actor_of(admin.user)):
        members.change_role(brand, dana.pk, Role.BILLING)
    with acting_as(actor_of(admin.user)):
        members.deactivate(brand, dana.pk)
    with acting_as(actor_of(admin.user)):
        members.reactivate(brand, dana.pk)

    story = _feed(brand)

    assert story[1:] == [
        ("Invitation sent to dana@example.com as CSR", "", "Ana Ruiz"),
        (
            "Dana Whitfield joined as CSR",
            "Accepted the invitation to dana@example.com.",
            "Dana Whitfield",
        ),
        ("Role of Dana Whitfield changed: CSR → Billing", "", "Ana Ruiz"),
        ("Dana Whitfield was deactivated", "", "Ana Ruiz"),
        ("Dana Whitfield was reactivated as Billing", "", "Ana Ruiz"),
    ]
    threads = {e.thread for e in Entry.objects.exclude(data__user_label="Ana Ruiz")}
    assert [(t.kind, t.object_id) for t in threads] == [("member", dana.pk)]
    assert not Change.objects.filter(entry=None).exists()


def test_an_invitation_that_is_revoked(brand: Brand, admin: Membership) -> None:
    sent = invitations.invite(brand, email="x@example.com", role=Role.BILLING, by=admin.user)
    invitations.renew(brand, sent.invitation.pk)
    invitations.revoke(brand, sent.invitation.pk)

    story = [headline for headline, _, _ in _feed(brand)]

    assert story[1:] == [
        "Invitation sent to x@example.com as Billing",
        "Invitation to x@example.com as Billing revoked",
    ]


def test_several_columns_changed_at_once_are_all_named(brand: Brand, csr: Membership) -> None:
    _feed(brand)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_membership SET role = 'admin', is_active = false, user_label = 'D.'"
        )
        cursor.execute("DELETE FROM accounts_membership")

    story = _feed(brand)

    headline, second, _ = story[1]
    assert headline == "D. was deactivated"
    assert "Role: CSR → Admin" in second
    assert "Name: Dana Whitfield → D." in second
    assert story[2][:2] == (
        "D. was removed from the team",
        "Was deactivated, with the role Admin.",
    )


VALUES: dict[str, tuple[Any, Any]] = {
    "user_label": ("Dana", "Kim"),
    "role": ("csr", "billing"),
    "is_active": (True, False),
    "email": ("a@example.com", "b@example.com"),
    "accepted_at": (None, "2026-03-01T10:00:00+00:00"),
    "revoked_at": (None, "2026-03-02T10:00:00+00:00"),
}


@pytest.mark.parametrize("entity", ["accounts.membership", "accounts.invitation"])
@pytest.mark.parametrize("op", ["I", "U", "D"])
def test_every_tracked_column_has_a_sentence(entity: str, op: str) -> None:
    columns = tracked()[entity].columns

    for column in columns:
        base = {name: VALUES[name][0] for name in columns}
        other = base | {column: VALUES[column][1]}
        sentences = {_sentence(entity, op, base, image) for image in (base, other)}
        back = _sentence(entity, op, other, base)
        assert len(sentences) == 2, f"{column} makes no difference"
        assert "activity.plain" not in str(sentences) + back


def _sentence(entity: str, op: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    row = d.ChangeRow(
        id=1,
        entity=entity,
        op=op,
        object_id=1,
        work_order_id=None,
        occurred_at=datetime(2026, 3, 3, tzinfo=UTC),
        before={} if op == "I" else before if op == "U" else after,
        after={} if op == "D" else after,
    )
    return str([(line.code, d.render(line.code, line.data)) for line in d.describe([row])])


def test_an_invitation_and_a_join_of_other_roles_stay_two_facts(
    brand: Brand, admin: Membership
) -> None:
    _feed(brand)
    with acting_as(actor_of(admin.user)):
        sent = invitations.invite(brand, email="x@example.com", role=Role.BILLING, by=admin.user)
        MembershipFactory(brand=brand, user__name="Kim Osei")
        Invitation.objects.filter(pk=sent.invitation.pk).update(
            accepted_at=sent.invitation.expires_at
        )

    story = [headline for headline, _, _ in _feed(brand)]

    assert sorted(story[1:]) == [
        "Invitation sent to x@example.com as Billing",
        "Invitation to x@example.com as Billing accepted",
        "Kim Osei joined as CSR",
    ]
