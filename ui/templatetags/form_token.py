"""``{% csrf_token %}`` of every template: it also gives the form its own token.

Registered as a builtin, so no form can forget it. With the token the same form sent twice is one
request (``accounts.once``).
"""

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.once import FIELD, new_token

register = template.Library()


class FormTokensNode(CsrfTokenNode):
    """Django's token against forged requests, and one that is new each time a form is rendered."""

    def render(self, context: Context) -> SafeString:
        """Both as hidden fields; nothing where no request is at hand."""
        csrf = super().render(context)
        if not csrf:
            return SafeString("")
        token = format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_token())
        return SafeString(csrf + token)


@register.tag
def csrf_token(_parser: Parser, _token: Token) -> FormTokensNode:
    """See the module."""
    return FormTokensNode()
