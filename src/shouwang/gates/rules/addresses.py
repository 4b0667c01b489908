"""Buildings and rooms as people write them, made one way, so that 3号楼, 3栋 and ３ are one building."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from shouwang.kernel.errors import Invalid

LENGTH_MAX = 20
_BLANKS = re.compile(r"\s+")
_BUILDING_ENDING = re.compile(r"(?:号楼|楼|栋|幢|座|号)$")
_ROOM_ENDING = re.compile(r"(?:室|号|户)$")


def tidy_building(text: str) -> str:
    """Raises Invalid when nothing is left, or too much."""
    return _tidy(text, _BUILDING_ENDING, _("请填写楼号"), "registration.building")


def tidy_room(text: str) -> str:
    """3单元502室 -> 3单元502. Raises Invalid."""
    return _tidy(text, _ROOM_ENDING, _("请填写房号"), "registration.room")


def _tidy(text: str, ending: re.Pattern[str], missing: str, reason: str) -> str:
    plain = _BLANKS.sub("", unicodedata.normalize("NFKC", text)).upper()
    short = ending.sub("", plain) or plain
    if not short:
        raise Invalid(missing, reason=reason)
    if len(short) > LENGTH_MAX:
        raise Invalid(_("楼号、房号最多 %(limit)s 个字") % {"limit": LENGTH_MAX}, reason=reason)
    return short
