"""Rules of the house that a linter does not know: no float near money, short files, no addresses.

Everything is read from the syntax tree or the text of every file that git knows or would take.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.checks import BASE_DIR, tracked_files

# Folders whose modules may touch an amount. config starts servers and reads clocks; it knows none.
MONEY_APPS = (
    "core",
    "activity",
    "accounts",
    "ui",
    "workorders",
    "invoicing",
    "payments",
    "importing",
    "audit",
    "demo",
    "console",
    "sandbox",
)
# File → (what it may do, why).
ALLOWED: dict[str, tuple[set[str], str]] = {
    "activity/doorbell.py": ({"float literal"}, "seconds between two rings"),
    "ui/templatetags/paystory.py": ({"float"}, "refuses a float that was given as money"),
    "activity/shapes.py": ({"float"}, "refuses a float that was written as money"),
    "core/logs.py": ({"round"}, "milliseconds of a request"),
    "demo/volume.py": ({"float literal"}, "chances: how many of the made-up jobs do what"),
    "sandbox/management/commands/send_pay_at_close.py": ({"float", "float literal"}, "seconds"),
    "sandbox/pay_at_close/provider.py": ({"float", "float literal"}, "seconds between two facts"),
    "sandbox/views.py": ({"float literal"}, "seconds between two facts"),
    "payments/ingest/incoming.py": ({"float"}, "refuses a float that was given as money"),
}
# An encoder alone reads numbers back as floats; what these hold has them as strings already.
PLAIN_JSON = {
    "activity/models.py": "entries and threads hold what describe.plain() made",
    "importing/models.py": "dumped by pydantic in JSON mode: amounts are strings",
}
LONGEST = 400
# Characters of a template's line: one element or one thought.
WIDEST = 160
GENERATED = ("migrations", "requirements")


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """(path, syntax tree) of every module of ``folders``, migrations included."""
    for path in tracked_files():
        shown = path.relative_to(BASE_DIR)
        if path.suffix == ".py" and shown.parts[0] in folders:
            yield str(shown), ast.parse(path.read_text(encoding="utf-8"))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _float_name(node: ast.AST) -> bool:
    """``float`` as a call, an annotation, a default, ``parse_float=float``."""
    return isinstance(node, ast.Name) and node.id == "float"


def _float_literal(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float | complex)


def _float_field(node: ast.AST) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in {"FloatField", "confloat", "StrictFloat", "PositiveFloat", "FiniteFloat"}


def _true_division(node: ast.AST) -> bool:
    """``a / b`` of anything but paths: ints give a float, Decimals are rounded at 28 digits."""
    if isinstance(node, ast.AugAssign):
        return isinstance(node.op, ast.Div) and not _is_text(node.value)
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Div):
        return False
    return not (_is_text(node.left) or _is_text(node.right))


def _round(node: ast.AST) -> bool:
    """The builtin rounds half to even; money is rounded by core.money alone."""
    return isinstance(node, ast.Name) and node.id == "round"


def _loose_json(node: ast.AST) -> bool:
    """``json.loads`` that would read 12.30 as a float."""
    if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("json.loads"):
        return False
    return not {k.arg for k in node.keywords} & {"parse_float", "cls"}


def _loose_json_field(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("JSONField"):
        return False
    return "models" in ast.unparse(node.func) and "decoder" not in {k.arg for k in node.keywords}


RULES: dict[str, Callable[[ast.AST], bool]] = {
    "float": _float_name,
    "float literal": _float_literal,
    "float field": _float_field,
    "division": _true_division,
    "round": _round,
    "json": _loose_json,
}


def faults(tree: ast.Module, allowed: set[str]) -> list[tuple[int, str]]:
    """(line, rule) of everything in a module that a rule forbids."""
    nodes = list(ast.walk(tree))
    broken = [(rule, node) for rule, breaks in RULES.items() for node in nodes if breaks(node)]
    return sorted((getattr(n, "lineno", 0), rule) for rule, n in broken if rule not in allowed)


def test_no_float_is_near_money() -> None:
    offences = [
        f"{path}:{line}: {rule}"
        for path, tree in modules(*MONEY_APPS)
        for line, rule in faults(tree, ALLOWED.get(path, (set(), ""))[0])
    ]

    assert not offences, "\n".join(offences)


def test_every_json_column_reads_numbers_exactly() -> None:
    offences = [
        f"{path}:{getattr(node, 'lineno', 0)}: JSONField without decoder=ExactDecoder"
        for path, tree in modules(*MONEY_APPS)
        if "migrations" not in path and path not in PLAIN_JSON
        for node in ast.walk(tree)
        if _loose_json_field(node)
    ]

    assert not offences, "\n".join(offences)


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("x = float(amount)", "float"),
        ("def pay(amount: float) -> None: ...", "float"),
        ("json.loads(body, parse_float=float)", "float"),
        ("fee = amount * 1.5", "float literal"),
        ("fee = models.FloatField()", "float field"),
        ("cents = total / 3", "division"),
        ("total /= 3", "division"),
        ("cents = round(amount, 2)", "round"),
        ("body = json.loads(raw)", "json"),
    ],
)
def test_the_rules_find_what_they_look_for(code: str, rule: str) -> None:
    assert rule in {name for _, name in faults(ast.parse(code), set())}


@pytest.mark.parametrize(
    "code",
    [
        "path = BASE / 'templates'",
        "cents = total // 3",
        "json.loads(raw, parse_float=Decimal)",
        "json.loads(raw, cls=ExactDecoder)",
        "amount = Decimal('1.5')",
    ],
)
def test_the_rules_leave_the_rest_alone(code: str) -> None:
    assert faults(ast.parse(code), set()) == []


def test_what_is_allowed_is_needed() -> None:
    """An exception that nothing needs any more is taken off the list."""
    trees = dict(modules(*MONEY_APPS))

    for path, (allowed, reason) in ALLOWED.items():
        used = {rule for _, rule in faults(trees[path], set())}
        assert reason
        assert allowed <= used, f"{path} no longer needs {allowed - used}"


def test_files_are_short() -> None:
    offences = [
        f"{path.relative_to(BASE_DIR)}: {lines} lines are two things; split it"
        for path in _written_by_hand()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    ]

    assert not offences, "\n".join(offences)


def test_lines_of_templates_are_short() -> None:
    too_long = [
        f"{path.relative_to(BASE_DIR)}:{number}: {len(line)} characters; one element a line"
        for path in _written_by_hand()
        if path.suffix == ".html"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > WIDEST
    ]

    assert not too_long, "\n".join(too_long)


def _written_by_hand() -> Iterator[Path]:
    for path in tracked_files():
        shown = path.relative_to(BASE_DIR)
        if path.suffix not in {".py", ".html", ".css", ".js"}:
            continue
        if not set(shown.parts) & set(GENERATED):
            yield path


# Written apart, so that this file does not find itself.
NOWHERE = {
    "/" + "home/": "a path of somebody's machine",
    "/" + "Users/": "a path of somebody's machine",
    "/" + "work/": "a path of somebody's machine",
    "/" + "root/": "a path of somebody's machine",
    "index" + "-url": "an address of a package registry",
    "files.python" + "hosted.org": "an address of a package registry",
    "pypi" + ".org": "an address of a package registry",
    "registry.npm" + "js.org": "an address of a package registry",
}
# These name such addresses to find them.
LOOK_FOR_THEM = {"config/checks.py", "tests/config/test_checks.py"}


def test_no_address_of_a_machine_or_a_registry() -> None:
    offences = [
        f"{path.relative_to(BASE_DIR)}:{number}: {what}"
        for path in tracked_files()
        if str(path.relative_to(BASE_DIR)) not in LOOK_FOR_THEM
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
        for word, what in NOWHERE.items()
        if word in line
    ]

    assert not offences, "\n".join(offences)


def test_every_module_says_what_it_is() -> None:
    offences = [
        path
        for path, tree in modules("config", *MONEY_APPS)
        if "migrations" not in path and tree.body and not ast.get_docstring(tree)
    ]

    assert not offences
