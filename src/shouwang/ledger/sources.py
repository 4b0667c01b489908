"""Where an entry came from: "batch:<id>" as words and a link. The apps that write entries register their prefixes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from shouwang.kernel.actor import Actor

RECEIPT, TRANSFER = "receipt", "transfer"
OWN_SOURCES = frozenset({RECEIPT, TRANSFER})
"""Prefixes of what finance books by hand: nobody else's record."""


@dataclass(frozen=True, slots=True)
class SourceLink:
    """What an entry's source is called, and its page (empty when it has none, or none for this actor)."""

    label: str
    url: str = ""


Resolver = Callable[[Actor, str], SourceLink]
_resolvers: dict[str, Resolver] = {}


def register_source(prefix: str, resolver: Resolver) -> None:
    """`resolver(actor, id)` answers for sources "prefix:id". Called once a prefix, in AppConfig.ready()."""
    if prefix in _resolvers:
        raise ValueError(f"the source {prefix!r} has a resolver already")
    _resolvers[prefix] = resolver


def source_link(actor: Actor, source: str) -> SourceLink:
    """The source in words; one that nobody registered is shown as it is written."""
    prefix, _separator, subject = source.partition(":")
    resolver = _resolvers.get(prefix)
    return resolver(actor, subject) if resolver else SourceLink(label=source)


def register_own() -> None:
    register_source(RECEIPT, lambda _actor, _subject: SourceLink(_("财务登记拨入")))
    register_source(TRANSFER, lambda _actor, _subject: SourceLink(_("财务调拨")))
