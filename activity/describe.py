"""Changes → lines of a feed. Pure: no database, clock or network.

Each app registers, in its ``activity.py``, a *describer* for a family of entities, and for each
code its *sentence* and the shape of its data (``activity.shapes``). A describer gets all changes of
its family that one step of one transaction made to one work order, and answers with lines; each
line names the changes that it shows. The projector stores lines; sentences are rendered when a
page is shown.

Every tracked column is either spoken of (some line's sentence changes with it) or listed as
silent. A change that touches silent columns only needs no line; any other change that no line
shows gets a plain one, so that nothing is ever unseen.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from activity import shapes
from activity.filling import is_silent_step
from core import moments
from core.faults import COULD_NOT_SHOW, NOTHING_LOST, guarded

Image = Mapping[str, Any]


@dataclass(frozen=True)
class ChangeRow:
    """One captured change, as plain data."""

    id: int
    entity: str
    op: str
    object_id: int
    work_order_id: int | None
    occurred_at: datetime
    before: Image
    after: Image
    actor_kind: str = "database"
    actor_id: str = ""
    actor_label: str = ""
    imported: bool = False
    recorded_at: datetime | None = None

    @property
    def now(self) -> Image:
        """The row as it is after the change; as it was, if it was deleted."""
        return self.before if self.op == "D" else self.after

    @property
    def diff(self) -> dict[str, tuple[Any, Any]]:
        """Changed columns with their value before and after (None where there was no row)."""
        names = {**self.before, **self.after}
        pairs = {n: (self.before.get(n), self.after.get(n)) for n in names}
        return {n: p for n, p in pairs.items() if p[0] != p[1] or self.op != "U"}

    def changed(self, *columns: str) -> bool:
        """Whether an update touched one of ``columns`` (an insert or delete touches all)."""
        return self.op != "U" or any(c in self.diff for c in columns)


@dataclass(frozen=True)
class ThreadKey:
    """Which thing a line belongs to, e.g. ``("payment", 12)``."""

    kind: str
    object_id: int


@dataclass(frozen=True)
class ThreadUpdate:
    """What a line says of its thread's headline. ``status`` is the thing's own status word."""

    state: str | None = None
    status: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """One entry to be. Amounts in ``data`` are strings, names are as they were.

    ``kind`` is what filters go by: payment, attempt, refund, dispute, provider, charge, job,
    contact, note, message, team, catalogue, exception, invoice, credit, fee, item.
    """

    code: str
    thread: ThreadKey
    shows: tuple[int, ...]
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    state: str = "neutral"
    parent: ThreadKey | None = None
    # Threads of things whose state changed with this line, its own among them.
    threads: Mapping[ThreadKey, ThreadUpdate] = field(default_factory=dict)
    # Earlier entries of this thread move to ``thread`` (an attempt that got its payment).
    moves: tuple[ThreadKey, ...] = ()
    references: tuple[str, ...] = ()
    # What of its thread's headline the entry keeps, as it stands with this line ("number").
    takes: tuple[str, ...] = ()
    payment_view: bool = False
    money_moved: bool = False
    problem: bool = False
    technical: bool = False


@dataclass(frozen=True)
class Sentence:
    """How a line reads. ``label`` is printed before the headline ("Attempt 2")."""

    headline: str
    second: str = ""
    label: str = ""
    state_word: str = ""
    details: tuple[tuple[str, str, str], ...] = ()  # (label, value, kind)


@dataclass(frozen=True)
class Headline:
    """How a thread's own headline reads, and the pill beside it."""

    title: str
    subtitle: str = ""
    state_word: str = ""
    icon: str = ""


S = TypeVar("S", bound=shapes.Shape)
Headliner = Callable[[S, str], Headline | None]
Describer = Callable[[Sequence[ChangeRow]], Iterable[Line]]
Renderer = Callable[[S], Sentence]


@dataclass(frozen=True)
class Family:
    """Entities that are described together, and their silent columns."""

    entities: tuple[str, ...]
    describe: Describer
    silent: Mapping[str, frozenset[str]]


_families: dict[str, Family] = {}
# By code or kind: the shape of its data, and what makes words of it.
_renderers: dict[str, tuple[type[Any], Renderer[Any]]] = {}
_headliners: dict[str, tuple[type[Any], Headliner[Any]]] = {}


def describes(
    *entities: str, silent: Mapping[str, Iterable[str]] | None = None
) -> Callable[[Describer], Describer]:
    """Register a describer for ``entities``. ``silent`` maps an entity to its silent columns."""

    def register(describer: Describer) -> Describer:
        quiet = {entity: frozenset(columns) for entity, columns in (silent or {}).items()}
        family = Family(entities, describer, quiet)
        for entity in entities:
            _families[entity] = family
        return describer

    return register


def sentence(*codes: str, shape: type[S]) -> Callable[[Renderer[S]], Renderer[S]]:
    """Register the renderer of ``codes`` and the shape of their data.

    Codes stay for ever, and so do the fields of a shape: old entries must stay readable.
    """

    def register(renderer: Renderer[S]) -> Renderer[S]:
        for code in codes:
            _renderers[code] = (shape, renderer)
        return renderer

    return register


def headlines(*kinds: str, shape: type[S]) -> Callable[[Headliner[S]], Headliner[S]]:
    """Register how threads of ``kinds`` are headed, from (their data, their status).

    None: the newest row speaks for the thread. An update may hold some of the fields only: what
    it leaves out stays as it is.
    """

    def register(headliner: Headliner[S]) -> Headliner[S]:
        for kind in kinds:
            _headliners[kind] = (shape, headliner)
        return headliner

    return register


def headline(kind: str, data: Mapping[str, Any], status: str) -> Headline | None:
    """A thread's headline; None where its newest row speaks for it. A failing one is plain."""
    shape, headliner = _headliners.get(kind, (None, None))
    if shape is None or headliner is None:
        return None

    def build() -> Headline | None:
        return headliner(shapes.read(shape, data), status)

    plainly = Headline(COULD_NOT_SHOW, NOTHING_LOST)
    return guarded(build, lambda: plainly, part="headline", kind=kind, status=status)


def entry_data(code: str, data: Mapping[str, Any]) -> shapes.Shape:
    """The data of an entry as a value of its code's shape; ShapeFault where it is none."""
    shape: type[shapes.Shape] = _renderers[code][0] if code in _renderers else shapes.Empty
    return shapes.read(shape, data)


def family_of(entity: str) -> Family | None:
    """The family that describes an entity, if any."""
    return _families.get(entity)


def is_silent(change: ChangeRow) -> bool:
    """Whether an update touched listed-silent columns only, or its whole step is silent."""
    if is_silent_step(change.actor_kind, change.actor_id):
        return True
    family = _families.get(change.entity)
    if family is None or change.op != "U":
        return False
    return set(change.diff) <= family.silent.get(change.entity, frozenset())


class DescriberFault(Exception):
    """A describer showed a change twice, or one that it was not given."""


def describe(changes: Sequence[ChangeRow]) -> list[Line]:
    """The lines of one step's changes to one work order; every loud change is in exactly one.

    Whatever a describer raises passes through, and so does ShapeFault for data that has not the
    shape of its code or of its thread: the caller falls back to ``plain_lines``.
    """
    lines: list[Line] = []
    changes = [c for c in changes if not is_silent_step(c.actor_kind, c.actor_id)]
    for family, members in _by_family(changes):
        lines += list(family.describe(members)) if family else []
    for line in lines:
        _check(line)
    shown = [number for line in lines for number in line.shows]
    if len(shown) != len(set(shown)) or not set(shown) <= {c.id for c in changes}:
        raise DescriberFault(f"lines show {shown} of {[c.id for c in changes]}")
    left = [c for c in changes if c.id not in set(shown) and not is_silent(c)]
    return lines + plain_lines(left)


def _check(line: Line) -> None:
    """Refuse (ShapeFault) a line whose data, or what it says of a thread, nobody could read."""
    if line.code not in _renderers:
        raise shapes.ShapeFault(f"{line.code} has no sentence")
    shapes.check(_renderers[line.code][0], plain(line.data))
    for key, update in line.threads.items():
        shape = _headliners.get(key.kind, (shapes.Empty, None))[0]
        shapes.check(shape, plain(update.data))


def _by_family(changes: Sequence[ChangeRow]) -> list[tuple[Family | None, list[ChangeRow]]]:
    groups: dict[int, tuple[Family | None, list[ChangeRow]]] = {}
    for change in changes:
        family = _families.get(change.entity)
        groups.setdefault(id(family), (family, []))[1].append(change)
    return list(groups.values())


PLAIN = "activity.plain"


def plain_lines(changes: Sequence[ChangeRow]) -> list[Line]:
    """The fallback: one technical line per change that says what changed, column by column."""
    return [
        Line(
            code=PLAIN,
            kind="technical",
            thread=ThreadKey(change.entity, change.object_id),
            shows=(change.id,),
            data={"entity": change.entity, "op": change.op, "diff": plain_diff(change)},
            technical=True,
            payment_view=change.entity.startswith("payments."),
        )
        for change in changes
    ]


def plain_diff(change: ChangeRow) -> dict[str, list[Any]]:
    """The diff with JSON-able values, for the details of an entry."""
    return {name: [plain(b), plain(a)] for name, (b, a) in sorted(change.diff.items())}


def plain(value: Any) -> Any:
    """A captured value as JSON: decimals as strings, so that no float comes near money."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def render(code: str, data: Mapping[str, Any]) -> Sentence:
    """The sentence of a stored entry; a plain one for an unknown code, or where it fails."""
    if code not in _renderers:
        return Sentence(headline=code)
    shape, renderer = _renderers[code]
    words = code.replace(".", " ").replace("_", " ")
    plainly = Sentence(f"{COULD_NOT_SHOW} Recorded as “{words}”.", NOTHING_LOST)
    return guarded(
        lambda: renderer(shapes.read(shape, data)), lambda: plainly, part="entry", code=code
    )


_OPS = {"I": "added", "U": "changed", "D": "deleted"}


class Plain(shapes.Shape):
    """A changed row that nobody describes, or whose describer failed."""

    entity: str = ""
    op: str = "U"
    diff: shapes.Diff = {}


@sentence(PLAIN, shape=Plain)
def _plain_sentence(data: Plain) -> Sentence:
    what = data.entity.split(".")[-1].replace("_", " ")
    pairs = [
        f"{name}: {_short(before)} → {_short(after)}" for name, (before, after) in data.diff.items()
    ]
    return Sentence(f"{what.capitalize()} {_OPS[data.op]}", "; ".join(pairs))


def _short(value: Any) -> str:
    return "nothing" if value in (None, "") else moments.in_words(value)
