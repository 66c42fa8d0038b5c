"""A brand and its first admin from the command line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Brand, Membership, Role, User
from activity.models import Change

GOOD = {
    "slug": "fhi",
    "name": "Foothill Home Inspections",
    "prefix": "FHI",
    "currency": "USD",
    "time_zone": "America/Boise",
    "email": "ruth@example.com",
    "admin": "Ruth Okafor",
}
pytestmark = pytest.mark.django_db


def test_a_brand_with_its_first_admin() -> None:
    out = StringIO()

    call_command("create_brand", **GOOD, stdout=out)

    member = Membership.objects.get(brand__slug="fhi")
    assert (member.role, member.user.name, member.user_label) == (
        Role.ADMIN,
        "Ruth Okafor",
        "Ruth Okafor",
    )
    assert not member.user.has_usable_password()
    assert "/b/fhi/work-orders/" in out.getvalue()
    assert Change.objects.get(entity="accounts.membership").actor_label == "Set-up"


def test_a_known_user_keeps_name_and_password() -> None:
    User.objects.create_user("Ruth@example.com", "right-horse-battery", name="R. Okafor")

    call_command("create_brand", **GOOD, stdout=StringIO())

    user = User.objects.get()
    assert user.name == "R. Okafor"
    assert user.check_password("right-horse-battery")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "Foot Hill"),
        ("name", " "),
        ("prefix", "fhi!"),
        ("currency", "USDollar"),
        ("time_zone", "Boise"),
        ("email", "ruth"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_made(field: str, value: str) -> None:
    with pytest.raises(CommandError, match=f"--{field.replace('_', '-')}: "):
        call_command("create_brand", **{**GOOD, field: value})

    assert not Brand.objects.exists()
    assert not User.objects.exists()


def test_a_brand_is_founded_once() -> None:
    call_command("create_brand", **GOOD, stdout=StringIO())

    with pytest.raises(CommandError, match="--slug: "):
        call_command("create_brand", **GOOD)

    assert Membership.objects.count() == 1
