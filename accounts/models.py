"""Brands (the tenants), staff users, and which role a user has in which brand."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from activity.models import ExactDecoder
from activity.tracking import track
from core import clock


class Role(models.TextChoices):
    """What a member may do; each role may do what the ones before it may."""

    CSR = "csr", "CSR"
    BILLING = "billing", "Billing"
    ADMIN = "admin", "Admin"

    @property
    def rank(self) -> int:
        """Position in the ladder, for "at least" comparisons."""
        return list(Role).index(self)


class Brand(models.Model):
    """The tenant: one company name, number prefix, currency and time zone."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    number_prefix = models.CharField(max_length=12)
    currency = models.CharField(max_length=3, default="USD")
    time_zone = models.CharField(max_length=60, default="America/Denver")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Users are known by e-mail address; there is no username."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """A staff user. Without a password they cannot sign in until they set one."""
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """For ``manage.py createsuperuser``; brands still need a membership."""
        return self.create_user(email, password, is_superuser=True, **extra)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who works for one or more brands."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email


class Membership(models.Model):
    """A user's role in one brand. Deactivated, never deleted: the timeline keeps their name."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    # As it was when the row was written, so that the feed need not look the user up.
    user_label = models.CharField(max_length=200)
    role = models.CharField(max_length=10, choices=Role)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "user"], name="accounts_membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="accounts_membership_role"
            ),
        ]
        triggers = track(
            "accounts.membership", ["user_label", "role", "is_active"], work_order="NULL"
        )

    def at_least(self, role: Role) -> bool:
        """Whether this membership is active and its role reaches ``role``."""
        return self.is_active and Role(self.role).rank >= role.rank


class Invitation(models.Model):
    """An e-mailed link with which somebody joins a brand. Only the token's hash is stored."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField()
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=10, choices=Role)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        triggers = track(
            "accounts.invitation",
            ["email", "role", "accepted_at", "revoked_at"],
            work_order="NULL",
        )


class SentForm(models.Model):
    """A form that was sent and did what it says: what it answered (``accounts.once``).

    Not tracked: it holds nothing that the rows written with it do not say.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=64)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # A hash of where it was sent and what was in it.
    content = models.CharField(max_length=64)
    url = models.TextField(blank=True)
    # Level and text of each message.
    messages = models.JSONField(default=list, decoder=ExactDecoder)
    sent_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "token"], name="accounts_sent_form_once")
        ]
        indexes = [models.Index(fields=["brand", "content"], name="accounts_sent_form_content")]
