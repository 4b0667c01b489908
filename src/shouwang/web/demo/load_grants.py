"""Grants of the demo: who was taken over when the system began, who was admitted since, and what changed.

Everybody comes in through the first door, by a county's list as document: the list of December for those in force, a
list a month for those newly admitted. A cut that the pause of exits forbids is asked for all the same, and kept for
review.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from uuid import UUID

from shouwang.accounts.public import Role
from shouwang.assistance.public import (
    ChangeCause,
    GrantChange,
    GrantChangeKind,
    TakenOver,
    change_grants,
    list_grants_for,
    take_over_grants,
)

from .city.calendar import FEBRUARY, JANUARY, MARCH
from .city.seeds import GrantSeed, MonthlyAmount
from .diary import Diary, moment
from .load_places import register_county_list
from .town import Town

GRANTS, CHANGES = "在保对象", "在保变更"

TAKEN_OVER_ON = date(2019, 12, 30)
CHANGED_ON = {FEBRUARY: date(2020, 2, 3), MARCH: date(2020, 3, 2)}
"""The morning on which a month's changes were entered, before its list."""

_BEFORE = {FEBRUARY: JANUARY, MARCH: FEBRUARY}


def write_grants(town: Town, halves: tuple[Diary, Diary], diary: Diary) -> None:
    """What was taken over goes with the half of the register that it rests on."""
    for unit, seeds in _by_unit([*town.city.dibao_grants, *town.city.tekun_grants]).items():
        taken_over = [seed for seed in seeds if seed.steps is None]
        title = f"2019年12月低保、特困在册人员名单（演示·{town.unit_names[unit]}）"
        half = halves[unit in town.halves[1]]
        _write_list(town, half, unit, title, TAKEN_OVER_ON, taken_over)
        for start in (JANUARY, FEBRUARY, MARCH):
            admitted = [seed for seed in seeds if seed.steps is not None and seed.starts_on == start]
            if admitted:
                title = f"{start:%Y年%-m月}低保、特困新增对象名单（演示·{town.unit_names[unit]}）"
                decided_on = max(seed.steps.approved_on for seed in admitted if seed.steps is not None)
                _write_list(town, diary, unit, title, decided_on, admitted)
    for month, day in CHANGED_ON.items():
        for unit, changes in _changes(town, month, day).items():
            act = partial(_record_changes, town, unit, changes, month)
            diary.write(moment(day, 9, 50), CHANGES, act, size=len(changes))


def _by_unit(seeds: Iterable[GrantSeed]) -> dict[int, list[GrantSeed]]:
    units: defaultdict[int, list[GrantSeed]] = defaultdict(list)
    for seed in seeds:
        units[seed.reporting_unit].append(seed)
    return dict(units)


def _write_list(town: Town, diary: Diary, unit: int, title: str, on: date, seeds: Sequence[GrantSeed]) -> None:
    act = partial(_take_over, town, unit, title, seeds)
    diary.write(moment(on, 16), GRANTS, act, size=len(seeds))


def _take_over(town: Town, unit: int, title: str, seeds: Sequence[GrantSeed]) -> None:
    with town.acting(Role.COUNTY_OFFICER, unit) as actor:
        document_id = register_county_list(town, actor, title)
        rows = [
            TakenOver(seed.programme, *_subject(town, seed), seed.starts_on, _total(seed.months[0])) for seed in seeds
        ]
        take_over_grants(actor=actor, document_id=document_id, rows=rows)


def _subject(town: Town, seed: GrantSeed) -> tuple[UUID | None, UUID | None]:
    """Household or person."""
    if seed.person_key is not None:
        return None, town.person_ids[seed.person_key]
    return town.household_ids[seed.household_key], None


def _total(amount: MonthlyAmount) -> int:
    return amount.base_fen + amount.supplement_fen


WantedChange = tuple[GrantChangeKind, int | None, ChangeCause, str]


def _change(town: Town, seed: GrantSeed, month: date) -> WantedChange | None:
    """What the officers enter for a month, None when it goes on as before."""
    amounts = {amount.month: amount for amount in seed.months}
    before, after = amounts.get(_BEFORE[month]), amounts.get(month)
    if before is None:
        return None
    is_death = seed.household_key in town.bereaved
    if after is None:
        return GrantChangeKind.END, None, ChangeCause.DEATH, "对象死亡"
    if month == MARCH and seed.household_key in town.found_work:
        return GrantChangeKind.END, None, ChangeCause.INCOME, "家庭人均收入超过低保标准"
    if _total(after) == _total(before):
        return None
    if before.person_keys == after.person_keys:
        return GrantChangeKind.CHANGE, _total(after), ChangeCause.STANDARD, "分类施保或补助标准变化"
    if is_death:
        return GrantChangeKind.CHANGE, _total(after), ChangeCause.DEATH, "家庭成员死亡"
    return GrantChangeKind.CHANGE, _total(after), ChangeCause.MEMBERS, "家庭成员变化"


def _changes(town: Town, month: date, day: date) -> dict[int, list[tuple[GrantSeed, WantedChange]]]:
    """By the unit where the household lives on the day: grants move with their people."""
    moved_to = {move.household_key: move.to_reporting_unit for move in town.city.moves if move.recorded_on < day}
    changes: defaultdict[int, list[tuple[GrantSeed, WantedChange]]] = defaultdict(list)
    for seed in (*town.city.dibao_grants, *town.city.tekun_grants):
        change = _change(town, seed, month)
        if change is not None:
            changes[moved_to.get(seed.household_key, seed.reporting_unit)].append((seed, change))
    return dict(changes)


def _record_changes(town: Town, unit: int, wanted: list[tuple[GrantSeed, WantedChange]], month: date) -> None:
    with town.acting(Role.COUNTY_OFFICER, unit) as actor:
        subjects = {seed.key: _subject(town, seed) for seed, _change in wanted}
        known = list_grants_for(actor, month=month)
        ids: dict[tuple[UUID | None, UUID | None], UUID] = {
            (household_id, person_id): grant_id
            for grant_id, household_id, person_id in (
                known.filter(household_id__in=[household for household, _ in subjects.values() if household])
                | known.filter(person_id__in=[person for _, person in subjects.values() if person])
            ).values_list("id", "household_id", "person_id")
        }
        changes = [
            GrantChange(ids[subjects[seed.key]], kind, month, monthly_fen, cause, reason)
            for seed, (kind, monthly_fen, cause, reason) in wanted
        ]
        change_grants(actor=actor, changes=changes)
