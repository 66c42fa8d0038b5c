"""Every address. Health probes are answered earlier, by config.health.HealthMiddleware."""

from allauth.account import views as account
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView

# Only what staff need of allauth: accounts are made by admins, e-mail addresses are changed by
# them, and nobody signs up. Some names exist because allauth's own code looks them up.
to_login = RedirectView.as_view(pattern_name="account_login")
account_urls: list[URLPattern | URLResolver] = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("signup/", to_login, name="account_signup"),
    path("email/", to_login, name="account_email"),
    path("confirm-email/", to_login, name="account_email_verification_sent"),
    path("2fa/", include("allauth.mfa.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include(account_urls)),
    path("", include("accounts.urls")),
    path("", include("workorders.urls")),
    path("", include("invoicing.urls")),
    path("", include("payments.urls")),
    path("", include("console.urls")),
]

if settings.DEMO:
    urlpatterns += [path("demo/", include("sandbox.urls"))]
