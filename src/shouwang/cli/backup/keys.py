"""The keys that a backup needs and never holds.

The manifest names each key by its id and a check value: a keyed digest that tells whether a key is the same one and
nothing else about it (the keys are 32 random bytes, which cannot be guessed).
"""

import hmac
from typing import Any

from django.conf import settings

from shouwang.kernel import crypto

from .errors import BackupError

KEY_ID_BYTES = crypto.KEY_ID_BYTES
CIPHERTEXT_VERSION = crypto.VERSION[0]
SHORTEST_CIPHERTEXT = 1 + crypto.KEY_ID_BYTES + crypto.NONCE_BYTES + crypto.TAG_BYTES
_CHECKED = b"shouwang backup: is it the same key?"


def check_value(key_id: str) -> str | None:
    """The check value of a key of this installation's ring; None when it is not there."""
    key = dict(settings.SHOUWANG_KEY_RING).get(key_id)
    return _check(key) if key is not None else None


def index_check_value() -> str:
    return _check(settings.SHOUWANG_INDEX_KEY)


def _check(key: bytes) -> str:
    return hmac.digest(key, _CHECKED, "sha256")[:8].hex()


def encrypted_columns() -> set[tuple[str, str]]:
    """(table, column) of every field whose values are ciphertexts."""
    from django.apps import apps

    from shouwang.kernel.fields import EncryptedTextField

    return {
        (model._meta.db_table, str(field.column))
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, EncryptedTextField)
    }


def missing(needed: dict[str, Any]) -> list[str]:
    """What this installation lacks of the keys of a manifest, in words; empty when it can open every value."""
    lacking = []
    for key in needed["ring"]:
        found = check_value(key["id"])
        if found is None:
            lacking.append(f"{key['id']} ({key['values']:,} values)")
        elif key["check"] is not None and key["check"] != found:
            lacking.append(f"{key['id']} ({key['values']:,} values; SHOUWANG_KEYS holds another key of that id)")
    if needed["index_check"] != index_check_value():
        lacking.append("the index key (SHOUWANG_INDEX_KEY is another one)")
    return lacking


def require(needed: dict[str, Any]) -> None:
    """Raises BackupError that names every key this installation lacks."""
    if lacking := missing(needed):
        raise BackupError(
            f"This installation lacks keys of the backup: {', '.join(lacking)}. Set SHOUWANG_KEYS and "
            "SHOUWANG_INDEX_KEY to those of the installation that made it."
        )
