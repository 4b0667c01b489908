"""The A4 sheet of pass cards: large print, a code of 45 mm (35 to 60 mm read well), to be cut apart.

A card says as much as a keeper compares: the masked name, the last four of the ID number, building and room. Who finds a
lost card learns no more.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.documents import Card, Cards, Paper

from ..models import Pass
from ..queries.passes import holder_words

CODE_MM = 45


def card_sheet(passes: Sequence[Pass]) -> Paper:
    """The cards in the order given: by building and room."""
    return Paper(title=_("通行证"), blocks=[Cards([_card(one) for one in passes], columns=2, code_mm=CODE_MM)])


def _card(one: Pass) -> Card:
    name, tail = holder_words(one)
    home = one.holder.registration if one.holder is not None else None
    place = f"{one.estate.name} {home.building} - {home.room}" if home is not None else one.estate.name
    who = f"{name}　{tail}" if tail else name
    lines = [place, one.get_kind_display()]
    if one.purpose:
        lines.append(one.purpose)
    until = one.expires_at.astimezone(clock.TZ)
    lines.append(_("有效期到 %(day)s") % {"day": f"{until:%Y-%m-%d %H:%M}"})
    lines.append(_("编号 %(number)s") % {"number": one.id})
    return Card(title=who, lines=lines, code=one.text)
