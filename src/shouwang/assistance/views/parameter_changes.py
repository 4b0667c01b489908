"""How a change of a parameter is told: old and new in words, and what an officer should know before it holds."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.areas.public import area_names

from ..queries.parameter_changes import Change
from ..queries.parameters import area_label
from ..rules.benefits.catalogue import catalogue
from ..rules.parameter_groups import GROUPS, group_of, groups_reached
from ..rules.parameter_words import difference_words, source_words, value_words


def change_rows(changes: Sequence[Change]) -> list[dict[str, object]]:
    """Changes in words, one row each."""
    codes = {change.new.area_code for change in changes}
    codes |= {row.area_code for change in changes for row in (change.old, change.now) if row is not None}
    names = area_names(list(codes))
    return [
        {
            "area": area_label(change.new.area_code, names),
            "entry": catalogue()[change.new.key],
            "history_url": _history_url(change.new.key, change.new.area_code),
            "old": value_words(change.old),
            "old_area": _inherited(change, names),
            "new": value_words(change.new),
            "difference": difference_words(change.old, change.new),
            "valid_from": change.new.valid_from,
            "source": source_words(change.new),
            "is_placeholder": change.new.status.value == "placeholder",
            "hints": _hints(change, names),
        }
        for change in changes
    ]


def _inherited(change: Change, names: dict[int, str]) -> str:
    if change.old is None or change.old.area_code == change.new.area_code:
        return ""
    return area_label(change.old.area_code, names)


def _history_url(key: str, area_code: int) -> str:
    return f"{reverse('parameter_history', args=[key])}?area={area_code}"


def _hints(change: Change, names: dict[int, str]) -> list[str]:
    """What an officer should know before they put it in force."""
    hints = []
    if change.new.text is None:
        above = value_words(change.now)
        area = area_label(change.now.area_code, names) if change.now else ""
        hints.append(_("以后按上级标准：%(above)s %(area)s") % {"above": above, "area": area})
    if change.line_count:
        hints.append(
            _("最近一月发放 %(lines)s 笔，涉及 %(units)s 个发放单位")
            % {"lines": f"{change.line_count:,}", "units": len(change.units)}
        )
    others = [str(GROUPS[group]) for group in groups_reached(change.new.key) if group != group_of(change.new.key)]
    if others:
        hints.append(_("%(others)s随之变化") % {"others": "、".join(others)})
    if change.paid_months:
        hints.append(
            _("%(months)s 已经发放，差额要补发或追回")
            % {"months": "、".join(f"{month:%Y-%m}" for month in change.paid_months)}
        )
    return hints
