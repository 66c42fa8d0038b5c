"""Reads of jobs and people; all scoped by brand."""

from django.db.models import Q, QuerySet

from accounts.models import Brand
from workorders.models import Client, Service, TaxRate, WorkOrder

SUGGESTIONS = 8


def work_orders(brand: Brand) -> QuerySet[WorkOrder]:
    """The brand's jobs, with their client."""
    return WorkOrder.objects.filter(brand=brand).select_related("client")


def is_numbered(*numbers: str, field: str = "number") -> Q:
    """Rows whose job number is one of ``numbers``, in any case: FHI801 and fhi801 are one number.

    The database holds no two jobs of a brand whose numbers differ by case alone.
    """
    wanted = Q(pk__in=[])
    for number in numbers:
        wanted |= Q(**{f"{field}__iexact": number.strip()})
    return wanted


def job_numbered(brand: Brand, number: str) -> WorkOrder | None:
    """The brand's job of that number, in any case, with its client; None where there is none."""
    if "\x00" in number or not number.strip():
        return None
    return work_orders(brand).filter(is_numbered(number)).first()


def clients_matching(brand: Brand, text: str) -> QuerySet[Client]:
    """Clients whose name, e-mail or phone contains ``text``; all of them for an empty one."""
    clients = Client.objects.filter(brand=brand)
    text = " ".join(text.split())
    if not text:
        return clients
    return clients.filter(
        Q(name__icontains=text) | Q(email__icontains=text) | Q(phone__icontains=text)
    )


def suggested_clients(brand: Brand, text: str) -> list[Client]:
    """The first few matches, by name; nothing for an empty ``text``."""
    if not text.strip():
        return []
    return list(clients_matching(brand, text).order_by("name", "id")[:SUGGESTIONS])


def offered_services(brand: Brand, also: set[int] | None = None) -> list[Service]:
    """Active catalogue items by name, and those that a job has already."""
    wanted = Q(is_active=True) | Q(pk__in=also or set())
    services = Service.objects.filter(wanted, brand=brand).select_related("tax_rate")
    return list(services.order_by("name"))


def offered_tax_rates(brand: Brand, also: int | None = None) -> list[TaxRate]:
    """Active tax rates by name, and ``also``."""
    wanted = Q(is_active=True) | Q(pk=also)
    return list(TaxRate.objects.filter(wanted, brand=brand).order_by("name"))
