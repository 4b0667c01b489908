"""The register of the demo: who lived where when the system began, and what happened to them since.

Households go through the bulk load of the register, day by day; births, deaths, moves and new accounts through the
commands that officers use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from typing import NamedTuple

from shouwang.accounts.public import Role
from shouwang.registry.public import (
    AccountRow,
    CheckedPerson,
    FactRow,
    HouseholdFactKind,
    HouseholdRow,
    MemberRow,
    PersonDetails,
    PersonFactKind,
    load_register,
    move_household,
    record_death,
    record_membership,
    register_person,
)

from .city.calendar import FEBRUARY
from .city.seeds import AccountSeed, BirthSeed, DeathSeed, HouseholdSeed, IncomeSeed, MoveSeed, PersonSeed
from .diary import Diary, moment
from .town import BEGIN, SOURCE, Town

REGISTER, REGISTERED, HELPED, LATER_FACTS = "底册", "新登记家庭", "求助家庭", "底册变更"

OPEN_ACCOUNTS_ON = date(2020, 3, 17)
"""The day on which the last households told of the account they had opened after their money came back."""


class Change(NamedTuple):
    """A fact or an account that a known member of a household has from some day on."""

    household: HouseholdSeed
    person_key: int
    facts: tuple[FactRow, ...]
    accounts: tuple[AccountRow, ...]


def write_register(town: Town, halves: tuple[Diary, Diary], lists: Diary, cases: Diary) -> None:
    """What stood in the register when the system began goes into `halves`, some of the units' into each; who came to it
    by a hardship into `cases`."""
    newborns = {birth.person_key for birth in town.city.births}
    granted = {grant.household_key for grant in (*town.city.dibao_grants, *town.city.tekun_grants)}
    helped = {relief.household_key for relief in town.city.reliefs} - granted
    by_day: defaultdict[tuple[date, bool], list[HouseholdSeed]] = defaultdict(list)
    for household in town.city.households:
        by_day[max(household.registered_on, BEGIN), household.key in helped].append(household)
    for (day, is_helped), households in by_day.items():
        if day == BEGIN:
            for half, units in zip(halves, town.halves, strict=True):
                unit_households = [seed for seed in households if seed.reporting_unit in units]
                act = partial(_load, town, unit_households, newborns, day)
                half.write(moment(day, 8), REGISTER, act, size=len(unit_households))
            continue
        diary, stage = (cases, HELPED) if is_helped else (lists, REGISTERED)
        diary.write(moment(day, 8), stage, partial(_load, town, households, newborns, day), size=len(households))
    for death in town.city.deaths:
        lists.write(moment(death.recorded_on, 9, 10), LATER_FACTS, partial(_record_death, town, death))
    for birth in town.city.births:
        lists.write(moment(birth.recorded_on, 9, 20), LATER_FACTS, partial(_record_birth, town, birth))
    for move in town.city.moves:
        lists.write(moment(move.recorded_on, 9, 30), LATER_FACTS, partial(_record_move, town, move))
    for day, changed in _changes_by_day(town).items():
        act = partial(_load_changes, town, changed, day)
        lists.write(moment(day, 9, 40), LATER_FACTS, act, size=len(changed))


def _load(town: Town, households: list[HouseholdSeed], newborns: set[int], day: date) -> None:
    """New households, the members that are born later left out."""
    members = [[person for person in seed.members if person.key not in newborns] for seed in households]
    with town.acting(Role.CITY_OFFICER, town.city_code) as actor:
        result = load_register(
            actor=actor,
            households=(_row(seed, persons, day) for seed, persons in zip(households, members, strict=True)),
            source=SOURCE,
            is_synthetic=True,
        )
    for seed, persons, loaded in zip(households, members, result.households, strict=True):
        if loaded.refusal is not None:
            raise loaded.refusal
        assert loaded.household_id is not None
        town.household_ids[seed.key] = loaded.household_id
        for person, person_id in zip(persons, loaded.person_ids, strict=True):
            town.person_ids[person.key] = person_id


def _row(seed: HouseholdSeed, persons: Iterable[PersonSeed], day: date) -> HouseholdRow:
    incomes: defaultdict[int, list[FactRow]] = defaultdict(list)
    for income in seed.incomes:
        if income.recorded_on <= day:
            incomes[income.person_key].append(_income_fact(income))
    accounts: defaultdict[int, list[AccountRow]] = defaultdict(list)
    for account in _first_accounts(seed):
        accounts[account.holder_key].append(_account_row(account))
    return HouseholdRow(
        area_code=seed.area_code,
        since=seed.registered_on,
        members=tuple(
            MemberRow(
                relation=person.relation,
                person=_checked(person),
                facts=(*_facts(person), *incomes[person.key]),
                accounts=tuple(accounts[person.key]),
                joined_on=person.joined_on,
                is_new=person.id_number is None,
            )
            for person in persons
        ),
        facts=(FactRow(HouseholdFactKind.URBAN, int(seed.is_urban), seed.registered_on),),
    )


def _checked(person: PersonSeed) -> CheckedPerson:
    """The generator's persons are in the stored form already; its tests hold that."""
    disability = person.disability
    return CheckedPerson(
        person.name,
        person.sex,
        person.birth_on,
        person.id_number,
        person.no_id_reason,
        person.phone,
        disability.certificate if disability else None,
        f"{disability.kind}{disability.level}" if disability else None,
    )


def _facts(person: PersonSeed) -> Iterator[FactRow]:
    on = person.joined_on
    if person.categories:
        yield FactRow(PersonFactKind.CATEGORY, ",".join(sorted(person.categories)), on)
    if person.needs:
        yield FactRow(PersonFactKind.NEED, ",".join(sorted(person.needs)), on)
    if person.is_seriously_ill:
        yield FactRow(PersonFactKind.SERIOUS_ILLNESS, 1, on)
    if person.self_care_score is not None:
        yield FactRow(PersonFactKind.SELF_CARE, person.self_care_score, on)
    if person.care_mode is not None:
        yield FactRow(PersonFactKind.CARE_MODE, person.care_mode, on)


def _income_fact(income: IncomeSeed) -> FactRow:
    return FactRow(f"income.{income.kind}", income.monthly_fen, income.valid_from)


def _account_row(account: AccountSeed) -> AccountRow:
    return AccountRow(account.number, account.bank, account.holder_name, account.valid_from)


def _first_accounts(seed: HouseholdSeed) -> Iterator[AccountSeed]:
    """The first account of each holder."""
    holders: set[int] = set()
    for account in seed.accounts:
        if account.holder_key not in holders:
            holders.add(account.holder_key)
            yield account


def _changes_by_day(town: Town) -> dict[date, list[Change]]:
    """Incomes and accounts that became known after their household was registered."""
    waiting = _households_waiting(town)
    changes: defaultdict[date, list[Change]] = defaultdict(list)
    for seed in town.city.households:
        known_on = max(seed.registered_on, BEGIN)
        for income in seed.incomes:
            if income.recorded_on > known_on:
                changes[income.recorded_on].append(Change(seed, income.person_key, (_income_fact(income),), ()))
        first = list(_first_accounts(seed))
        for account in seed.accounts:
            if account not in first:
                told_on = OPEN_ACCOUNTS_ON if seed.key in waiting else account.valid_from
                changes[told_on].append(Change(seed, account.holder_key, (), (_account_row(account),)))
    return dict(changes)


def _households_waiting(town: Town) -> set[int]:
    """Households whose February money came back and has not been sent again."""
    return {
        payment.household_key
        for payment in town.city.payments
        if payment.benefit_month == FEBRUARY and [attempt.outcome for attempt in payment.attempts] == ["returned"]
    }


def _load_changes(town: Town, changes: list[Change], day: date) -> None:
    with town.acting(Role.CITY_OFFICER, town.city_code) as actor:
        rows = (_change_row(town, change, day) for change in changes)
        result = load_register(actor=actor, households=rows, source=SOURCE, is_synthetic=True)
    for loaded in result.households:
        if loaded.refusal is not None:
            raise loaded.refusal


def _change_row(town: Town, change: Change, day: date) -> HouseholdRow:
    """The head, by whom a household is known, and the member who has something new."""
    keys = dict.fromkeys((change.household.head_key, change.person_key))
    return HouseholdRow(
        area_code=change.household.area_code,
        since=day,
        members=tuple(
            MemberRow(
                relation=town.persons[key].relation,
                person=_checked(town.persons[key]),
                facts=change.facts if key == change.person_key else (),
                accounts=change.accounts if key == change.person_key else (),
                person_id=town.person_ids[key],
            )
            for key in keys
        ),
        household_id=town.household_ids[change.household.key],
    )


def _record_death(town: Town, death: DeathSeed) -> None:
    with town.acting(*town.keeper_of(death.household_key)) as actor:
        record_death(actor=actor, person_id=town.person_ids[death.person_key], died_on=death.died_on, source=SOURCE)


def _record_birth(town: Town, birth: BirthSeed) -> None:
    child = town.persons[birth.person_key]
    details = PersonDetails(name=child.name, no_id_reason=child.no_id_reason, sex=child.sex, birth_on=child.birth_on)
    with town.acting(*town.keeper_of(birth.household_key)) as actor:
        person = register_person(
            actor=actor,
            details=details,
            area_code=town.households[birth.household_key].area_code,
            since=birth.born_on,
            is_synthetic=True,
            source=SOURCE,
        )
        record_membership(
            actor=actor,
            person_id=person.id,
            household_id=town.household_ids[birth.household_key],
            relation=child.relation,
            valid_from=birth.born_on,
            source=SOURCE,
        )
    town.person_ids[birth.person_key] = person.id


def _record_move(town: Town, move: MoveSeed) -> None:
    """Within a county its officer records it; between two, the city's."""
    with town.acting(Role.CITY_OFFICER, town.city_code) as actor:
        move_household(
            actor=actor,
            household_id=town.household_ids[move.household_key],
            to_area_code=move.to_area,
            moved_on=move.moved_on,
            source=SOURCE,
        )
