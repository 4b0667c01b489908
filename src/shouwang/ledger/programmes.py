"""What a fund may be spent on: programmes, declared by the apps that pay them. The book knows their codes and names only."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from .errors import EntryInvalid

_programmes: dict[str, str | Promise] = {}


def register_programme(code: str, label: str | Promise) -> None:
    """Declare a programme, once, in AppConfig.ready()."""
    if code in _programmes:
        raise ValueError(f"the programme {code!r} is declared already")
    _programmes[code] = label


def programme_choices() -> list[tuple[str, str | Promise]]:
    return list(_programmes.items())


def check_programmes(codes: tuple[str, ...]) -> None:
    """Raises EntryInvalid for a programme that nobody pays: a fund for it could never be spent."""
    for code in codes:
        if code not in _programmes:
            raise EntryInvalid(
                _("没有救助项目“%(code)s”") % {"code": code}, reason="ledger.unknown_programme", code=code
            )
