"""Would a household qualify, and why not: the rules of dibao over its facts as if it had applied. Nothing is written.

The amount and its chain come from the text that a run executes; the band of income, single-person inclusion and the
ability to work from `rules.benefits.eligibility`. It judges nobody: an officer does, after the means check, and what the
register does not hold (property, who must support) is not in it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.registry.public import get_household_for

from ..policies import ensure_may_read_payments
from ..queries.parameters import standards_for
from ..queries.places import paying_unit_around, paying_units
from ..rules.benefits import compile as rules_text
from ..rules.benefits.eligibility import Band, age_on, band, may_be_single_person, without_ability
from ..rules.benefits.explain import Explanation, explain
from ..rules.benefits.parameters import ParameterRow, StandardsRow
from ..rules.benefits.programmes import rule_of
from ..rules.monthly import month_of
from ..states import Programme
from .duck import DIALECT, Duck
from .lines import answer
from .snapshot import Question, instant_after, take_snapshot

_NO_MEASURES = {"is_exit_paused": False, "gradual_exit_months": None, "is_price_doubled": False}
"""A pause keeps who is in receipt; it lets nobody in."""


@dataclass(frozen=True, slots=True)
class WouldBe:
    """What dibao would come to in a month. `is_known` false: no income of anybody was ever recorded.

    `single_ids`: who of a borderline family may be taken in alone. `unable_ids`: whom 特困 counts as without ability to
    work, with the reason's key.
    """

    month: date
    band: Band
    is_known: bool
    explanation: Explanation
    placeholders: Sequence[ParameterRow]
    single_ids: Sequence[UUID]
    unable_ids: Sequence[tuple[UUID, str]]


@transaction.atomic
def would_qualify(actor: Actor, household_id: UUID) -> WouldBe | None:
    """None where nobody lives in the household. Raises NotFound outside the scope, MissingParameter without a standard."""
    ensure_may_read_payments(actor)
    household = get_household_for(actor, household_id)
    month = month_of(clock.today())
    rule = rule_of(Programme.DIBAO)
    version = rule.text_on(month).version
    unit_code = paying_unit_around(household.area_code)
    units = [unit for unit in paying_units(unit_code) if unit.code == unit_code]
    (standards,) = standards_for([unit_code], month, keys=rule.uses)
    question = Question(Programme.DIBAO, month, units, instant_after(clock.now()), clock.today(), supposed=household.id)
    with tempfile.TemporaryDirectory(prefix="shouwang-would-be-") as name, Duck(Path(name)) as duck:
        measures = [{"unit_code": unit_code, **_NO_MEASURES}]
        take_snapshot(duck, Path(name), question, standards=[standards.columns()], measures=measures)
        members = duck.named_rows(
            """select k.id, p.birth_on, p.disability_kind as kind, p.disability_level as level, p.is_seriously_ill
                 from persons p join k_person k on k.number = p.person_id
                 join grants g on g.household_id = p.household_id where p.is_living order by p.is_head desc, k.id"""
        )
        if not members:
            return None
        # What would be computed, also where nothing was recorded: a run pays what was decided there.
        ((is_known,),) = duck.rows("select is_known from grants")
        duck.execute("update grants set is_known = true")
        answer(duck, rules_text.sql(Programme.DIBAO, version, DIALECT), rule)
        (line,) = duck.named_rows("select * from answer")
    record = {key: int(value or 0) for key, value in line.items() if key in _numbers(rule.kept)}
    found = _band_of(record, standards)
    return WouldBe(
        month=month,
        band=found,
        is_known=bool(is_known),
        explanation=explain(Programme.DIBAO, version, record, standards),
        placeholders=standards.placeholders(rule.uses),
        single_ids=[one["id"] for one in members if found is Band.BORDERLINE and _may_be_single(one)],
        unable_ids=list(_unable(members, month)),
    )


def _numbers(kept: Sequence[str]) -> set[str]:
    return {*kept, "amount_fen", "ordinary_fen", "reasons"}


def _band_of(record: dict[str, int], standards: StandardsRow) -> Band:
    town = "urban" if record["is_urban"] else "rural"
    counted = max(record["income_fen"] - record["deducted_fen"], 0)
    return band(counted, record["persons"], standards.number(f"dibao.standard.{town}"))


def _may_be_single(member: dict[str, Any]) -> bool:
    return may_be_single_person(kind=member["kind"], level=member["level"], is_seriously_ill=member["is_seriously_ill"])


def _unable(members: Sequence[dict[str, Any]], month: date) -> list[tuple[UUID, str]]:
    version = rule_of(Programme.TEKUN).text_on(month).version
    found = []
    for one in members:
        if one["birth_on"] is None:
            continue
        why = without_ability(version, age=age_on(one["birth_on"], month), kind=one["kind"], level=one["level"])
        if why:
            found.append((one["id"], why.reason))
    return found
