"""How changes of a team read on the brand's feed. Names and roles are as they were."""

from collections.abc import Iterator, Sequence
from typing import Any

from accounts.models import Role
from activity.describe import (
    ChangeRow,
    Line,
    Sentence,
    ThreadKey,
    ThreadUpdate,
    describes,
    headlines,
    plain,
    sentence,
)
from activity.shapes import Shape
from core import moments

MEMBER, INVITATION = "accounts.membership", "accounts.invitation"


@describes(MEMBER, INVITATION)
def describe_team(changes: Sequence[ChangeRow]) -> Iterator[Line]:
    """One line per fact; somebody who joins by accepting an invitation is one fact."""
    members = [c for c in changes if c.entity == MEMBER]
    invitations = [c for c in changes if c.entity == INVITATION]
    joins = [c for c in members if c.op == "I"]
    accepts = [c for c in invitations if _is_accepted(c)]
    if len(joins) == 1 and len(accepts) == 1 and joins[0].now["role"] == accepts[0].now["role"]:
        yield _joined(joins[0], accepts[0])
        members.remove(joins[0])
        invitations.remove(accepts[0])
    for change in members:
        yield _member_line(change)
    for change in invitations:
        yield _invitation_line(change)


def _is_accepted(change: ChangeRow) -> bool:
    """An update that sets when it was accepted, and nothing else."""
    diff = change.diff
    return change.op == "U" and set(diff) == {"accepted_at"} and diff["accepted_at"][0] is None


def _joined(join: ChangeRow, accept: ChangeRow) -> Line:
    thread = ThreadKey("member", join.object_id)
    data = {**join.now, "email": accept.now["email"]}
    return Line(
        code="team.joined",
        kind="team",
        thread=thread,
        shows=(join.id, accept.id),
        data=data,
        state="succeeded" if join.now["is_active"] else "voided",
        threads={thread: _headline(join)},
        moves=(ThreadKey("invitation", accept.object_id),),
    )


def _member_line(change: ChangeRow) -> Line:
    thread = ThreadKey("member", change.object_id)
    code, state = _member_code(change)
    return Line(
        code=code,
        kind="team",
        thread=thread,
        shows=(change.id,),
        data={**change.now, "was": _was(change)},
        state=state,
        threads={thread: _headline(change)},
    )


def _member_code(change: ChangeRow) -> tuple[str, str]:
    if change.op == "I":
        return "team.added", "succeeded" if change.now["is_active"] else "voided"
    if change.op == "D":
        return "team.removed", "voided"
    if "is_active" in change.diff:
        on = change.now["is_active"]
        return ("team.reactivated", "succeeded") if on else ("team.deactivated", "voided")
    return ("team.role_changed" if "role" in change.diff else "team.renamed"), "neutral"


def _headline(change: ChangeRow) -> ThreadUpdate:
    active = change.op != "D" and change.now["is_active"]
    return ThreadUpdate(
        state="succeeded" if active else "voided",
        status="active" if active else "deactivated",
        data={"name": change.now["user_label"], "role": change.now["role"]},
    )


def _invitation_line(change: ChangeRow) -> Line:
    thread = ThreadKey("invitation", change.object_id)
    code, state = _invitation_code(change)
    return Line(
        code=code,
        kind="team",
        thread=thread,
        shows=(change.id,),
        data={**change.now, "was": _was(change)},
        state=state,
        threads={thread: ThreadUpdate(state=state, status=code.removeprefix("team.invitation_"))},
    )


def _invitation_code(change: ChangeRow) -> tuple[str, str]:
    if change.op == "D":
        return "team.invitation_deleted", "voided"
    if change.op == "I":
        return "team.invitation_sent", "pending"
    if "revoked_at" in change.diff and change.now["revoked_at"]:
        return "team.invitation_revoked", "voided"
    if "accepted_at" in change.diff and change.now["accepted_at"]:
        return "team.invitation_accepted", "succeeded"
    return "team.invitation_changed", "neutral"


def _was(change: ChangeRow) -> dict[str, Any]:
    """What an update replaced, by column."""
    return {n: plain(b) for n, (b, _) in change.diff.items()} if change.op == "U" else {}


# --- sentences: codes and their data stay for ever ---


class MemberEntry(Shape):
    """Somebody of the team; ``was`` holds what an update replaced, by column.

    ``email`` is that of the invitation with which they joined.
    """

    user_label: str = ""
    role: str = ""
    is_active: bool = True
    email: str = ""
    was: dict[str, Any] = {}


class InvitationEntry(Shape):
    """An invitation; ``was`` holds what an update replaced, by column."""

    email: str = ""
    role: str = ""
    accepted_at: str = ""
    revoked_at: str = ""
    was: dict[str, Any] = {}


class MemberThread(Shape):
    """Somebody of the team."""

    name: str = ""
    role: str = ""


@headlines("member", shape=MemberThread)
def _member_headline(data: MemberThread, status: str) -> None:
    """The newest row speaks for it."""


@sentence("team.joined", shape=MemberEntry)
def _say_joined(data: MemberEntry) -> Sentence:
    off = "" if data.is_active else ", deactivated"
    return Sentence(
        f"{data.user_label} joined as {_role(data.role)}{off}",
        second=f"Accepted the invitation to {data.email}.",
    )


@sentence("team.added", shape=MemberEntry)
def _say_added(data: MemberEntry) -> Sentence:
    off = "" if data.is_active else ", deactivated"
    return Sentence(f"{data.user_label} joined as {_role(data.role)}{off}")


@sentence("team.removed", shape=MemberEntry)
def _say_removed(data: MemberEntry) -> Sentence:
    state = "active" if data.is_active else "deactivated"
    return Sentence(
        f"{data.user_label} was removed from the team",
        second=f"Was {state}, with the role {_role(data.role)}.",
    )


@sentence("team.deactivated", shape=MemberEntry)
def _say_deactivated(data: MemberEntry) -> Sentence:
    return Sentence(f"{data.user_label} was deactivated", second=_besides(data, "is_active"))


@sentence("team.reactivated", shape=MemberEntry)
def _say_reactivated(data: MemberEntry) -> Sentence:
    return Sentence(
        f"{data.user_label} was reactivated as {_role(data.role)}",
        second=_besides(data, "is_active"),
    )


@sentence("team.role_changed", shape=MemberEntry)
def _say_role(data: MemberEntry) -> Sentence:
    was, now = _role(data.was["role"]), _role(data.role)
    return Sentence(
        f"Role of {data.user_label} changed: {was} → {now}", second=_besides(data, "role")
    )


@sentence("team.renamed", shape=MemberEntry)
def _say_renamed(data: MemberEntry) -> Sentence:
    return Sentence(f"{data.was['user_label']} is now called {data.user_label}")


@sentence("team.invitation_sent", shape=InvitationEntry)
def _say_sent(data: InvitationEntry) -> Sentence:
    done = [word for word in ("accepted", "revoked") if getattr(data, f"{word}_at")]
    second = f"Already {' and '.join(done)}." if done else ""
    return Sentence(f"Invitation sent to {_as(data)}", second=second)


@sentence("team.invitation_accepted", shape=InvitationEntry)
def _say_accepted(data: InvitationEntry) -> Sentence:
    return Sentence(
        f"Invitation to {_as(data)} accepted",
        second=_besides(data, "accepted_at"),
        details=_moment(data, "accepted_at"),
    )


@sentence("team.invitation_revoked", shape=InvitationEntry)
def _say_revoked(data: InvitationEntry) -> Sentence:
    return Sentence(
        f"Invitation to {_as(data)} revoked",
        second=_besides(data, "revoked_at"),
        details=_moment(data, "revoked_at"),
    )


@sentence("team.invitation_changed", shape=InvitationEntry)
def _say_changed(data: InvitationEntry) -> Sentence:
    return Sentence(f"Invitation to {_as(data)} changed", second=_besides(data))


@sentence("team.invitation_deleted", shape=InvitationEntry)
def _say_deleted(data: InvitationEntry) -> Sentence:
    state = "accepted" if data.accepted_at else "revoked" if data.revoked_at else "open"
    return Sentence(f"Invitation to {_as(data)} deleted", second=f"It was {state}.")


_WORDS = {
    "user_label": "Name",
    "role": "Role",
    "is_active": "Active",
    "email": "E-mail",
    "accepted_at": "Accepted",
    "revoked_at": "Revoked",
}


def _besides(data: MemberEntry | InvitationEntry, *shown: str) -> str:
    """What else changed at once: ``Role: CSR → Billing``."""
    left = [name for name in data.was if name not in shown]
    return "; ".join(
        f"{_WORDS[n]}: {_value(n, data.was[n])} → {_value(n, getattr(data, n))}" for n in left
    )


def _moment(data: InvitationEntry, column: str) -> tuple[tuple[str, str, str], ...]:
    """When exactly, for the details: it need not be when the entry happened."""
    return ((_WORDS[column], _value(column, getattr(data, column)), "text"),)


def _value(column: str, value: Any) -> str:
    if column.endswith("_at") and value:
        return moments.stored_moment_text(value)
    if column == "role":
        return _role(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value in (None, "") else str(value)


def _as(data: InvitationEntry) -> str:
    return f"{data.email} as {_role(data.role)}"


def _role(value: str) -> str:
    return Role(value).label if value in Role.values else str(value)
