"""One balance: whatever was done to a job, every surface says the same amounts and word."""

import pytest
from django.db import transaction
from django.test import Client as Browser
from hypothesis import HealthCheck, Phase, given, settings

from accounts.models import Brand, Role
from tests.factories import BrandFactory, MembershipFactory
from tests.surfaces.surfaces import check_surfaces
from tests.surfaces.test_any_order import START, _Undo, steps, world_of


@pytest.fixture
def brand(db: None) -> Brand:
    return BrandFactory(slug="fhi", name="Frontier Home Inspections")


@pytest.fixture
def browser(brand: Brand, client: Browser) -> Browser:
    client.force_login(MembershipFactory(brand=brand, role=Role.ADMIN).user)
    return client


@settings(
    max_examples=15,
    # Rendering is slow: a failing case is reported as it is, without shrinking.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
def test_every_surface_says_the_same_of_any_job(
    brand: Brand, browser: Browser, steps: list[tuple[str, int, int]]
) -> None:
    try:
        with transaction.atomic():
            world = world_of(brand)
            for step in [*START, *steps]:
                world.do(*step)
            for n in range(len(world.jobs)):
                check_surfaces(browser, world.job(n))
            raise _Undo
    except _Undo:
        pass
