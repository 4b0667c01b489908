"""Gates of the demo: estates of the main urban communities, their entrances, households registered with passes.

The people are the register's own, taken over by their ID number as a community does it; nobody is typed twice. Every
fourth household registered by itself on a phone. By the opening morning most are confirmed, some wait, a few were refused,
have moved out or lost a card; some declared their health this week and some have yet to.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from shouwang.accounts.public import Role
from shouwang.areas.public import area_names
from shouwang.gates.public import (
    DeclaredHealth,
    DenyReason,
    EstateKind,
    GateState,
    Named,
    PassKind,
    RegistrationSource,
    SentMember,
    SentRegistration,
    close_phone_connections,
    confirm_registration,
    create_building,
    create_enrolment_code,
    create_estate,
    create_gate,
    declare_health,
    end_registration,
    issue_named_pass,
    list_passes_for,
    passes_to_print,
    refuse_registration,
    register_by_resident,
    register_for_household,
    replace_pass,
    resident_ids_for,
    set_gate_status,
)
from shouwang.kernel.ids import new_id
from shouwang.registry.public import PersonDetails

from .city.seeds import HouseholdSeed, PersonSeed
from .diary import Diary, moment
from .load_passages import LAST_DAY, KeepersPhone, write_passages
from .town import BEGIN, Town

STAGE = "小区卡口"

REGISTERED_FROM = date(2020, 2, 11)
"""The day after the measure (city/orders.py)."""

_COMMUNITIES = 6
_HOUSEHOLDS_EACH = 50
_MEMBERS_MAX = 6
_BUILDINGS = 6
_FLOORS = 9
_NAMES = ("海棠苑", "翠竹园", "梧桐里", "银杏家园", "白浪河小区", "紫藤花园")
_USUAL_TENTHS = 365
_FEW = 4
_NAMED = ((PassKind.STAFF, "门卫老周", "物业值守"), (PassKind.HELPER, "小林", "志愿服务：送菜上门"))
_SHOWN_UNIT = 370703_000_000_000
"""寒亭区, whose officers have a button each on the sign-in page."""


def write_gates(town: Town, diary: Diary) -> None:
    """Six estates; the first in the community of 寒亭区's grid worker."""
    for name, (area_code, seeds) in zip(_NAMES, _chosen(town), strict=False):
        estate = _Estate(town, area_code, name, seeds)
        diary.write(moment(REGISTERED_FROM, 8, 30), STAGE, estate.build)
        for number, seed in enumerate(seeds):
            day = REGISTERED_FROM + timedelta(days=number * 34 // len(seeds))
            if number % 4 == 3 and _all_have_numbers(seed):
                diary.write(moment(day, 20, number % 60), STAGE, partial(estate.register_by_phone, number, seed))
                estate.decide_later(diary, number, day)
            else:
                diary.write(moment(day, 9, number % 60), STAGE, partial(estate.register, number, seed))
        diary.write(moment(date(2020, 3, 14), 9), STAGE, estate.declare_again)
        diary.write(moment(date(2020, 3, 16), 15), STAGE, estate.print_cards)
        diary.write(moment(date(2020, 3, 17), 10), STAGE, estate.settle)
        write_passages(diary, estate.phone_on)
    diary.write(moment(LAST_DAY, 22), STAGE, close_phone_connections)


def _chosen(town: Town) -> list[tuple[int, list[HouseholdSeed]]]:
    """One community a unit, the most populous of its towns, the shown unit's first."""
    by_area: defaultdict[int, list[HouseholdSeed]] = defaultdict(list)
    unit_of: dict[int, int] = {}
    newborns = {birth.person_key for birth in town.city.births}
    gone = {death.household_key for death in town.city.deaths} | {move.household_key for move in town.city.moves}
    for seed in town.city.households:
        # Who came to the register later came by the other diary, of which this one knows nothing.
        is_plain = seed.is_urban and seed.registered_on <= BEGIN and seed.key not in gone
        if is_plain and len(seed.members) <= _MEMBERS_MAX and not newborns & {one.key for one in seed.members}:
            by_area[seed.area_code].append(seed)
            unit_of[seed.area_code] = seed.reporting_unit
    largest: dict[int, int] = {}
    for area_code, seeds in sorted(by_area.items(), key=lambda item: (-len(item[1]), item[0])):
        has_desk = town.townships.get(seeds[0].township_code) == seeds[0].reporting_unit
        if has_desk:
            largest.setdefault(unit_of[area_code], area_code)
    units = sorted(largest, key=lambda unit: (unit != _SHOWN_UNIT, -len(by_area[largest[unit]]), unit))
    return [(largest[unit], by_area[largest[unit]][:_HOUSEHOLDS_EACH]) for unit in units[:_COMMUNITIES]]


def _all_have_numbers(seed: HouseholdSeed) -> bool:
    return all(person.id_number for person in seed.members)


class _Estate:
    """One estate and what happens in it, by the township's assistant."""

    def __init__(self, town: Town, area_code: int, name: str, seeds: Sequence[HouseholdSeed]) -> None:
        self._town, self._area_code, self._name = town, area_code, name
        self._township = seeds[0].township_code
        self._id = 0
        self._phone: KeepersPhone | None = None
        self._registered: dict[int, UUID] = {}
        self._counts = Counter(self._door(number)[0] for number in range(len(seeds)))

    def build(self) -> None:
        with self._town.acting(Role.TOWNSHIP_ASSISTANT, self._township) as actor:
            place = area_names([self._area_code]).get(self._area_code, "")
            estate = create_estate(
                actor=actor, name=self._name, area_code=self._area_code, kind=EstateKind.RESIDENTIAL, address=place
            )
            self._id = estate.id
            for name, count in sorted(self._counts.items()):
                create_building(actor=actor, estate_id=estate.id, name=name, household_count=count + 2)
            south = create_gate(actor=actor, estate_id=estate.id, name="南门")
            code = create_enrolment_code(actor=actor, gate_id=south.id)
            side = create_gate(actor=actor, estate_id=estate.id, name="东门")
            set_gate_status(
                actor=actor,
                gate_id=side.id,
                state=GateState.SEALED,
                emergency_note="钥匙在南门值守处，消防车、救护车来时由值守人开门",
            )
        self._phone = KeepersPhone.enrolled(code, "南门1号机")

    def phone_on(self, day: date) -> KeepersPhone:
        """The keeper's phone, with the passes that were issued before the day."""
        with self._town.acting(Role.TOWNSHIP_ASSISTANT, self._township) as actor:
            issued = list_passes_for(actor, standing="live", estate_id=self._id)
            held = sorted((one.issued_at, one.id) for one in issued if one.issued_at < moment(day, 7))
        assert self._phone is not None, "built before the first day"
        self._phone.passes = tuple(pass_id for _issued_at, pass_id in held)
        return self._phone

    def register(self, number: int, seed: HouseholdSeed) -> None:
        members = tuple(
            SentMember(person_id=self._town.person_ids[person.key], declared=_health(person)) for person in seed.members
        )
        with self._town.acting(Role.TOWNSHIP_ASSISTANT, self._township) as actor:
            made = register_for_household(
                actor=actor,
                registration_id=new_id(),
                sent=self._sent(number, seed, members),
                source=RegistrationSource.PHONE if _phone(seed) and number % 4 == 1 else RegistrationSource.PROXY,
                note="本人接听" if number % 4 == 1 else "",
            )
        self._registered[number] = made.registration.id

    def register_by_phone(self, number: int, seed: HouseholdSeed) -> None:
        members = tuple(
            SentMember(PersonDetails(person.name, person.id_number or ""), declared=_health(person))
            for person in seed.members
        )
        self._town.leave()
        sent = self._sent(number, seed, members, phone=_phone(seed) or "13800000000")
        made = register_by_resident(registration_id=new_id(), sent=sent)
        self._registered[number] = made.registration.id

    def decide_later(self, diary: Diary, number: int, day: date) -> None:
        """The next morning; the last ones still wait when the demo opens."""
        decided_on = day + timedelta(days=1)
        if decided_on < date(2020, 3, 10):
            act = partial(self._refuse if number % 16 == 7 else self._confirm, number)
            diary.write(moment(decided_on, 10, number % 60), STAGE, act)

    def _confirm(self, number: int) -> None:
        with self._town.acting(Role.TOWNSHIP_ASSISTANT, self._township) as actor:
            confirm_registration(actor=actor, registration_id=self._registered[number])

    def _refuse(self, number: int) -> None:
        with self._town.acting(Role.TOWNSHIP_ASSISTANT, self._township) as actor:
            reason = "房号与物业登记不符，请核对后重新登记"
            refuse_registration(actor=actor, registration_id=self._registered.pop(number), reason=reason)

    def declare_again(self) -> None:
        """Two households of three, by telephone."""
        called = [registration_id for number, registration_id in sorted(self._registered.items()) if number % 3]
        with self._town.acting(Role.TOWNSHIP_ASSISTANT, self._township) as actor:
            for registration_id, residents in resident_ids_for(actor, called).items():
                declared = dict.fromkeys(residents, DeclaredHealth(temperature_tenths=_USUAL_TENTHS))
                declare_health(
                    actor=actor, registration_id=registration_id, declared=declared, source=RegistrationSource.PHONE
                )

    def print_cards(self) -> None:
        """Who has no phone has a card: the households of two buildings."""
        with self._town.acting(Role.TOWNSHIP_ASSISTANT, self._township) as actor:
            ids = [
                one.id
                for building in ("1", "2")
                for one in list_passes_for(actor, standing="live", estate_id=self._id, building=building)
            ]
            if ids:
                passes_to_print(actor=actor, pass_ids=ids)

    def settle(self) -> None:
        """A family has moved out, a card was lost; a guard and a helper come every day."""
        with self._town.acting(Role.TOWNSHIP_ASSISTANT, self._township) as actor:
            live = list(list_passes_for(actor, standing="live", estate_id=self._id))
            if len(live) > _FEW:
                replace_pass(actor=actor, pass_id=live[0].id, reason=DenyReason.LOST)
                moved = live[-1].holder
                assert moved is not None
                end_registration(actor=actor, registration_id=moved.registration_id, note="租期届满，搬走")
            for kind, name, purpose in _NAMED:
                named = Named(kind, name, purpose=purpose)
                issue_named_pass(actor=actor, request_id=new_id(), estate_id=self._id, named=named)

    def _sent(
        self, number: int, seed: HouseholdSeed, members: tuple[SentMember, ...], phone: str | None = None
    ) -> SentRegistration:
        building, room = self._door(number)
        return SentRegistration(self._id, building, room, phone or _phone(seed), members)

    @staticmethod
    def _door(number: int) -> tuple[str, str]:
        """Building and room: two doors a floor."""
        building, rest = number % _BUILDINGS + 1, number // _BUILDINGS
        return str(building), f"{rest // 2 % _FLOORS + 1}0{rest % 2 + 1}"


def _phone(seed: HouseholdSeed) -> str:
    return next((person.phone for person in seed.members if person.phone), "")


def _health(person: PersonSeed) -> DeclaredHealth:
    """One in forty coughs."""
    return DeclaredHealth(temperature_tenths=_USUAL_TENTHS, symptoms=("cough",) if person.key % 40 == 0 else ())
