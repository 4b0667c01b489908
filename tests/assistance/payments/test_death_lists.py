"""A list of deaths before a run: matched by ID number, recorded by an officer, and what follows from it."""

from __future__ import annotations

import io
from datetime import date
from uuid import UUID

import pytest
from django.urls import reverse

from shouwang.assistance.commands.death_lists import SentDeaths, open_death_list, record_listed_deaths
from shouwang.assistance.commands.grants import TakenOver, take_over_grants
from shouwang.assistance.death_list_file import COLUMNS
from shouwang.assistance.models import DeathList, Overpayment, RunLine
from shouwang.assistance.queries.death_lists import shown_deaths
from shouwang.kernel import clock, crypto
from shouwang.kernel.errors import Conflict, Invalid, NotFound
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.spreadsheets import write_xlsx
from shouwang.registry.models import Person, PersonFact
from shouwang.registry.public import household_of, merge_persons
from shouwang.registry.public import record_death as register_death
from shouwang.response.models import Document
from tests.factories import FANGZI, id_number, make_actor

from .setting import MARCH, County, acting_as, everywhere, make_person, record_death
from .test_overpayments import APRIL, LATE_MARCH, MAY, drafted, paid
from .test_pages import client_of

pytestmark = pytest.mark.django_db

MARCH_28 = date(2020, 3, 28)
NUMBERS = [id_number(date(1960, 1, 1), sequence) for sequence in (31, 32, 33)]


@pytest.fixture
def county(county: County) -> County:
    """Each household's head has an ID number; April was paid on 18 March."""
    with acting_as(everywhere()):
        for family, number in zip(county.families, NUMBERS, strict=True):
            Person.objects.filter(id=family.persons[0].id).update(
                id_number=number, id_index=crypto.blind_index("id_number", number), id_tail=number[-4:], no_id_reason=""
            )
    paid(county, drafted(county, APRIL))
    return county


def sheet(county: County, *, wrong_name: str = "") -> bytes:
    """A title row as such lists have it; the second head under another name, one nobody knows, one unreadable day."""
    heads = [family.persons[0].name for family in county.families]
    rows = [
        {"id_number": NUMBERS[0], "name": heads[0], "died_on": "2020-03-28"},
        {"id_number": NUMBERS[1], "name": wrong_name or heads[1], "died_on": "2020-03-20"},
        {"id_number": id_number(date(1950, 1, 1), 44), "name": "赵六", "died_on": "2020-03-02"},
        {"id_number": NUMBERS[2], "name": heads[2], "died_on": "三月间"},
    ]
    file = io.BytesIO()
    write_xlsx(file, COLUMNS, rows)
    return file.getvalue()


def sent(county: County, content: bytes) -> SentDeaths:
    return SentDeaths(county.document.id, "三月火化名单.xlsx", content)


def opened(county: County, *, wrong_name: str = "") -> DeathList:
    with acting_as(county.officers.opener) as opener:
        return open_death_list(actor=opener, list_id=new_id(), sent=sent(county, sheet(county, wrong_name=wrong_name)))


def record(county: County, list_id: UUID, rows: list[int]) -> DeathList:
    with acting_as(county.officers.opener) as opener:
        return record_listed_deaths(actor=opener, list_id=list_id, rows=rows)


def deaths() -> list[tuple[str, date]]:
    with acting_as(everywhere()):
        facts = PersonFact.objects.filter(kind="death").order_by("valid_from")
        return list(facts.values_list("source", "valid_from"))


def test_rows_are_matched_by_number_and_nothing_is_written_yet(county: County) -> None:
    with clock.at(LATE_MARCH):
        report = opened(county, wrong_name="王五").report
        assert [(one["row"], one["died_on"], one["name_differs"]) for one in report["matched"]] == [
            (2, "2020-03-28", False),
            (3, "2020-03-20", True),
        ]
        assert report["unknown"] == [4]
        assert [one["row"] for one in report["problems"]] == [5]
    assert deaths() == []


def test_chosen_deaths_hold_the_next_run_and_note_what_was_paid(county: County) -> None:
    with clock.at(LATE_MARCH):
        listed = opened(county)
        for _time in range(2):
            assert record(county, listed.id, [2]).recorded_count == 1
        assert deaths() == [(f"{county.document.number} 死亡名单第 2 行", MARCH_28)]
        with acting_as(everywhere()):
            assert [(row.amount_fen, row.cause) for row in Overpayment.objects.all()] == [(450_00, "death")]
            assert AuditEntry.objects.filter(action="death_list.record").count() == 1
    with clock.at(clock.instant(2020, 4, 20, 9)):
        drafted(county, MAY)
        with acting_as(everywhere()):
            line = RunLine.objects.get(run__benefit_month=MAY, subject_id=county.families[0].household.id)
            assert (line.held, line.payable_id) == ("all_died", None)


def test_death_known_already_is_told_and_another_day_is_a_question(county: County) -> None:
    with clock.at(LATE_MARCH):
        with acting_as(everywhere()):
            record_death(county.families[0].persons[0], MARCH_28)
            record_death(county.families[1].persons[0], date(2020, 3, 1))
        report = opened(county).report
        assert (report["matched"], report["known"]) == ([], [2])
        assert [one["row"] for one in report["problems"]] == [3, 5]
        assert "2020-03-01" in report["problems"][0]["reason"]


def test_list_is_the_county_s_and_the_id_says_one_thing(county: County) -> None:
    with clock.at(LATE_MARCH):
        listed = opened(county)
        with acting_as(county.officers.opener) as opener:
            with pytest.raises(Conflict):
                open_death_list(actor=opener, list_id=listed.id, sent=sent(county, sheet(county, wrong_name="王五")))
            with pytest.raises(Invalid):
                record_listed_deaths(actor=opener, list_id=listed.id, rows=[4])
            short = io.BytesIO()
            write_xlsx(short, COLUMNS[:2], [{"id_number": NUMBERS[0], "name": "张三"}])
            with pytest.raises(Invalid, match="死亡日期"):
                open_death_list(actor=opener, list_id=new_id(), sent=sent(county, short.getvalue()))
        with acting_as(make_actor("county_officer", FANGZI)) as neighbour, pytest.raises(NotFound):
            record_listed_deaths(actor=neighbour, list_id=listed.id, rows=[2])
    assert deaths() == []


def test_pages_take_a_list_and_record_what_is_ticked(county: County) -> None:
    with clock.at(LATE_MARCH):
        client = client_of(county.officers.opener)
        assert reverse("death_list_new") in client.get(reverse("run_new")).content.decode()
        file = io.BytesIO(sheet(county, wrong_name="王五"))
        file.name = "三月火化名单.xlsx"
        form = {"request_id": new_id(), "document": str(county.document.id), "file": file}
        made = client.post(reverse("death_list_new"), form)
        assert made.status_code == 302
        page = client.get(made["Location"]).content.decode()
        assert "姓名与名单不一致" in page
        assert "最低生活保障" in page
        assert 'value="2" aria-label' in page
        assert page.count(" checked") == 1
        with acting_as(everywhere()):
            listed = DeathList.objects.get()
        assert client.post(reverse("death_list_record", args=[listed.id]), {"row": ["2"]}).status_code == 302
        assert "登记死亡 1 人" in client.get(made["Location"]).content.decode()
        assert client_of(make_actor("county_officer", FANGZI)).get(made["Location"]).status_code == 404
        template = client.get(reverse("death_list_template"))
        assert len(template.getvalue()) > 0
        for close in template._resource_closers:
            close()


def test_long_list_is_recorded_in_slices(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shouwang.assistance.views.death_lists._ROWS_AT_ONCE", 1)
    with clock.at(LATE_MARCH):
        listed = opened(county)
        client = client_of(county.officers.opener)
        url, post = (reverse(name, args=[listed.id]) for name in ("death_list_page", "death_list_record"))
        page = client.get(url).content.decode()
        assert ('name="row" value="2"' in page, 'name="row" value="3"' in page) == (True, False)
        assert "登记后接着核对其余 1 人" in page
        for _time in range(2):
            client.post(post, {"row": ["2"], "up_to": "2"})
        page = client.get(url).content.decode()
        assert ('name="row" value="2"' in page, 'name="row" value="3"' in page) == (False, True)
        assert "其余的还没有登记" in page
        assert deaths() == [(f"{county.document.number} 死亡名单第 2 行", MARCH_28)]
        client.post(post, {"up_to": "3"})  # nobody of the second slice
        with acting_as(everywhere()):
            listed.refresh_from_db()
        assert (listed.state, listed.recorded_count, listed.report["chosen"]) == ("taken", 1, [2])


def test_source_fits_and_a_death_recorded_meanwhile_is_not_counted(county: County) -> None:
    with acting_as(everywhere()):
        county.document = Document.objects.create(
            number="寒" * 60, title="死亡名单", issued_on=MARCH_28, area_code=county.area_code, recorded_at=clock.now()
        )
    with clock.at(LATE_MARCH):
        listed = opened(county)
        with acting_as(county.officers.opener) as opener:
            register_death(
                actor=opener, person_id=county.families[0].persons[0].id, died_on=MARCH_28, source="殡仪馆名单"
            )
        taken = record(county, listed.id, [2, 3])
    assert (taken.recorded_count, taken.report["chosen"], taken.report["known"]) == (1, [3], [2])
    sources = {source for source, _day in deaths()}
    assert sources == {"殡仪馆名单", "寒" * (64 - len(" 死亡名单第 3 行")) + " 死亡名单第 3 行"}


def second_record(county: County) -> Person:
    """Another record of the first head, with the ID number; the one that was paid has none."""
    paid_one = county.families[0].persons[0]
    with acting_as(everywhere()):
        Person.objects.filter(id=paid_one.id).update(
            id_number="", id_index=None, id_tail="", no_id_reason="unregistered"
        )
        other = make_person(paid_one.area_code, paid_one.name)
        number = NUMBERS[0]
        Person.objects.filter(id=other.id).update(
            id_number=number, id_index=crypto.blind_index("id_number", number), id_tail=number[-4:], no_id_reason=""
        )
    return other


def merge(county: County, survivor: Person) -> None:
    with acting_as(county.officers.opener) as opener:
        merge_persons(
            actor=opener,
            duplicate_id=county.families[0].persons[0].id,
            survivor_id=survivor.id,
            reason="同一人两份档案",
        )


def overpaid() -> list[int]:
    with acting_as(everywhere()):
        return list(Overpayment.objects.values_list("amount_fen", flat=True))


def test_death_of_the_survivor_is_of_what_its_other_record_was_paid(county: County) -> None:
    with clock.at(LATE_MARCH):
        survivor = second_record(county)
        merge(county, survivor)
        listed = opened(county)
        page = client_of(county.officers.opener).get(reverse("death_list_page", args=[listed.id])).content.decode()
        assert "450.00" in page
        assert record(county, listed.id, [2]).recorded_count == 1
    assert overpaid() == [450_00]


def test_what_the_household_and_the_other_record_receive_is_shown(county: County) -> None:
    """Of the paid record a benefit of its own, of the household dibao: also once the death has ended the membership."""
    with clock.at(LATE_MARCH):
        paid_one, member = county.families[0].persons[0], county.families[1].persons[0]
        with acting_as(county.officers.opener) as opener:
            own = TakenOver("tekun", None, paid_one.id, MARCH, 700_00)
            take_over_grants(actor=opener, document_id=county.document.id, rows=[own])
        merge(county, second_record(county))
        listed = opened(county)

        def shown() -> dict[int, tuple[str, ...]]:
            with acting_as(county.officers.opener) as opener:
                rows = shown_deaths(opener, listed.report["matched"])
            return {row.row: row.programmes for row in rows}

        before = {2: ("最低生活保障（全户）", "特困人员救助供养"), 3: ("最低生活保障（全户）",)}
        assert shown() == before
        record(county, listed.id, [3])
        with acting_as(everywhere()):
            assert household_of([member.id], on=clock.today()) == {}
        assert shown() == before


def test_merge_with_a_record_that_died_notes_what_was_paid(county: County) -> None:
    with clock.at(LATE_MARCH):
        survivor = second_record(county)
        with acting_as(everywhere()):
            record_death(county.families[0].persons[0], MARCH_28)  # told of the record that was paid, and not noted yet
        assert overpaid() == []
        merge(county, survivor)
        assert overpaid() == [450_00]
        assert opened(county).report["known"] == [2]
