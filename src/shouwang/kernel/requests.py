"""A form brings the id of what it makes, and may be sent twice: the same content is the first answer once more, another
content is refused, and two at once take turns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from . import crypto
from .errors import Conflict


def take_turns(ids: Iterable[UUID]) -> None:
    """One request of each id at a time, until the transaction ends; sorted, so that two cannot deadlock."""
    with connection.cursor() as cursor:
        for one in sorted(set(ids)):
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"request:{one}"])


def digest_of(*said: object) -> bytes:
    """16 bytes that are equal for equal content; keyed, because a request may name persons. Bytes stand for a file."""
    words = (hashlib.sha256(one).hexdigest() if isinstance(one, bytes) else repr(one) for one in said)
    return crypto.blind_index("request", "\0".join(words))


def ensure_same(before: object, now: object) -> None:
    """Raises Conflict, `request.reused`, when the id has been used for something else."""
    if before != now:
        raise reused()


def reused() -> Conflict:
    return Conflict(_("这份表单已经提交过，内容与这次不同。请刷新页面后重新填写"), reason="request.reused")
