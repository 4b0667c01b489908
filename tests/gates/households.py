"""A small estate with households, made through the ordinary commands."""

from __future__ import annotations

from datetime import date

from shouwang.accounts.public import Role
from shouwang.gates.commands.registrations import (
    Registered,
    SentMember,
    SentRegistration,
    register_by_resident,
    register_for_household,
)
from shouwang.gates.models import Building, Estate, Pass
from shouwang.gates.rules.declarations import DeclaredHealth
from shouwang.gates.states import EstateKind, RegistrationSource
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.registry.public import PersonDetails
from shouwang.response.public import Measure, register_document
from tests.factories import GUDI_VILLAGE, WEIFANG, acting
from tests.measures import issue_measure
from tests.registry.families import fresh_number

PHONE = "13812345678"
GATE_RULE = {
    "residents": 2, "staff": 2, "helpers": 2, "visitors": 1, "others": 0, "temperature": 1, "mask": 1, "credentials": 0,
    "fever_from_tenths": 373, "leave_from_hour": 0, "leave_until_hour": 24, "exits": 99, "exit_days": 1,
    "single_entrance": 0,
}  # fmt: skip


def estate_of(
    area_code: int = GUDI_VILLAGE,
    name: str = "海棠苑",
    buildings: tuple[str, ...] = (),
    kind: str = EstateKind.RESIDENTIAL,
) -> Estate:
    estate = Estate.objects.create(name=name, area_code=area_code, kind=kind, recorded_at=clock.now())
    for one in buildings:
        Building.objects.create(estate=estate, name=one, household_count=20, area_code=area_code)
    return estate


def member(name: str = "张永福", number: str | None = None, declared: DeclaredHealth | None = None) -> SentMember:
    return SentMember(PersonDetails(name, fresh_number() if number is None else number), declared=declared)


def sent(
    estate: Estate, *members: SentMember, building: str = "3", room: str = "502", phone: str = PHONE
) -> SentRegistration:
    return SentRegistration(estate.id, building, room, phone, members or (member(),))


def sent_by_resident(estate: Estate, *members: SentMember, **more: str) -> Registered:
    return register_by_resident(registration_id=new_id(), sent=sent(estate, *members, **more))


def confirmed(actor: Actor, estate: Estate, *members: SentMember, **more: str) -> Registered:
    """Registered by the community, so with passes."""
    return register_for_household(
        actor=actor, registration_id=new_id(), sent=sent(estate, *members, **more), source=RegistrationSource.PROXY
    )


def passes_of(registered: Registered) -> list[Pass]:
    holders = Pass.objects.filter(holder__registration=registered.registration)
    return list(holders.select_related("key", "estate").order_by("holder__position", "id"))


def order(kind: str, parameters: dict[str, int], *, area_code: int = GUDI_VILLAGE) -> Measure:
    """A measure of the city's, in force since the start of March."""
    with acting(Role.CITY_OFFICER, WEIFANG) as actor:
        document = register_document(
            actor=actor, number=f"潍防指〔2020〕{new_id().hex[-6:]}号", title="关于加强小区卡口管理的通知",
            issuer="潍坊市", issued_on=date(2020, 3, 1), area_code=WEIFANG,
        )  # fmt: skip
        return issue_measure(
            actor=actor, kind=kind, parameters=parameters, area_code=area_code, from_at=clock.instant(2020, 3, 1),
            until_at=None, document_id=document.id,
        )  # fmt: skip
