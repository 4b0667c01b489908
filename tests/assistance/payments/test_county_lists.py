"""The two doors that take a county's workbook: checked first, taken whole, the rest given back with its reasons."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from shouwang.areas.public import Area
from shouwang.assistance.commands.county_lists import (
    KEPT_HOURS,
    SentList,
    answer_list_rows,
    correct_list_columns,
    hand_out_refused,
    open_county_list,
    purge_expired_lists,
    take_county_list,
)
from shouwang.assistance.commands.grants import TakenOver, take_over_grants
from shouwang.assistance.commands.history import set_go_live
from shouwang.assistance.commands.runs import run_month
from shouwang.assistance.county_list_file import read_month
from shouwang.assistance.models import AreaGoLive, CountyList, Grant, GrantAmount, Payable
from shouwang.assistance.queries.county_lists import questions_of
from shouwang.assistance.states import Door
from shouwang.kernel import clock, crypto
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import use_scope
from shouwang.registry.models import Person
from shouwang.registry.public import merge_persons
from tests.conftest import OPENING
from tests.factories import FANGZI, GUDI_VILLAGE, HANTING, id_number, make_actor
from tests.kernel.spreadsheets import files

from .setting import (
    GAOLI_VILLAGE,
    MARCH,
    County,
    Family,
    acting_as,
    everywhere,
    make_county,
    make_document,
    make_family,
    make_fund,
    make_officers,
    make_person,
    record_death,
)
from .test_pages import client_of

pytestmark = pytest.mark.django_db

HEADER = ["序号", "户主姓名", "户主身份证号", "月保障金额（元）", "起始月"]
JANUARY = date(2020, 1, 1)


def with_number(person: Person, sequence: int) -> str:
    """The person has an ID number from now on."""
    number = id_number(date(1960, 1, 1), sequence)
    with use_scope(everywhere().scope):
        Person.objects.filter(id=person.id).update(
            id_number=number, id_index=crypto.blind_index("id_number", number), id_tail=number[-4:], no_id_reason=""
        )
    return number


@pytest.fixture
def county(db: None) -> County:
    """寒亭区 with three households in the register and nobody in payment."""
    with use_scope(everywhere().scope):
        made = make_county()
        made.families = [make_family(GUDI_VILLAGE, size=size) for size in (1, 2, 3)]
    return made


def row(family: Family, sequence: int, amount: object = 450, month: str = "2020-03") -> list[object]:
    return [sequence, family.persons[0].name, with_number(family.persons[0], sequence), amount, month]


def sent(county: County, rows: Sequence[Sequence[object]], **changes: object) -> SentList:
    values: dict[str, object] = {
        "door": Door.TAKE_OVER,
        "programme": "dibao",
        "is_by_household": True,
        "document_id": county.document.id,
        "file_name": "寒亭低保名单.xlsx",
        "content": files.xlsx([["寒亭区低保名单"], HEADER, *rows]),
    }
    return SentList(**(values | changes))  # type: ignore[arg-type]


def opened(county: County, rows: Sequence[Sequence[object]], **changes: object) -> CountyList:
    with acting_as(county.officers.opener) as opener:
        return open_county_list(actor=opener, list_id=new_id(), sent=sent(county, rows, **changes))


def taken(county: County, listed: CountyList) -> CountyList:
    with acting_as(county.officers.opener) as opener:
        return take_county_list(actor=opener, list_id=listed.id)


def reasons(listed: CountyList) -> dict[int, list[str]]:
    return {problem["row"]: problem["reasons"] for problem in listed.report["problems"]}


def refused_rows(county: County, listed: CountyList) -> list[list[object]]:
    with acting_as(county.officers.opener) as opener:
        _listed, content = hand_out_refused(actor=opener, list_id=listed.id)
    return [list(cells) for cells in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]


def test_document_of_another_county_opens_no_list(county: County) -> None:
    with use_scope(everywhere().scope):
        theirs = make_document(FANGZI)
    with pytest.raises(NotFound):
        opened(county, [row(county.families[0], 1)], document_id=theirs.id)


def test_check_writes_nothing_and_taking_makes_grants(county: County) -> None:
    first, second, _third = county.families
    listed = opened(county, [row(first, 1), row(second, 2, "315.50元", "2020年2月"), ["合计", "", "", 765.5, ""]])
    assert (listed.row_count, listed.good_count, listed.refused_count, listed.amount_fen) == (2, 2, 0, 765_50)
    with use_scope(everywhere().scope):
        assert Grant.objects.count() == 0
    taken(county, listed)
    with use_scope(everywhere().scope):
        grants = GrantAmount.objects.order_by("monthly_fen").values_list(
            "grant__household", "grant__starts_on", "monthly_fen", "grant__document", "grant__origin"
        )
        assert list(grants) == [
            (second.household.id, date(2020, 2, 1), 315_50, county.document.id, "taken_over"),
            (first.household.id, MARCH, 450_00, county.document.id, "taken_over"),
        ]


def test_every_refused_row_has_its_reason_and_comes_back_in_the_workbook(county: County) -> None:
    good, other_name, poor = county.families
    child = with_number(other_name.persons[1], 41)
    with use_scope(everywhere().scope):
        dead = make_family(GUDI_VILLAGE)
        record_death(dead.persons[0], date(2020, 2, 1))
        alone = make_person(GUDI_VILLAGE)
        elsewhere = make_person(FANGZI + 3_009_000)
    rows = [
        row(good, 1),
        ["2", "李四", with_number(other_name.persons[0], 2), 300, "2020-03"],
        row(poor, 3, 0),
        row(dead, 4),
        [5, alone.name, with_number(alone, 5), 300, "2020-03"],
        [6, elsewhere.name, with_number(elsewhere, 6), 300, "2020-03"],
        [7, "赵六", id_number(date(1950, 1, 1), 77), 300, "2020-03"],
        row(good, 1),
        [9, other_name.persons[1].name, child, 300, "2020-03"],
        [10, "王五", "370703195001010000", 300, "2020-03"],
        row(poor, 3, 450_000),
        row(poor, 3, 300, "三月"),
    ]
    listed = opened(county, rows)
    said = reasons(listed)
    masked = crypto.mask_name(other_name.persons[0].name)
    assert (listed.good_count, listed.refused_count) == (1, 11)
    assert said[4] == [f"底册中的姓名是{masked}，与名单不一致，请核对"]
    assert said[5] == ["金额必须大于零"]
    assert said[6] == ["底册中已登记死亡"]
    assert said[7] == ["底册中此人不在任何家庭里，请先登记家庭"]
    assert said[8] == said[9] == ["本辖区底册中没有这个身份证号，请先在底册登记或办理迁入"]
    assert said[10] == ["与第 3 行是同一个对象，只保留前一行"]
    assert said[11] == ["底册中此人不是户主，请填写户主的身份证号和姓名"]
    assert [reason.partition("：")[0] for reason in said[12]] == ["身份证号"]
    assert said[13] == ["金额 450,000.00 元超过每月 20,000.00 元，请核对单位是不是元"]
    assert said[14] == ["“三月”不是月份，请按 2020-03 的样式填写"]
    back = refused_rows(county, listed)
    assert back[1][-1] == "不能导入的原因"
    assert [cells[-1] for cells in back[2:]] == ["；".join(said[number]) for number in sorted(said)]


def test_row_corrected_in_the_workbook_that_came_back_goes_in(county: County) -> None:
    first, second, _third = county.families
    listed = opened(county, [row(first, 1), row(second, 2, 0)])
    taken(county, listed)
    back = refused_rows(county, listed)
    back[2][3] = 315.5
    again = opened(county, [], content=files.xlsx(back))
    assert (again.good_count, again.refused_count) == (1, 0)
    taken(county, again)
    with use_scope(everywhere().scope):
        assert Grant.objects.count() == 2


def test_columns_that_were_not_found_are_said_by_the_officer(county: County) -> None:
    (family, *_others) = county.families
    sequence, name, number, amount, month = row(family, 1)
    sheet = [["序号", "何人", "身份证号", "多少钱", "起始月", "上月金额"], [sequence, name, number, amount, month, 300]]
    listed = opened(county, [], content=files.xlsx(sheet))
    assert (listed.row_count, "姓名" in listed.report["missing"]) == (0, True)
    with acting_as(county.officers.opener) as opener:
        client = client_of(opener)
        page = reverse("county_list_page", args=[listed.id])
        assert "表中没有找到这些列：姓名" in client.get(page).content.decode()
        act = reverse("county_list_columns", args=[listed.id])
        twice = client.post(act, {"id_number": "2", "name": "1", "amount": "1"})
        assert (twice.status_code, "同一列选给了两个项目" in twice.content.decode()) == (422, True)
        assert client.post(act, {"id_number": "2", "name": "1", "amount": "3", "month": "4"}).status_code == 302
        assert "录入没有问题的 1 行" in client.get(page).content.decode()
        assert client.post(reverse("county_list_take", args=[listed.id])).status_code == 302
        with pytest.raises(StateConflict):
            correct_list_columns(actor=opener, list_id=listed.id, mapping={"name": 1})
    with use_scope(everywhere().scope):
        assert GrantAmount.objects.get().monthly_fen == 450_00


def test_id_of_a_list_with_another_file_is_refused(county: County) -> None:
    said, list_id = sent(county, [row(county.families[0], 1)]), new_id()
    with acting_as(county.officers.opener) as opener:
        first = open_county_list(actor=opener, list_id=list_id, sent=said)
        assert open_county_list(actor=opener, list_id=list_id, sent=said).id == first.id
        for other in (replace(said, content=said.content + b"\0"), replace(said, door=Door.HISTORY)):
            with pytest.raises(Conflict) as refusal:
                open_county_list(actor=opener, list_id=list_id, sent=other)
            assert refusal.value.reason == "request.reused"
        assert CountyList.objects.count() == 1


def test_same_workbook_twice_takes_nobody_over_twice(county: County) -> None:
    rows = [row(family, number) for number, family in enumerate(county.families, 1)]
    taken(county, opened(county, rows))
    again = opened(county, rows)
    assert (again.good_count, set(map(tuple, reasons(again).values()))) == (0, {("已经在保，不能重复接转",)})
    with pytest.raises(StateConflict):
        taken(county, again)
    with use_scope(everywhere().scope):
        assert Grant.objects.count() == 3


def test_list_is_checked_anew_when_it_is_taken(county: County) -> None:
    """Between the check and the taking somebody else took one household over."""
    rows = [row(family, number) for number, family in enumerate(county.families, 1)]
    listed = opened(county, rows)
    other = make_actor("county_officer", HANTING)
    with acting_as(other):
        taken_over = TakenOver("dibao", county.families[0].household.id, None, MARCH, 100_00)
        take_over_grants(actor=other, document_id=county.document.id, rows=[taken_over])
    done = taken(county, listed)
    assert (done.good_count, reasons(done)) == (2, {3: ["已经在保，不能重复接转"]})
    assert taken(county, listed).taken_at == done.taken_at
    with use_scope(everywhere().scope):
        assert Grant.objects.count() == 3


def test_month_of_the_form_stands_where_the_sheet_says_none(county: County) -> None:
    first = county.families[0]
    listed = opened(county, [row(first, 1, month="")], month=JANUARY)
    assert listed.good_count == 1
    assert reasons(opened(county, [row(first, 1, month="")])) == {3: ["没有写明月份，请在表中填写，或在上传时选择"]}


def test_tekun_names_the_person(county: County) -> None:
    listed = opened(county, [row(county.families[1], 1)], programme="tekun", is_by_household=False)
    taken(county, listed)
    with use_scope(everywhere().scope):
        assert Grant.objects.get().person_id == county.families[1].persons[0].id


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"content": b"not a workbook"}, "spreadsheet.broken"),
        ({"content": files.xlsx([HEADER])}, "list.empty"),
        ({"programme": "price_subsidy"}, "list.programme"),
        ({"is_by_household": False}, "list.subject"),
    ],
)
def test_file_that_cannot_be_a_list_is_refused_whole(county: County, changes: dict[str, object], reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        opened(county, [], **changes)
    assert reason in (refusal.value.reason, "spreadsheet.broken")
    with use_scope(everywhere().scope):
        assert CountyList.objects.count() == 0


@pytest.mark.parametrize(
    ("role", "area_code", "error"), [("finance", HANTING, NotAllowed), ("county_officer", FANGZI, NotFound)]
)
def test_list_is_for_its_own_county_officer(county: County, role: str, area_code: int, error: type[Exception]) -> None:
    listed = opened(county, [row(county.families[0], 1), row(county.families[1], 2, 0)])
    actor = make_actor(role, area_code)
    with use_scope(everywhere().scope):
        audits = AuditEntry.objects.count()
    for act in (take_county_list, hand_out_refused, partial(answer_list_rows, answers={2: None})):
        with acting_as(actor), pytest.raises(error):
            act(actor=actor, list_id=listed.id)
    with use_scope(everywhere().scope):
        assert AuditEntry.objects.count() == audits > 0
        assert Grant.objects.count() == 0


def test_workbooks_are_sealed_and_dropped(county: County) -> None:
    first, second, _third = county.families
    listed = opened(county, [row(first, 1), row(second, 2, 0)])
    number = with_number(first.persons[0], 1)
    with use_scope(everywhere().scope):
        kept = CountyList.objects.get(id=listed.id)
        assert kept.source is not None
        assert number.encode() not in bytes(kept.source)
        assert bytes(kept.source)[:2] != b"PK"
        with clock.at(OPENING + timedelta(hours=KEPT_HOURS)):
            assert purge_expired_lists() == 1
            assert purge_expired_lists() == 0
    with pytest.raises(NotFound) as refusal:
        taken(county, listed)
    assert refusal.value.reason == "list.file_gone"


PAID_HEADER = ["姓名", "身份证号", "发放月份", "发放金额", "发放日期", "人数"]


def history(county: County, rows: Sequence[Sequence[object]], **changes: object) -> CountyList:
    values = {"door": Door.HISTORY, "content": files.xlsx([PAID_HEADER, *rows])}
    return opened(county, rows, **(values | changes))


def paid(
    family: Family, sequence: int, month: str = "2020-01", on: object = "2020-01-20", count: object = ""
) -> list[object]:
    head = family.persons[0]
    return [head.name, with_number(head, sequence), month, 450, on, count]


def test_history_is_recorded_with_whom_it_covered(county: County) -> None:
    listed = history(
        county, [paid(county.families[2], 1, count=3), paid(county.families[2], 1, "2020-02", "2020-02-08")]
    )
    taken(county, listed)
    with use_scope(everywhere().scope):
        rows = [
            (payable.benefit_month, payable.origin, payable.amount_fen, payable.persons.count())
            for payable in Payable.objects.order_by("benefit_month")
        ]
    assert rows == [(JANUARY, "history", 450_00, 3), (date(2020, 2, 1), "history", 450_00, 3)]


def test_history_rows_that_cannot_have_been_paid_are_refused(county: County) -> None:
    first, second, third = county.families
    taken(county, history(county, [paid(first, 1)]))
    with acting_as(county.officers.opener) as opener:
        set_go_live(
            actor=opener, area_code=HANTING, programme="dibao", live_on=date(2020, 2, 1), document_id=county.document.id
        )
    listed = history(
        county,
        [
            paid(first, 1),
            paid(second, 2, on="2020-02-01"),
            paid(second, 2, count=5),
            paid(third, 3, on=""),
            paid(third, 3, on="2020-03-19"),
            paid(third, 3, on="2020-01-31"),
        ],
    )
    assert reasons(listed) == {
        2: ["2020-01 已经列入应发，不能再录"],
        3: ["2020-02-01 起已在本系统发放，之后的发放要走每月清册"],
        4: ["名单上 5 人，底册中这一户当月有 2 人，请核对"],
        5: ["没有写明发放日期，请在表中填写，或在上传时选择"],
        6: ["发放日期：日期 2020-03-19 晚于今天"],
    }
    assert listed.good_count == 1


def test_history_by_person_covers_the_person(county: County) -> None:
    family = county.families[2]
    changes = {"programme": "price_subsidy", "is_by_household": False, "paid_on": date(2020, 1, 25)}
    taken(county, history(county, [paid(family, 1, on="")], **changes))
    with use_scope(everywhere().scope):
        payable = Payable.objects.get()
        assert (payable.person_id, payable.persons.get().person_id) == (family.persons[0].id,) * 2


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2020-03", MARCH), ("2020年3月", MARCH), ("2020.3", MARCH), ("202003", MARCH), ("20200315", MARCH),
        ("2020-03-15", MARCH), ("2020/03/15", MARCH),
    ],
)  # fmt: skip
def test_month_is_read_as_people_write_it(text: str, month: date) -> None:
    assert read_month(text) == month


@pytest.mark.parametrize("text", ["3月", "2020", "2020-13", "202013", "本月"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_month(text)


# rows without an ID number

NO_NUMBER_HEADER = [*HEADER, "出生日期", "村（社区）", "所在户户主"]
UNANSWERED = "没有身份证号，还没有确认是不是底册中姓名和出生日期相同的人"


def unnumbered(person: Person, *, amount: object = 450, birth_on: object = "1960-01-01") -> list[object]:
    return [1, person.name, "", amount, "2020-03", birth_on, "固堤村", "王大山"]


def unnumbered_list(county: County, rows: Sequence[Sequence[object]], **changes: object) -> CountyList:
    return opened(county, [], content=files.xlsx([NO_NUMBER_HEADER, *rows]), **changes)


def answered(county: County, listed: CountyList, answers: dict[int, UUID | None]) -> CountyList:
    with acting_as(county.officers.opener) as opener:
        return answer_list_rows(actor=opener, list_id=listed.id, answers=answers)


def answers_in_the_audit() -> list[dict[str, str]]:
    with use_scope(everywhere().scope):
        entries = AuditEntry.objects.filter(action="county_list.answer")
        return sorted((entry.data["answers"] for entry in entries), key=str)


def test_row_without_number_goes_in_only_when_an_officer_says_who_it_is(county: County) -> None:
    first, second, _third = county.families
    listed = unnumbered_list(county, [unnumbered(first.persons[0]), unnumbered(second.persons[0])])
    assert (listed.good_count, reasons(listed)) == (0, {2: [UNANSWERED], 3: [UNANSWERED]})
    assert [question["candidates"] for question in listed.report["questions"]] == [
        [str(first.persons[0].id)],
        [str(second.persons[0].id)],
    ]
    assert "王大山" not in str(listed.report)
    with pytest.raises(StateConflict):
        taken(county, listed)
    listed = answered(county, listed, {2: first.persons[0].id})
    assert (listed.good_count, reasons(listed)) == (1, {3: [UNANSWERED]})
    assert [cells[-1] for cells in refused_rows(county, listed)[1:]] == [UNANSWERED]
    taken(county, listed)
    with use_scope(everywhere().scope):
        assert [grant.household_id for grant in Grant.objects.all()] == [first.household.id]


def test_row_that_an_officer_sends_back_comes_back_with_the_reason(county: County) -> None:
    (family, *_others) = county.families
    listed = answered(county, unnumbered_list(county, [unnumbered(family.persons[0])]), {2: None})
    reason = "没有身份证号，经办人没有认定为底册中的人，请核对姓名和出生日期，或先在底册登记"
    assert (listed.good_count, [cells[-1] for cells in refused_rows(county, listed)[1:]]) == (0, [reason])


def test_same_answer_again_writes_nothing_and_another_replaces_it_until_the_list_is_taken(county: County) -> None:
    (family, *_others) = county.families
    person_id = family.persons[0].id
    listed = unnumbered_list(county, [unnumbered(family.persons[0])])
    for answer in (None, person_id, person_id):
        listed = answered(county, listed, {2: answer})
    taken(county, listed)
    answered(county, listed, {2: person_id})
    with pytest.raises(StateConflict):
        answered(county, listed, {2: None})
    assert answers_in_the_audit() == [{"2": ""}, {"2": str(person_id)}]


def test_only_candidates_of_the_row_can_be_answered(county: County) -> None:
    first, second, third = county.families
    listed = unnumbered_list(county, [unnumbered(first.persons[0]), row(third, 3)])
    for answers in ({2: second.persons[0].id}, {3: third.persons[0].id}, {9: None}):
        with pytest.raises(Invalid) as refusal:
            answered(county, listed, answers)
        assert refusal.value.reason == "list.answer"
    with use_scope(everywhere().scope):
        assert CountyList.objects.get().answers == {}
    assert answers_in_the_audit() == []


def test_row_without_number_and_without_a_living_namesake_in_the_county_is_refused(county: County) -> None:
    with use_scope(everywhere().scope):
        elsewhere = make_person(FANGZI + 3_009_000)
        dead = make_family(GUDI_VILLAGE).persons[0]
        record_death(dead, date(2020, 2, 1))
    someone = county.families[0].persons[0]
    rows = [
        unnumbered(elsewhere),
        unnumbered(dead),
        unnumbered(someone, birth_on="1960-01-02"),
        unnumbered(someone, birth_on=""),
        unnumbered(someone, birth_on="六零年"),
    ]
    listed = unnumbered_list(county, rows)
    nobody = "没有身份证号，本辖区底册中也没有姓名和出生日期都相同的人，请先在底册登记或办理迁入"
    said = reasons(listed)
    assert {number: said[number] for number in (2, 3, 4, 5)} == {
        2: [nobody],
        3: ["底册中已登记死亡"],
        4: [nobody],
        5: ["没有身份证号的，要填写出生日期，按姓名和出生日期在底册中核对"],
    }
    assert [reason.partition("：")[0] for reason in said[6]] == ["出生日期"]
    assert listed.report["questions"] == []


def test_several_namesakes_are_all_offered_and_one_is_meant(county: County) -> None:
    (family, *_others) = county.families
    with use_scope(everywhere().scope):
        other = make_family(GUDI_VILLAGE)
        Person.objects.filter(id=other.persons[0].id).update(name=family.persons[0].name)
    listed = unnumbered_list(county, [unnumbered(family.persons[0])])
    (question,) = listed.report["questions"]
    assert set(question["candidates"]) == {str(family.persons[0].id), str(other.persons[0].id)}
    taken(county, answered(county, listed, {2: other.persons[0].id}))
    with use_scope(everywhere().scope):
        assert Grant.objects.get().household_id == other.household.id


def test_candidate_of_the_village_in_the_sheet_comes_first(county: County) -> None:
    (family, *_others) = county.families
    with use_scope(everywhere().scope):
        near = make_family(GAOLI_VILLAGE).persons[0]
        Person.objects.filter(id=near.id).update(name=family.persons[0].name)
        village = Area.objects.get(code=GAOLI_VILLAGE).name
    listed = unnumbered_list(county, [[*unnumbered(family.persons[0])[:6], village, ""]])
    with acting_as(county.officers.opener) as opener:
        (question,) = questions_of(opener, listed)
    assert [one.person_id for one in question.candidates] == [near.id, family.persons[0].id]


def test_merged_record_offers_the_one_that_stayed(county: County) -> None:
    first, second, _third = county.families
    with acting_as(county.officers.opener) as opener:
        duplicate = make_person(GUDI_VILLAGE, first.persons[0].name)
        merge_persons(actor=opener, duplicate_id=duplicate.id, survivor_id=second.persons[0].id, reason="同一人")
    (question,) = unnumbered_list(county, [unnumbered(duplicate)]).report["questions"]
    assert set(question["candidates"]) == {str(first.persons[0].id), str(second.persons[0].id)}


def test_one_person_with_and_without_number_is_one_row(county: County) -> None:
    (family, *_others) = county.families
    person = family.persons[0]
    listed = unnumbered_list(county, [unnumbered(person), row(family, 1)])
    assert (listed.good_count, reasons(listed)) == (1, {2: [UNANSWERED]})
    listed = answered(county, listed, {2: person.id})
    assert (listed.good_count, reasons(listed)) == (1, {3: ["与第 2 行是同一个对象，只保留前一行"]})


def test_birth_date_that_cannot_be_read_does_not_matter_beside_a_number(county: County) -> None:
    listed = unnumbered_list(county, [[*row(county.families[0], 1), "六零年", "", ""]])
    assert (listed.good_count, reasons(listed)) == (1, {})


def test_other_columns_make_the_answers_void(county: County) -> None:
    (family, *_others) = county.families
    listed = answered(county, unnumbered_list(county, [unnumbered(family.persons[0])]), {2: family.persons[0].id})
    with acting_as(county.officers.opener) as opener:
        listed = correct_list_columns(actor=opener, list_id=listed.id, mapping=listed.report["mapping"])
    assert (listed.answers, reasons(listed)) == ({}, {2: [UNANSWERED]})


def test_history_of_a_person_without_number_is_recorded_once_answered(county: County) -> None:
    head = county.families[2].persons[0]
    sheet = [[*PAID_HEADER, "出生日期"], [head.name, "", "2020-01", 450, "2020-01-20", 3, date(1960, 1, 1)]]
    listed = opened(county, [], door=Door.HISTORY, content=files.xlsx(sheet))
    assert reasons(listed) == {2: [UNANSWERED]}
    taken(county, answered(county, listed, {2: head.id}))
    with use_scope(everywhere().scope):
        assert Payable.objects.get().persons.count() == 3


def test_officer_answers_on_the_page_of_the_list(county: County) -> None:
    first, second, _third = county.families
    listed = unnumbered_list(county, [unnumbered(first.persons[0]), unnumbered(second.persons[0])])
    client = client_of(county.officers.opener)
    page, act = (reverse(name, args=[listed.id]) for name in ("county_list_page", "county_list_answers"))
    shown = client.get(page).content.decode()
    assert shown.count("就是此人：") == shown.count("退回这一行") == 2
    assert (first.persons[0].name in shown, crypto.mask_name(first.persons[0].name) in shown) == (False, True)
    assert "名单上的户主：王*山" in shown
    assert client.post(act, {"row_2": str(second.persons[0].id)}).status_code == 422
    assert client.post(act, {"row_2": str(first.persons[0].id), "row_3": "back"}).status_code == 302
    form = client.get(page).context["answers"]
    assert [form[name].initial for name in ("row_2", "row_3")] == [str(first.persons[0].id), "back"]
    assert "录入没有问题的 1 行" in client.get(page).content.decode()
    assert client.post(reverse("county_list_take", args=[listed.id])).status_code == 302
    assert "就是此人" not in client.get(page).content.decode()
    assert client.post(act, {"row_2": "back"}).status_code in (409, 422)


# the pages


def posted(county: County, rows: Sequence[Sequence[object]], **values: object) -> dict[str, object]:
    content = files.xlsx([HEADER, *rows])
    return {
        "request_id": str(new_id()),
        "programme": "dibao",
        "document": str(county.document.id),
        "month": "",
        "file": SimpleUploadedFile("名单.xlsx", content),
        **values,
    }


def test_officer_takes_a_list_over_on_the_pages(county: County) -> None:
    client = client_of(county.officers.opener)
    assert reverse("county_list_new", args=["take_over"]) in client.get(reverse("grant_list")).content.decode()
    new = reverse("county_list_new", args=["take_over"])
    assert county.document.number in client.get(new).content.decode()
    answer = client.post(new, posted(county, [row(county.families[0], 1), row(county.families[1], 2, 0)]))
    assert answer.status_code == 302, answer.content.decode()
    url = str(answer.headers["Location"])
    page = client.get(url).content.decode()
    assert "录入没有问题的 1 行" in page
    assert "金额必须大于零" in page
    list_id = UUID(url.rstrip("/").rsplit("/", 1)[1])
    back = client.post(reverse("county_list_refused", args=[list_id]))
    assert back.headers["Content-Disposition"].startswith("attachment")
    for close in back._resource_closers:  # back.close() would close the connection as well
        close()
    for _time in range(2):
        assert client.post(reverse("county_list_take", args=[list_id])).status_code == 302
    with use_scope(everywhere().scope):
        assert Grant.objects.count() == 1
    assert "已录入" in client.get(url).content.decode()


def test_upload_sent_twice_is_one_list(county: County) -> None:
    client, values = client_of(county.officers.opener), posted(county, [row(county.families[0], 1)])
    for _time in range(2):
        values["file"].seek(0)  # type: ignore[attr-defined]
        assert client.post(reverse("county_list_new", args=["take_over"]), values).status_code == 302
    with use_scope(everywhere().scope):
        assert CountyList.objects.count() == 1


@pytest.mark.parametrize("door", ["take_over", "history"])
def test_door_is_closed_to_who_keeps_no_grants(county: County, door: str) -> None:
    leader: Actor = county.officers.leader
    assert client_of(leader).get(reverse("county_list_new", args=[door])).status_code == 403
    assert client_of(county.officers.opener).get(reverse("county_list_new", args=[door])).status_code == 200
    assert client_of(county.officers.opener).get(reverse("county_list_new", args=["elsewhere"])).status_code == 404


def test_unreadable_file_is_told_at_the_form(county: County) -> None:
    values = posted(county, [], file=SimpleUploadedFile("名单.xlsx", b"nothing"))
    answer = client_of(county.officers.opener).post(reverse("county_list_new", args=["history"]), values)
    assert answer.status_code == 422


def test_go_live_is_set_once_and_shown_with_the_run(county: County) -> None:
    client = client_of(county.officers.opener)
    values = {
        "area": "370703000000",
        "programme": "dibao",
        "live_on": "2020-03-01",
        "document": str(county.document.id),
    }
    url = reverse("go_live_list")
    assert [client.post(url, values).status_code for _time in range(2)] == [302, 302]
    assert client.post(url, values | {"live_on": "2020-04-01"}).status_code == 422
    assert client.post(url, values | {"area": "370703003000", "programme": "tekun"}).status_code == 422
    with use_scope(everywhere().scope):
        assert [(live.area_code, live.live_on) for live in AreaGoLive.objects.all()] == [(HANTING, MARCH)]
    taken(county, opened(county, [row(county.families[0], 1)]))
    with acting_as(county.officers.opener) as opener:
        run = run_month(actor=opener, programme="dibao", benefit_month=MARCH, area_code=HANTING).run
    assert client.get(reverse("run_page", args=[run.id])).context["live_on"] == MARCH
    assert "2020-03-01" in client_of(county.officers.leader).get(url).content.decode()
    assert client_of(county.officers.leader).post(url, values | {"programme": "tekun"}).status_code == 403


def test_refusal_of_a_door_leaves_the_list_as_it_was(db: None) -> None:
    """No fund pays the programme: the history is refused whole, and the list may be taken later."""
    with use_scope(everywhere().scope):
        elsewhere = make_fund(FANGZI, money_fen=0)
        county = County(HANTING, make_officers(HANTING), elsewhere, make_document(), [make_family(GUDI_VILLAGE)])
    listed = history(county, [paid(county.families[0], 1)])
    with pytest.raises(DomainError):
        taken(county, listed)
    with use_scope(everywhere().scope):
        assert (CountyList.objects.get().state, Payable.objects.count()) == ("checked", 0)
