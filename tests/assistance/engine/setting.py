"""A county with the standards of every programme, and the steps that a programme's test takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from shouwang.assistance.commands.grants import TakenOver, take_over_grants
from shouwang.assistance.commands.runs import RunResult, run_month
from shouwang.assistance.queries.run_records import Explained, latest_lines_for
from shouwang.assistance.rules.benefits.clauses import Kind
from shouwang.kernel import clock
from shouwang.registry.models import Person, PersonFact
from tests.assistance.payments.setting import (
    MARCH,
    County,
    Family,
    acting_as,
    confirm_values,
    everywhere,
    make_county,
    make_family,
)
from tests.factories import HANTING

STANDARDS = """
defaults: {area: 370700000000000, from: 2019-10-01, status: confirmed, source: {number: 潍民〔2019〕9号}}
parameters:
  old_age.scope: {unit: 选项, values: [{value: all}]}
  old_age.amount_1: {unit: 元/人/月, values: [{value: "50"}]}
  old_age.amount_2: {unit: 元/人/月, values: [{value: "100"}]}
  one_off.dibao.rural: {unit: 元, values: [{value: "300", from: 2020-03-01}]}
"""


def make_programme_county() -> County:
    with acting_as(everywhere()):
        made = make_county(money_fen=1_000_000_00)
        confirm_values("潍民〔2019〕9号", STANDARDS)
    return made


def family(*, born: Sequence[date] = (), size: int = 1) -> Family:
    """Persons born on these days, the head first."""
    with acting_as(everywhere()):
        made = make_family(size=max(len(born), size))
        for person, day in zip(made.persons, born, strict=False):
            Person.objects.filter(pk=person.pk).update(birth_on=day)
    return made


def know(person: Person, kind: str, *, code: str, since: date = date(2019, 1, 1)) -> None:
    with acting_as(everywhere()):
        PersonFact.objects.create(
            person=person,
            kind=kind,
            code=code,
            valid_from=since,
            recorded_at=clock.now(),
            source="测试",
            area_code=person.area_code,
        )


def grant(county: County, programme: str, person: Person, fen: int) -> None:
    with acting_as(county.officers.opener) as opener:
        row = TakenOver(programme, None, person.id, date(2020, 1, 1), fen)
        take_over_grants(actor=opener, document_id=county.document.id, rows=[row])


def run(county: County, programme: str, month: date = MARCH) -> RunResult:
    with acting_as(county.officers.opener) as opener:
        return run_month(actor=opener, programme=programme, benefit_month=month, area_code=HANTING)


def line_of(county: County, programme: str, person: Person) -> Explained:
    """The line of a person with its chain: an explanation that does not add up is never shown."""
    with acting_as(county.officers.opener) as opener:
        found = latest_lines_for(opener, [person.id])
    (line,) = [one for one in found if one.line.run.programme == programme]
    return line


def why(found: Explained) -> Sequence[str]:
    assert found.explanation is not None
    return found.explanation.why


def add_up(found: Explained) -> int:
    """What the steps of the chain come to, by their sign."""
    assert found.explanation is not None
    signs = {Kind.ADD: 1, Kind.SUBTRACT: -1}
    return sum(step.value * signs.get(step.kind, 0) for step in found.explanation.steps)
