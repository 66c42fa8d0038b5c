"""Founding a brand together with its first admin: the one thing that nobody can be invited to."""

import re
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts.domain.errors import BrandRefused
from accounts.models import Brand, Membership, Role, User
from core.money import currency_fault

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
PREFIX = re.compile(r"[A-Z0-9-]{1,12}")


def create_brand(
    *, slug: str, name: str, prefix: str, currency: str, time_zone: str, email: str, admin: str
) -> Membership:
    """A new brand, and its first admin (a known user keeps name and password).

    A new admin has no password yet: they set one by "Forgot your password?". Raises BrandRefused
    naming the field.
    """
    _check(slug, name, prefix, currency, time_zone, email)
    with transaction.atomic():
        if Brand.objects.filter(slug=slug).exists():
            raise BrandRefused(f"There is a brand “{slug}” already.", field="slug")
        brand = Brand.objects.create(
            slug=slug, name=name, number_prefix=prefix, currency=currency, time_zone=time_zone
        )
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            user = User.objects.create_user(email, name=admin or email.split("@")[0])
        return Membership.objects.create(
            brand=brand, user=user, user_label=str(user), role=Role.ADMIN
        )


def _check(slug: str, name: str, prefix: str, currency: str, time_zone: str, email: str) -> None:
    wrong = {
        "slug": "" if SLUG.fullmatch(slug) else "Small letters, digits and dashes, at most 40.",
        "name": "" if 0 < len(name.strip()) <= 120 else "A name of at most 120 characters.",
        "prefix": "" if PREFIX.fullmatch(prefix) else "Capitals and digits, at most 12: FHI",
        "currency": currency_fault(currency),
        "time_zone": ""
        if time_zone in available_timezones()
        else f"“{time_zone}” is no time zone; like America/Denver.",
        "email": _email_fault(email),
    }
    for field, message in wrong.items():
        if message:
            raise BrandRefused(message, field=field)


def _email_fault(email: str) -> str:
    try:
        validate_email(email)
    except ValidationError as error:
        return str(error.messages[0])
    return ""
