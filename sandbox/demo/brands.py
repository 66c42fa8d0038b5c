"""The four brands of the demo and the people who work for them."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from accounts.models import Brand, Membership, Role, User
from activity.actors import acting_as, system
from core import clock
from core.secrets import seal
from payments.models import Provider, ProviderAccount

PASSWORD = "paystory"  # noqa: S105  the demo's, printed on its own start page


@dataclass(frozen=True)
class DemoBrand:
    """A brand as the demo makes it."""

    slug: str
    name: str
    prefix: str
    zone: str
    currency: str = "USD"


BRANDS = (
    DemoBrand("fhi", "Foothill Home Inspections", "FHI", "America/Boise"),
    DemoBrand("ria", "Ridgeline Inspection Associates", "RIA", "America/Denver"),
    DemoBrand("cedar", "Cedar & Stone Inspections", "CED", "America/Denver"),
    DemoBrand("northlight", "Northlight Home Inspections", "NLH", "America/Toronto", "CAD"),
)
PEOPLE = (
    ("dana@demo.paystory.test", "Dana Whitfield", Role.CSR),
    ("billing@demo.paystory.test", "Ruth Okafor", Role.BILLING),
    ("admin@demo.paystory.test", "Marcus Oyelaran", Role.ADMIN),
)


def others() -> list[str]:
    """Names of brands in this database that did not come with the demo (at most five)."""
    mine = [demo.slug for demo in BRANDS]
    rows = Brand.objects.exclude(slug__in=mine).order_by("pk")
    return list(rows.values_list("name", flat=True)[:5])


def is_of_the_demo(brand: Brand) -> bool:
    """Whether ``brand`` is one of ours to play with."""
    return brand.slug in {demo.slug for demo in BRANDS}


def webhook_secret(brand_slug: str, provider: str) -> str:
    """The demo's webhook secret: known, so that the demo can sign events by itself."""
    return f"demo-{brand_slug}-{provider}-secret"


def create() -> dict[str, Brand]:
    """Brands, users, memberships and provider accounts that are missing."""
    with acting_as(system("Demo set-up")):
        password = make_password(PASSWORD)  # slow on purpose: once is enough
        users = [(_user(email, name, password), role) for email, name, role in PEOPLE]
        return {demo.slug: _brand(demo, users) for demo in BRANDS}


def _brand(demo: DemoBrand, users: list[tuple[User, Role]]) -> Brand:
    brand, _ = Brand.objects.get_or_create(
        slug=demo.slug,
        defaults={
            "name": demo.name,
            "number_prefix": demo.prefix,
            "currency": demo.currency,
            "time_zone": demo.zone,
        },
    )
    for user, role in users:
        Membership.objects.get_or_create(
            brand=brand, user=user, defaults={"role": role, "user_label": user.name}
        )
    for provider in (Provider.FLEXFUND, Provider.GUARDIAN):
        ProviderAccount.objects.get_or_create(
            brand=brand,
            provider=provider,
            defaults={
                "webhook_secret": seal(webhook_secret(demo.slug, provider)),
                "secret_set_at": clock.now(),
            },
        )
    return brand


def _user(email: str, name: str, password: str) -> User:
    user, _ = User.objects.get_or_create(email=email, defaults={"name": name, "password": password})
    return user
