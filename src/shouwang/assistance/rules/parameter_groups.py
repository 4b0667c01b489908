"""Which parameters belong together on a page, and which programmes an amount of theirs reaches. Pure.

The group of a key is its first word; a programme's keys are those that its rule says it reads, and those of its group.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .benefits.catalogue import catalogue

GROUPS: Mapping[str, str | Promise] = MappingProxyType(
    {
        "dibao": _("最低生活保障"),
        "tekun": _("特困人员救助供养"),
        "relief": _("临时救助"),
        "price_subsidy": _("价格临时补贴"),
        "disability": _("残疾人两项补贴"),
        "child": _("孤儿和事实无人抚养儿童"),
        "old_age": _("高龄津贴"),
        "one_off": _("一次性补助"),
    }
)
"""In the order of the catalogue; a national index belongs to the price subsidy, the minimum wage to tekun's care."""

_ELSEWHERE: Mapping[str, str] = MappingProxyType({"price_index": "price_subsidy", "minimum_wage": "tekun"})

_RESTS_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "tekun": ("dibao.standard.urban", "dibao.standard.rural"),
        "price_subsidy": ("dibao.standard.urban", "dibao.standard.rural"),
        "relief": ("dibao.standard.urban",),
    }
)

_NO_PART_OF_AN_AMOUNT = frozenset(
    {"dibao.borderline.below", "tekun.elderly.age_from", "tekun.minor.age_below", "tekun.funeral.months"}
)
"""Who is eligible, or what is paid apart from the month."""

_READ_ONLY_WHEN: tuple[tuple[str, str, str], ...] = (
    (r"dibao\.tier\.", "dibao.amount.mode", "tiers"),
    (r"dibao\.single_person\.amount", "dibao.single_person.mode", "fixed"),
    (r"dibao\.surcharge\.(elderly|minor|severely_disabled|seriously_ill)$", "dibao.surcharge.basis", "amount"),
    (r"dibao\.surcharge\..*\.percent$", "dibao.surcharge.basis", "percent"),
    (r"tekun\.care\.(dispersed|concentrated)\.(self|half|full)$", "tekun.care.base", "amount"),
    (r"tekun\.care\..*\.percent$|minimum_wage$", "tekun.care.base", "minimum_wage"),
)
"""Pattern of a key, the key of the choice that it hangs on, and the choice for which a rule reads it."""

_GROUP_OF_PROGRAMME: Mapping[str, str] = MappingProxyType(
    {
        "temporary_relief": "relief",
        "disability_living": "disability",
        "disability_nursing": "disability",
        "orphan": "child",
        "unattended_child": "child",
    }
)


def group_of(key: str) -> str:
    first = key.partition(".")[0]
    return _ELSEWHERE.get(first, first)


def group_of_programme(programme: str) -> str:
    return _GROUP_OF_PROGRAMME.get(programme, programme)


@lru_cache(maxsize=64)
def keys_of(programme: str) -> tuple[str, ...]:
    """The keys that an amount of the programme may rest on, in the catalogue's order."""
    group = group_of_programme(programme)
    others = _RESTS_ON.get(group, ())
    return tuple(key for key in catalogue() if group_of(key) == group or key in others)


def amounts_rest_on(programme: str, choice_of: Callable[[str], str]) -> tuple[str, ...]:
    """Of `keys_of` those that an amount really rests on; `choice_of` a key tells what an area has chosen."""
    return tuple(key for key in keys_of(programme) if key not in _NO_PART_OF_AN_AMOUNT and _is_read(key, choice_of))


def _is_read(key: str, choice_of: Callable[[str], str]) -> bool:
    return all(choice_of(switch) == choice for pattern, switch, choice in _READ_ONLY_WHEN if re.match(pattern, key))


@lru_cache(maxsize=256)
def groups_reached(key: str) -> tuple[str, ...]:
    """The groups whose amounts a change of the key reaches."""
    return tuple(group for group in GROUPS if key in keys_of(group))
