"""Card numbers in texts: whether one is there, and the text without it. Pure.

A card number is what has the prefix and the length of a card network and passes the Luhn check,
with spaces, dashes or dots between its digits or without. All three are needed: one random number
in ten passes Luhn. Of a card at most its last four digits are stored (PCI DSS 4.0, 3.3 to 3.5).

Prefixes and lengths: ISO/IEC 7812, and what the networks publish of their ranges. How often random
digits are taken for a card number, measured by ``tests/core/test_card_numbers.py``: 2.8 % of those
with 16 digits, 1.9 % with 19, 1.1 % with 13, below 0.9 % with 12, 14, 15, 17 or 18, and none with
11 or fewer (phone, check and job numbers) or 20 and more.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SHORTEST, _LONGEST = 12, 19


@dataclass(frozen=True)
class Network:
    """One card network: the first and last number of each range of prefixes, and the lengths."""

    name: str
    prefixes: tuple[tuple[int, int], ...]
    lengths: frozenset[int]

    def has(self, digits: str) -> bool:
        """Whether a number with these digits would be one of its cards, as far as that shows."""
        return len(digits) in self.lengths and any(
            first <= int(digits[: len(str(first))]) <= last for first, last in self.prefixes
        )


def _lengths(*lengths: int) -> frozenset[int]:
    return frozenset(lengths)


_LONG = frozenset(range(16, 20))
NETWORKS = (
    Network("Visa", ((4, 4),), _lengths(13, 16, 19)),
    Network("Mastercard", ((51, 55), (2221, 2720)), _lengths(16)),
    Network("American Express", ((34, 34), (37, 37)), _lengths(15)),
    Network("Discover", ((6011, 6011), (644, 649), (65, 65)), _LONG),
    Network("Diners Club", ((300, 305), (3095, 3095), (36, 36), (38, 39)), _lengths(14) | _LONG),
    Network("JCB", ((3528, 3589),), _LONG),
    Network("UnionPay", ((62, 62),), _LONG),
    Network(
        "Maestro",
        tuple((n, n) for n in (5018, 5020, 5038, 5612, 5893, 6304, 6390, 67)),
        frozenset(range(_SHORTEST, _LONGEST + 1)),
    ),
)

# What may stand between two digits of a number: up to two of these.
_BETWEEN = "[\\s.\\-\u00ad\u2010-\u2015\u2212\u200b-\u200d\u2060\ufeff]{0,2}"
# Digits with nothing else between them; a plus before them makes it a phone number.
_RUN = re.compile(rf"(?<![\d+])\d(?:{_BETWEEN}\d){{{_SHORTEST - 1},}}")
_GROUP = re.compile(r"\d+")
# How people write card numbers in groups, besides fours: American Express, Diners, two halves.
_GROUPINGS = {(4, 6, 5), (4, 6, 4), (8, 8)}
# Spelled out in any other way, a number this long is one all the same.
_SURELY = 15

Span = tuple[int, int]


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def is_card_number(digits: str) -> bool:
    """Whether plain digits have a network's prefix and length and pass Luhn."""
    return any(network.has(digits) for network in NETWORKS) and passes_luhn(digits)


def spans(text: str) -> list[Span]:
    """Where card numbers are in ``text``: start and end of each, in order, none overlapping."""
    if sum(map(str.isdecimal, text)) < _SHORTEST:
        return []
    return [span for run in _RUN.finditer(text) for span in _in_run(run[0], run.start())]


def _in_run(run: str, start: int) -> Iterator[Span]:
    """Card numbers in one run of digits; one begins and ends with a group of digits."""
    groups = [match.span() for match in _GROUP.finditer(run)]
    first = 0
    while first < len(groups):
        for last in range(len(groups), first, -1):  # the longest first: it hides the most
            if _is_written(run, groups[first:last], is_whole=last - first == len(groups)):
                yield start + groups[first][0], start + groups[last - 1][1]
                first = last - 1
                break
        first += 1


def _is_written(run: str, groups: Sequence[Span], *, is_whole: bool) -> bool:
    """Whether these groups are a card number as people write one."""
    sizes = tuple(end - begin for begin, end in groups)
    length = sum(sizes)
    if not _SHORTEST <= length <= _LONGEST:
        return False
    in_fours = set(sizes[:-1]) <= {4} and sizes[-1] <= 4
    is_grouped = len(sizes) == 1 or in_fours or sizes in _GROUPINGS or set(sizes) == {1}
    if not is_grouped and not (is_whole and length >= _SURELY):
        return False
    digits = "".join(run[begin:end] for begin, end in groups)
    return is_card_number("".join(str(unicodedata.decimal(digit)) for digit in digits))


def has_card_number(text: str) -> bool:
    """Whether there is one in ``text``."""
    return bool(spans(text))


def masked(text: str) -> str:
    """``text`` with each card number as its last four digits: ``•••• 4242``."""
    return mask_spans(text, spans(text))


def mask_spans(text: str, found: Sequence[Span]) -> str:
    """``text`` with what is at ``found`` as its last four digits."""
    for begin, end in reversed(found):
        last4 = "".join(c for c in text[begin:end] if c.isdecimal())[-4:]
        text = f"{text[:begin]}•••• {last4}{text[end:]}"
    return text


# --- whole documents --------------------------------------------------------------------------

# Keys whose values name things of a provider or of ours; a number there is no card's.
_ID_KEY = re.compile(r"(?:.*[_-])?(?:id|ids|ref|refs|reference|references)|.*[a-z](?:Id|Ids)|ID")


def is_id_key(key: str) -> bool:
    """Whether a value under ``key`` names something: ``refund_id``, ``references``, ``orderId``."""
    return bool(_ID_KEY.fullmatch(key))


@dataclass(frozen=True)
class Masked:
    """One card number that was masked: its path in the document, and what is left of the text."""

    path: str
    text: str


def mask_document(
    value: Any, path: str = "", *, names: Callable[[str], bool] = is_id_key
) -> tuple[Any, list[Masked]]:
    """JSON-like ``value`` with every card number masked, and where; ids stay as they are.

    Answers ``value`` itself where there is none. Numbers are texts without quotes: one that is a
    card's becomes text. ``names`` says of a key whether its values name something.
    """
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        text = masked(str(value))
        return (value, []) if text == str(value) else (text, [Masked(path, text)])
    pairs: list[tuple[Any, str, Any]]
    if isinstance(value, Mapping):
        pairs = [(k, f"{path}.{k}" if path else str(k), v) for k, v in value.items()]
    elif isinstance(value, list | tuple):
        pairs = [(n, f"{path}[{n}]", v) for n, v in enumerate(value)]
    else:
        return value, []
    done = {
        key: (child, [])
        if isinstance(key, str) and names(key)
        else mask_document(child, here, names=names)
        for key, here, child in pairs
    }
    found = [one for _, ones in done.values() for one in ones]
    if not found:
        return value, []
    children = {key: child for key, (child, _) in done.items()}
    return (children if isinstance(value, Mapping) else list(children.values())), found
