"""Sensitive values: encrypted at rest, found by a keyed index, shown masked.

AES-256-GCM with a key ring; the key's id stands in the ciphertext, so keys can be rotated without touching rows. The
purpose (which column) is authenticated, so a value cannot be moved to another column. The blind index is a keyed
digest for exact look-up; it is never shown or exported.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = b"\x01"
KEY_ID_BYTES = 4
NONCE_BYTES = 12
TAG_BYTES = 16
_BLOCK_BYTES = hashlib.sha256().block_size
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class CannotDecrypt(Exception):
    """The ciphertext is damaged, was made for another column, or its key is not in the ring."""


@lru_cache(maxsize=4)
def _ring(keys: tuple[tuple[str, bytes], ...]) -> tuple[bytes, dict[bytes, AESGCM]]:
    ciphers = {key_id.encode().ljust(KEY_ID_BYTES, b"\0"): AESGCM(key) for key_id, key in keys}
    return keys[0][0].encode().ljust(KEY_ID_BYTES, b"\0"), ciphers


def encrypt(value: str, *, purpose: str) -> bytes:
    """`value` sealed under the ring's first key, for one purpose."""
    return encrypt_bytes(value.encode(), purpose=purpose)


def encrypt_bytes(value: bytes, *, purpose: str) -> bytes:
    """The same for a part of a file."""
    key_id, ciphers = _ring(settings.SHOUWANG_KEY_RING)
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + key_id + nonce + ciphers[key_id].encrypt(nonce, value, purpose.encode())


def sealer(purpose: str) -> Callable[[str], bytes]:
    """`encrypt` for one purpose, with the key at hand: what a bulk load calls for every row."""
    key_id, ciphers = _ring(settings.SHOUWANG_KEY_RING)
    head, seal, authenticated = VERSION + key_id, ciphers[key_id].encrypt, purpose.encode()

    def seal_value(value: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return head + nonce + seal(nonce, value.encode(), authenticated)

    return seal_value


def indexer(kind: str) -> Callable[[str], bytes]:
    """`blind_index` for one kind: what a bulk load calls for every row.

    The key's two blocks (RFC 2104) and the kind are hashed once, which makes an index in a third of the time.
    """
    key = settings.SHOUWANG_INDEX_KEY
    block = (key if len(key) <= _BLOCK_BYTES else hashlib.sha256(key).digest()).ljust(_BLOCK_BYTES, b"\0")
    inner = hashlib.sha256(block.translate(_INNER) + f"{kind}\0".encode())
    outer = hashlib.sha256(block.translate(_OUTER))

    def index_of(value: str) -> bytes:
        inside, outside = inner.copy(), outer.copy()
        inside.update(value.encode())
        outside.update(inside.digest())
        return outside.digest()[:16]

    return index_of


def decrypt(sealed: bytes, *, purpose: str) -> str:
    """The value again. Raises CannotDecrypt."""
    return decrypt_bytes(sealed, purpose=purpose).decode()


def decrypt_bytes(sealed: bytes, *, purpose: str) -> bytes:
    """What `encrypt_bytes` sealed. Raises CannotDecrypt."""
    sealed = bytes(sealed)
    key_id = sealed[1 : 1 + KEY_ID_BYTES]
    nonce_end = 1 + KEY_ID_BYTES + NONCE_BYTES
    _, ciphers = _ring(settings.SHOUWANG_KEY_RING)
    if len(sealed) < nonce_end + TAG_BYTES:
        raise CannotDecrypt("the ciphertext is cut off")
    if sealed[:1] != VERSION or key_id not in ciphers:
        raise CannotDecrypt(f"key {key_id!r} is not in the ring")
    try:
        return ciphers[key_id].decrypt(sealed[1 + KEY_ID_BYTES : nonce_end], sealed[nonce_end:], purpose.encode())
    except InvalidTag as error:
        raise CannotDecrypt(f"the ciphertext does not belong to {purpose}") from error


def blind_index(kind: str, value: str) -> bytes:
    """16 bytes that are equal for equal values of one kind (id_number, phone, account) and say nothing else."""
    return hmac.digest(settings.SHOUWANG_INDEX_KEY, f"{kind}\0{value}".encode(), "sha256")[:16]


def mask_id_number(number: str) -> str:
    """370703198001011486 -> 370703********1486."""
    return number[:6] + "*" * max(len(number) - 10, 0) + number[-4:] if len(number) > 10 else "*" * len(number)


def mask_phone(phone: str) -> str:
    """13812345678 -> 138****5678."""
    return phone[:3] + "****" + phone[-4:] if len(phone) >= 8 else "*" * len(phone)


def mask_account(account: str) -> str:
    """6217001234567890123 -> ****0123."""
    return "****" + account[-4:] if len(account) >= 8 else "*" * len(account)


def mask_name(name: str) -> str:
    """张三 -> 张*, 欧阳建国 -> 欧**国: for notice boards and other people's eyes."""
    letters = unicodedata.normalize("NFC", name)
    if len(letters) <= 2:
        return letters[:1] + "*" * (len(letters) - 1)
    return letters[:1] + "*" * (len(letters) - 2) + letters[-1:]
