"""What follows from late facts, in a real browser: the review after a measure, months computed again, deaths, letters."""

from __future__ import annotations

import io
import os

import pytest

from shouwang.assistance.commands.death_lists import SentDeaths, open_death_list
from shouwang.assistance.commands.group_lists import SentGroup, open_group_list
from shouwang.assistance.commands.recalculations import compute_recalculation, confirm_recalculation
from shouwang.assistance.death_list_file import COLUMNS
from shouwang.assistance.group_list_file import COLUMNS as GROUP_COLUMNS
from shouwang.assistance.models import Recalculation, RecalculationLine, RunLine
from shouwang.kernel import clock, crypto
from shouwang.kernel.ids import new_id
from shouwang.kernel.spreadsheets import write_xlsx
from shouwang.registry.models import Person
from tests.assistance.parameters.setting import RURAL, make_bureau, notice, put_in_force, value
from tests.assistance.payments.setting import (
    MARCH,
    County,
    acting_as,
    everywhere,
    make_county,
    make_document,
    make_family,
    take_over,
)
from tests.assistance.payments.test_pages_in_browser import Desk, address, desk
from tests.factories import HANTING, id_number
from tests.measures import issue_measure

from .test_runs_by_rules import earn, run

__all__ = ["address", "desk"]  # fixtures

pytestmark = pytest.mark.browser

FOLDER = os.environ.get("SHOUWANG_PICTURES", "")


@pytest.fixture
def county(committed_db: str) -> County:
    with acting_as(everywhere()):
        made = make_county(money_fen=1_000_000_00)
        over, pair, unknown = make_family(), make_family(size=2), make_family()
        earn(over, 900)
        earn(pair, 300)
        number = id_number()
        Person.objects.filter(id=pair.persons[0].id).update(
            id_number=number, id_index=crypto.blind_index("id_number", number), id_tail=number[-4:], no_id_reason=""
        )
        issue_measure(
            actor=everywhere(),
            kind="exit_paused",
            parameters={},
            area_code=HANTING,
            from_at=clock.instant(2020, 3, 1),
            until_at=clock.instant(2020, 4, 1),
            document_id=make_document().id,
        )
    take_over(made, [(over, 520_00), (pair, 620_00), (unknown, 460_00)])
    return made


def test_pages_of_what_follows(desk: Desk, county: County) -> None:
    result = run(county, month=MARCH)
    put_in_force(make_bureau(), notice(value(RURAL, "500", valid_from=MARCH), effective_on=MARCH, is_retroactive=True))
    with acting_as(everywhere()):
        told = Recalculation.objects.get()
        line = RunLine.objects.filter(run=result.run).order_by("-amount_fen")[0]
    with acting_as(county.officers.opener) as opener:
        compute_recalculation(actor=opener, recalculation_id=told.id)
        file = io.BytesIO()
        row = {"id_number": id_number(), "name": "王五", "died_on": "2020-03-10"}
        bad = {"id_number": "12", "name": "赵六", "died_on": "三月间"}
        write_xlsx(file, COLUMNS, [row, bad])
        deaths = open_death_list(
            actor=opener, list_id=new_id(), sent=SentDeaths(county.document.id, "死亡名单.xlsx", file.getvalue())
        )
        people = io.BytesIO()
        head = Person.objects.get(id_tail=id_number()[-4:])
        named = {"id_number": id_number(), "name": head.name}
        write_xlsx(people, GROUP_COLUMNS, [named, named, {"id_number": id_number(sequence=90), "name": "赵六"}])
        group = open_group_list(
            actor=opener,
            list_id=new_id(),
            sent=SentGroup("veteran", MARCH, county.document.id, "优抚名单.xlsx", people.getvalue()),
        )
    desk.sit(county.officers.opener)
    for name, arguments in (
        ("run_list", []),
        ("run_new", []),
        ("lifted_list", []),
        ("recalculation_list", []),
        ("recalculation_page", [told.id]),
        ("death_list_new", []),
        ("death_list_page", [deaths.id]),
        ("group_list_new", []),
        ("group_list_page", [group.id]),
        ("recalculation_left_out", [told.id]),
        ("would_be_page", [county.families[1].household.id]),
        ("run_line", [line.id]),
        ("run_line_letter", [line.id]),
        ("run_page", [result.run.id]),
    ):
        desk.look(name, *arguments)
        picture(desk, name)
    with acting_as(county.officers.leader) as leader:
        confirm_recalculation(actor=leader, recalculation_id=told.id)
    with acting_as(everywhere()):
        found = RecalculationLine.objects.get()
    desk.look("recalculation_page", told.id)
    desk.look("recalculation_line", found.id)
    picture(desk, "recalculation_line")


def picture(desk: Desk, name: str) -> None:
    if FOLDER:
        desk.page.screenshot(path=f"{FOLDER}/{name}-{desk.page.viewport_size['width']}.png", full_page=True)
