"""Names that the volume draws from."""

from demo import names


def test_nobody_is_listed_twice_and_every_name_fits_its_column() -> None:
    for listed in (names.FIRST, names.LAST, names.STREETS, names.AGENTS, names.TITLES, names.BANKS):
        assert len(set(listed)) == len(listed)
        assert all(name == name.strip() and len(name) <= 120 for name in listed)
