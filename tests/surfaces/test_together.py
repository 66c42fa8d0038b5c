"""Eight people and providers at the same jobs at once: nobody waits for ever, no cent is lost."""

import random
from functools import partial

import pytest

from tests.factories import BrandFactory
from tests.payments.conftest import together
from tests.surfaces.test_any_order import START, settle_up, world_of
from tests.surfaces.verbs import VERBS, World

SIDES, VERBS_EACH = 8, 12


def _act(world: World, side: int) -> World:
    """Random verbs on the same two jobs; event ids and times are this side's own."""
    mine = World(world.brand, world.jobs, minute=side, orders=1000 * (side + 1))
    dice = random.Random(side)
    for _ in range(VERBS_EACH):
        amount = dice.choice([1, 1000, 12500, 32900])
        mine.do(dice.choice(sorted(VERBS)), dice.randrange(12), amount)
    return mine


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_eight_sides_at_once_never_lock_each_other_out() -> None:
    world = world_of(BrandFactory(slug="fhi"))
    for step in START:
        world.do(*step)

    sides = together(*(partial(_act, world, side) for side in range(SIDES)))

    assert [s for s in sides if not isinstance(s, World)] == []
    done = [verb for side in sides for verb in side.done]
    assert len(done) > SIDES  # refusals are answers, but somebody must have got through
    settle_up(world)
