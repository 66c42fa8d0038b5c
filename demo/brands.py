"""The four brands of the demo and the people who work for them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from accounts.models import Brand, Membership, Role, User
from activity.actors import acting_as, system
from core import clock
from core.secrets import seal
from invoicing.models import FeePolicy
from invoicing.settlement.quote import CARD_FUNDINGS
from invoicing.settlement.types import Uncollected
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
LONG_AGO = datetime(2019, 3, 1, 12, tzinfo=UTC)
# From when on and by how much; a number of days counts back from today.
FeeTerms = tuple[datetime | int, str, tuple[str, ...], Uncollected]
FEES: dict[str, tuple[FeeTerms, ...]] = {
    "fhi": ((LONG_AGO, "3.5", CARD_FUNDINGS, Uncollected.ABSORB),),
    # Once debit cards were free, and for a while a missing fee was billed.
    "ria": (
        (LONG_AGO, "3.59", ("credit",), Uncollected.ABSORB),
        (120, "3.59", CARD_FUNDINGS, Uncollected.BILL),
        (45, "3.59", CARD_FUNDINGS, Uncollected.ABSORB),
    ),
    "cedar": ((LONG_AGO, "3", ("credit",), Uncollected.ABSORB),),
}
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
    if not FeePolicy.objects.filter(brand=brand).exists():
        _add_fees(brand)
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


def _add_fees(brand: Brand) -> None:
    """Not by the verb: that one begins no fee in the past where another is in force."""
    for since, percent, fundings, uncollected in FEES.get(brand.slug, ()):
        at = clock.now() - timedelta(days=since) if isinstance(since, int) else since
        FeePolicy.objects.create(
            brand=brand,
            effective_from=at,
            percent=Decimal(percent),
            fundings=list(fundings),
            uncollected=uncollected.value,
            created_by="Marcus Oyelaran",
        )


def _user(email: str, name: str, password: str) -> User:
    user, _ = User.objects.get_or_create(email=email, defaults={"name": name, "password": password})
    return user
