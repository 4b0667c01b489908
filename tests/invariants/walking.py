"""Walking every address: two counties in a database, a signed-in client for each post, and what an answer says."""

from __future__ import annotations

import io
import re
from typing import Any

from django.apps import apps
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode
from python_calamine import CalamineWorkbook

from shouwang.accounts.public import User
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import FULL, use_scope
from tests.assistance.payments.setting import hold_standards

from .addresses import ADDRESSES, CONSTANTS, routed
from .counties import FANGZI, HANTING, SEATS, Samples, arguments_for, officers_of
from .samples import build, register_who_will_move

ROUTES = dict(routed())


def _is_record(name: str) -> bool:
    """Whether the address names a record of a county, or a county: the neighbour has no such page."""
    arguments = {argument for argument in ROUTES.get(name, []) if f"{name}.{argument}" not in CONSTANTS}
    return bool(arguments - {"measure_id"}) or name in ("bulletin", "figure_rows")


RECORDS = sorted(name for name in ADDRESSES if _is_record(name))
LISTS = sorted(set(ADDRESSES) - set(RECORDS))
WRITES = sorted(name for name, address in ADDRESSES.items() if address.sends)
_NEW_AT_EVERY_ASKING = re.compile(
    r'(csrfmiddlewaretoken|request_id)" value="[^"]*"|X-CSRFToken[^}]*|[0-9a-f]{8}-[0-9a-f-]{27}'
)


class World:
    """Two counties, and what one county's lists said while the other had nothing, and after it had everything."""

    def __init__(self) -> None:
        places = (HANTING, FANGZI)
        officers = {place: officers_of(place) for place in places}
        self._clients = {(place, role): _signed_in(officers[place][role]) for place in places for role in SEATS}
        with use_scope(FULL):
            hold_standards()
        for place in places:
            register_who_will_move(place)
        self.theirs = build(FANGZI, officers[FANGZI])
        self.alone = self._neighbours_lists()
        self.ours = build(HANTING, officers[HANTING])
        self.beside = self._neighbours_lists()

    def owner(self, role: str) -> Client:
        return self._clients[HANTING, role]

    def neighbour(self, role: str) -> Client:
        return self._clients[FANGZI, role]

    def _neighbours_lists(self) -> dict[str, str]:
        """The neighbour's own pages, less what is new at every asking."""
        pages = {name: self.neighbour(ADDRESSES[name].owner).get(url_of(name, self.theirs)) for name in LISTS}
        return {name: _NEW_AT_EVERY_ASKING.sub("", text_of(page)) for name, page in pages.items()}


def _signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=actor.user_id))
    return client


def url_of(name: str, samples: Samples) -> str:
    """The address of the sample, with its query."""
    constants = {key.partition(".")[2]: value for key, value in CONSTANTS.items() if key.partition(".")[0] == name}
    names = [argument for argument in ROUTES[name] if argument not in constants]
    url = reverse(name, kwargs=arguments_for(samples, name, names) | constants)
    query = ADDRESSES[name].query
    return f"{url}?{urlencode(query(samples))}" if query else url


def sent(name: str, samples: Samples) -> dict[str, Any]:
    """What the owner posts there."""
    sends = ADDRESSES[name].sends
    return dict(sends(samples)) if sends else {}


def text_of(answer: HttpResponseBase) -> str:
    """All that a page or a file says, headers included."""
    headers = "\n".join(f"{key}: {value}" for key, value in answer.items())
    content = _content(answer)
    if content.startswith(b"PK"):
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
        return headers + "\n".join(str(cell) for row in rows for cell in row)
    return headers + content.decode("utf-8", errors="replace")


def _content(answer: HttpResponseBase) -> bytes:
    if not answer.streaming:
        return bytes(answer.content)  # type: ignore[attr-defined]
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    for close in answer._resource_closers:  # type: ignore[attr-defined]  # answer.close() would close the connection
        close()
    return content


def refusal_of(answer: HttpResponseBase) -> str:
    """What a page says it refused."""
    return " ".join(
        re.findall(r'(?:role="alert"|invalid-feedback|errorlist)[^>]*>(.*?)</(?:div|ul)>', text_of(answer), re.S)
    )


def leaks(answer: HttpResponseBase, markers: frozenset[str], *, asked: str = "") -> list[str]:
    """Markers that the answer shows, less those that the question itself held."""
    said = text_of(answer)
    return sorted(marker for marker in markers if marker in said and marker not in asked)


_UNCOUNTED = {"kernel_auditentry"}


def written() -> dict[str, tuple[int, int]]:
    """Count and digest of the rows of every table, the audit and the area tree aside."""
    tables = [
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.managed and model._meta.app_label != "areas" and model._meta.db_table not in _UNCOUNTED
    ]
    statement = " union all ".join(
        f"select '{table}', count(*), coalesce(sum(hashtext(t::text)), 0) from {table} t" for table in tables
    )
    with use_scope(FULL), connection.cursor() as cursor:
        cursor.execute(statement)
        return {table: (count, digest) for table, count, digest in cursor.fetchall()}
