"""What the shell of every staff page shows: navigation, brands, search, the member's role."""

from collections.abc import Iterator
from functools import cached_property
from typing import TypedDict

from django.http import HttpRequest
from django.urls import reverse

from accounts import queries
from accounts.models import Brand, Membership, Role
from payments.models import PaymentException


class NavItem(TypedDict):
    """One place in the navigation. ``count`` is what waits there (0: no figure is shown)."""

    label: str
    url: str
    icon: str
    active: bool
    count: int


class BrandItem(TypedDict):
    """One brand of the switcher."""

    name: str
    url: str
    active: bool


# Label, URL name, icon, the least role. A page below a place (a work order) keeps it active.
PLACES = (
    ("Work orders", "work_orders", "clipboard-document-list", Role.CSR),
    ("Clients", "clients", "users", Role.CSR),
    ("Payments", "payments", "banknotes", Role.CSR),
    ("Items", "items", "beaker", Role.CSR),
    ("Exceptions", "exceptions", "exclamation-triangle", Role.BILLING),
    ("Activity", "brand_activity", "clock", Role.CSR),
    ("Services", "services", "tag", Role.BILLING),
    ("Team", "team", "user-group", Role.ADMIN),
)


class Shell:
    """Reads only when a template asks, so that fragments and redirects cost nothing.

    Two queries at most: the user's memberships, and the open exceptions of the brand. Outside a
    brand (the account page) the navigation is that of the brand used last.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def _memberships(self) -> list[Membership]:
        user = getattr(self._request, "user", None)
        return queries.memberships(user) if user is not None and user.is_authenticated else []

    @cached_property
    def _membership(self) -> Membership | None:
        here: Membership | None = getattr(self._request, "membership", None)
        return here or queries.last_used(self._memberships, self._request.session.get("brand", ""))

    @cached_property
    def nav(self) -> list[NavItem]:
        """The places that this member may open, in their order."""
        return list(self._places(self._membership)) if self._membership else []

    def _places(self, membership: Membership) -> Iterator[NavItem]:
        for label, name, icon, role in PLACES:
            if membership.at_least(role):
                url = _link(name, membership.brand)
                count = _open_exceptions(membership.brand) if name == "exceptions" else 0
                active = self._request.path.startswith(url)
                yield NavItem(label=label, url=url, icon=icon, active=active, count=count)

    @cached_property
    def brands(self) -> list[BrandItem]:
        """Every brand of the user, by name."""
        here = getattr(self._request, "brand", None)
        return [
            BrandItem(name=m.brand.name, url=_link("work_orders", m.brand), active=m.brand == here)
            for m in self._memberships
        ]

    @cached_property
    def search_url(self) -> str:
        """Where the search field asks; empty where there is no brand to search."""
        return _link("search", self._membership.brand) if self._membership else ""

    @cached_property
    def role_label(self) -> str:
        """The member's role in this brand, in words."""
        here: Membership | None = getattr(self._request, "membership", None)
        return Role(here.role).label if here else ""


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: ``shell`` of templates/base.html."""
    return {"shell": Shell(request)}


def _link(name: str, brand: Brand) -> str:
    return reverse(name, args=[brand.slug])


def _open_exceptions(brand: Brand) -> int:
    return PaymentException.objects.filter(brand=brand, resolved_at=None).count()
