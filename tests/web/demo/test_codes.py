"""The generator imports no app; its codes are nevertheless theirs."""

from __future__ import annotations

from shouwang.accounts.states import Role
from shouwang.assistance.states import Channel, ReliefCause, ReliefKind
from shouwang.registry.states import CareMode, Category, Need, NoIdReason, PersonFactKind, Relation, Sex
from shouwang.web.demo.city import DemoCity


def test_codes_of_people_are_the_registers(city: DemoCity) -> None:
    people = [person for household in city.households for person in household.members]
    assert {person.sex for person in people} == set(Sex)
    assert {person.relation for person in people} <= set(Relation)
    assert {person.no_id_reason for person in people} - {""} <= set(NoIdReason)
    assert {category for person in people for category in person.categories} <= set(Category)
    assert {need for person in people for need in person.needs} <= set(Need)
    assert {person.care_mode for person in people} - {None} == set(CareMode)
    incomes = {f"income.{income.kind}" for household in city.households for income in household.incomes}
    assert incomes <= set(PersonFactKind)


def test_codes_of_relief_are_assistances(city: DemoCity) -> None:
    assert {relief.kind for relief in city.reliefs} == set(ReliefKind)
    assert {relief.cause for relief in city.reliefs} == set(ReliefCause)
    assert {relief.channel for relief in city.reliefs} == set(Channel)


def test_every_role_has_an_officer(city: DemoCity) -> None:
    assert {officer.role for officer in city.officers} == set(Role)
