"""URLs of this app."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import account, entrance, team

TEAM = "b/<slug:brand_slug>/team/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", entrance.home, name="home"),
    path("account/", account.account, name="account"),
    path("invitations/<str:token>/", entrance.invitation, name="invitation"),
    path(TEAM, team.team, name="team"),
    path(f"{TEAM}invite/", team.team_invite, name="team_invite"),
    path(
        f"{TEAM}invitations/<int:invitation_id>/resend/",
        team.team_invitation_resend,
        name="team_invitation_resend",
    ),
    path(
        f"{TEAM}invitations/<int:invitation_id>/revoke/",
        team.team_invitation_revoke,
        name="team_invitation_revoke",
    ),
    path(f"{TEAM}<int:member_id>/", team.team_member, name="team_member"),
    path(
        f"{TEAM}<int:member_id>/deactivate/",
        team.team_member_deactivate,
        name="team_member_deactivate",
    ),
    path(
        f"{TEAM}<int:member_id>/reactivate/",
        team.team_member_reactivate,
        name="team_member_reactivate",
    ),
]
