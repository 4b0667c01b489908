"""The demo's standards come in as notices, and hold for every unit from the first list on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from shouwang.assistance.models import ParameterDecision, ParameterNotice
from shouwang.assistance.queries.parameters import standards_for
from shouwang.assistance.rules.benefits.parameters import MissingParameter
from shouwang.kernel import clock
from shouwang.kernel.scope import FULL, use_scope
from shouwang.web.demo import load_places
from shouwang.web.demo.city.standards import Standards
from shouwang.web.demo.diary import Diary, moment
from shouwang.web.demo.load import _draw
from shouwang.web.demo.load_standards import write_standards
from shouwang.web.demo.town import BEGIN, Town
from tests.factories import WEIFANG

JANUARY, FEBRUARY = date(2020, 1, 1), date(2020, 2, 1)


@pytest.fixture
def town(db: None) -> Iterator[Town]:
    town = _draw(0.001)
    load_places.load_officers(town, lambda _label, _done, _total: None)
    yield town
    town.leave()


def test_every_unit_has_its_standards_by_notices_of_two_officers(town: Town) -> None:
    diary = Diary()
    write_standards(town, diary)
    diary.live(lambda _label, _done, _total: None)
    with use_scope(FULL):
        assert ParameterNotice.objects.count() == ParameterDecision.objects.count() == 14
        assert not ParameterNotice.objects.filter(recorded_by__in=ParameterDecision.objects.values("recorded_by"))
    with pytest.raises(MissingParameter):
        standards_for([WEIFANG], JANUARY, moment(BEGIN, 8), keys=["dibao.standard.urban"])
    seeds = Standards(WEIFANG)
    for row in standards_for([*town.units, WEIFANG], JANUARY, moment(BEGIN, 9), keys=["dibao.standard.urban"]):
        for key, is_urban in (("dibao.standard.urban", True), ("dibao.standard.rural", False)):
            assert row.number(key) == seeds.dibao(row.unit_code, is_urban) * 100
        assert row.placeholders(["dibao.standard.urban"])


def test_index_of_a_month_is_known_when_it_was_published(town: Town) -> None:
    diary = Diary()
    write_standards(town, diary)
    diary.live(lambda _label, _done, _total: None)

    def source(known_at: object) -> int:
        (row,) = standards_for([WEIFANG], FEBRUARY, known_at)  # type: ignore[arg-type]
        return row.rows["price_index.cpi"].area_code

    assert source(clock.instant(2020, 3, 10)) == 0
    assert source(clock.instant(2020, 3, 11)) == WEIFANG
