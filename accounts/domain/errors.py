"""What can be wrong with a verb of this app. Each message can be shown to the person as it is."""


class TeamError(Exception):
    """A refused change of a team. ``field`` names the form field at fault, empty for none."""

    field = ""


class AlreadyMember(TeamError):
    """The invited address belongs to a member, active or deactivated."""

    field = "email"


class AlreadyInvited(TeamError):
    """An invitation to this address is open; it can be sent again or revoked."""

    field = "email"


class LastAdmin(TeamError):
    """Without this member nobody could manage the team any more."""

    field = "role"


class InvitationClosed(TeamError):
    """The invitation was accepted or revoked, so that nothing can be done to it."""


class NotAcceptable(TeamError):
    """A link that cannot be accepted; the message says why and what to do."""


class UnknownToken(NotAcceptable):
    """No invitation has this token (sending an invitation again makes a new one)."""


class Expired(NotAcceptable):
    """The invitation is older than it may be."""


class UsedUp(NotAcceptable):
    """The invitation was accepted before."""


class Revoked(NotAcceptable):
    """An admin took the invitation back."""


class OtherUser(NotAcceptable):
    """Somebody is signed in whom the invitation is not for."""


class UserExists(NotAcceptable):
    """The invited address has an account already: its owner must sign in."""


class BrandRefused(Exception):
    """A brand that cannot be founded so; ``field`` names the argument at fault."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field
