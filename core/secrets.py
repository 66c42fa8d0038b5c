"""Secrets at rest: encrypted with keys derived from ``PAYSTORY_SECRET_KEYS`` (newest first).

Without that setting the key is derived from ``SECRET_KEY``. Rotating means putting a new key
in front; old ones stay readable until every row has been written again.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretUnreadable(Exception):
    """The stored secret was written with a key that we no longer have."""


def _box() -> MultiFernet:
    keys: list[str] = list(getattr(settings, "PAYSTORY_SECRET_KEYS", [])) or [settings.SECRET_KEY]
    digests = (hashlib.sha256(b"paystory.secrets:" + key.encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(d)) for d in digests])


def seal(plain: str) -> str:
    """Encrypt ``plain`` for storage."""
    return _box().encrypt(plain.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt what ``seal`` made. Raises SecretUnreadable when no key fits."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable("none of the configured keys opens this secret") from error
