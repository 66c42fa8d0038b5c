"""Card numbers in a line of a file: only their last four digits come in. Pure."""

from collections.abc import Iterator
from typing import Any

from core.card_numbers import Masked, is_id_key, mask_document, masked

MASKED = "a card number in it was shortened to its last four digits"
# Keys of the format, besides ids, whose values name a job, a document or a line.
_NAMES = {"number", "work_order", "invoice", "charge", "credits"}


def mask_line(data: dict[str, Any]) -> tuple[dict[str, Any], list[Masked]]:
    """The object of a line without card numbers, and where there were some.

    Ids and references of a provider are never touched. What somebody wrote down as the reference of
    a check, a wire or a prepayment is a text like any other.
    """
    line, found = mask_document(data, names=_is_name)
    written = [(path, item) for path, item in _written_down(line) if "reference" in item]
    for path, item in written:
        text = item["reference"]
        if isinstance(text, str) and masked(text) != text:
            found = [*found, Masked(f"{path}.reference", masked(text))]
            item["reference"] = masked(text)
    return line, found


def _is_name(key: str) -> bool:
    return key in _NAMES or is_id_key(key)


def _written_down(line: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Payments and prepayments that people wrote down, and the steps of their history."""
    for name in ("payments", "credits"):
        for n, item in enumerate(_objects(line.get(name))):
            if name == "payments" and item.get("provider") != "manual":
                continue
            yield f"{name}[{n}]", item
            for m, step in enumerate(_objects(item.get("history"))):
                yield f"{name}[{n}].history[{m}]", step


def _objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; a wrong file may have anything there."""
    items = value if isinstance(value, list) else []
    return [item if isinstance(item, dict) else {} for item in items]
