"""A township's list as it really comes: in, back out, in again, and undone."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import openpyxl
import pytest

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.models import AuditEntry
from shouwang.registry.commands.import_undo import undo_import
from shouwang.registry.commands.imports import (
    check_import,
    correct_columns,
    decide_rows,
    hand_out_refused,
    load_import,
    open_import,
)
from shouwang.registry.models import Household, ImportBatch, ImportFile, Person, PersonFact
from shouwang.registry.public import (
    account_as_of,
    get_household_for,
    household_of,
    list_households_for,
    members_as_of,
    person_facts_as_of,
)
from shouwang.registry.queries.imports import get_import_for, questions_of
from shouwang.registry.states import PersonFactKind, Relation
from tests.conftest import OPENING
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, acting, id_number
from tests.kernel.spreadsheets import files

from .books import HEADER, VILLAGE, numbered, person_row

pytestmark = pytest.mark.django_db

Rows = list[Sequence[object]]
HEAD = numbered(1)
SPOUSE = numbered(2)
CHILD = numbered(3)
TODAY = OPENING.date()


def family() -> Rows:
    return [
        person_row("1", "张永福", HEAD),
        person_row("1", "李桂兰", SPOUSE, "配偶", income="0.12万元", account=""),
        person_row("1", "张建国", CHILD, "长子", income="", bank="", account=""),
    ]


def opened(actor: Actor, rows: Rows, *, name: str = "名册.xlsx", since: date | None = None) -> ImportBatch:
    content = files.xlsx([HEADER, *rows])
    return open_import(actor=actor, area_code=GUDI, file_name=name, file=io.BytesIO(content), since=since)


def checked(actor: Actor, rows: Rows) -> ImportBatch:
    return check_import(actor=actor, batch_id=opened(actor, rows).id)


def loaded(actor: Actor, rows: Rows, **kwargs: object) -> ImportBatch:
    batch = opened(actor, rows, **kwargs)  # type: ignore[arg-type]
    check_import(actor=actor, batch_id=batch.id)
    return load_import(actor=actor, batch_id=batch.id)


def counts(batch: ImportBatch) -> tuple[int, int, int, int, int]:
    """created, changed, equal, refused, undecided."""
    return (
        batch.created_count,
        batch.changed_count,
        batch.equal_count,
        batch.refused_count,
        batch.undecided_count,
    )


def reasons(batch: ImportBatch) -> dict[int, str]:
    return {problem["row"]: "；".join(problem["reasons"]) for problem in batch.report["problems"]}


def messy(rows: Rows) -> Rows:
    """The rows under two title rows and a header, over a total and notes."""
    return [
        ["固堤街道困难家庭名册"],
        ["填报单位：固堤街道", "", "2020年3月"],
        HEADER,
        *rows,
        ["合计", 3],
        ["填表人：王芳"],
    ]


def as_text(rows: Rows) -> bytes:
    return "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).encode("gb18030")


@pytest.mark.parametrize(
    ("name", "write"),
    [("a.xlsx", files.xlsx), ("a.xls", files.xls), ("a.ods", files.ods), ("a.csv", as_text)],
)
def test_messy_list_of_every_format_becomes_one_household(name: str, write: Callable[[Rows], bytes]) -> None:
    rows = family()
    rows[0][3], rows[0][4] = "张 永 福", "".join(chr(ord(digit) + 0xFEE0) for digit in HEAD)
    with acting("township_assistant", GUDI) as actor:
        batch = open_import(actor=actor, area_code=GUDI, file_name=name, file=io.BytesIO(write(messy(rows))))
        assert counts(check_import(actor=actor, batch_id=batch.id)) == (3, 0, 0, 0, 0)
        assert Household.objects.count() == Person.objects.count() == 0
        batch = load_import(actor=actor, batch_id=batch.id)
        assert counts(batch) == (3, 0, 0, 0, 0)
        household = Household.objects.get()
        assert household.area_code == GUDI_VILLAGE
        members = members_as_of([household.id], on=TODAY)[household.id]
        assert [(one.name, one.relation) for one in members] == [
            ("张永福", Relation.HEAD),
            ("张建国", Relation.CHILD),
            ("李桂兰", Relation.SPOUSE),
        ]
        ids = {one.name: one.person_id for one in members}
        facts = person_facts_as_of(list(ids.values()), list(PersonFactKind), on=TODAY)
        assert facts[ids["张永福"]] == {PersonFactKind.INCOME_WAGE: 120_000}
        assert facts[ids["李桂兰"]] == {PersonFactKind.INCOME_WAGE: 120_000}
        assert facts[ids["张建国"]] == {}
        assert [account.account_tail for account in account_as_of(list(ids.values()), on=TODAY).values()] == ["0123"]
        assert ImportFile.objects.count() == 0


def test_two_row_header_with_merged_cells_and_a_merged_village() -> None:
    rows: Rows = [
        ["固堤街道名册", *[None] * 5],
        ["村", "户主", None, "家庭成员", None, None],
        [None, "姓名", "身份证号", "姓名", "身份证号", "与户主关系"],
        [VILLAGE, "张永福", HEAD, "张永福", HEAD, "户主"],
        [None, None, None, "李桂兰", SPOUSE, "妻子"],
        [None, "王海", numbered(8), "王海", numbered(8), "户主"],
    ]
    merged = ["A1:F1", "A2:A3", "B2:C2", "D2:F2", "A4:A6", "B4:B5", "C4:C5"]
    with acting("township_assistant", GUDI) as actor:
        content = files.xlsx(rows, merged=merged)
        batch = open_import(actor=actor, area_code=GUDI, file_name="a.xlsx", file=io.BytesIO(content))
        assert batch.layout["mapping"] == {
            "village": 0, "head_name": 1, "head_id": 2, "name": 3, "id_number": 4, "relation": 5,
        }  # fmt: skip
        assert counts(check_import(actor=actor, batch_id=batch.id)) == (3, 0, 0, 0, 0)
        assert load_import(actor=actor, batch_id=batch.id).report["households"] == {"created": 2}


def test_list_of_heads_is_one_household_a_row() -> None:
    rows: Rows = [["户主姓名", "身份证号", "村"], ["张永福", HEAD, "解家沿"], ["李桂兰", SPOUSE, "固堤街道解家沿村"]]
    with acting("township_assistant", GUDI) as actor:
        batch = open_import(actor=actor, area_code=GUDI, file_name="a.xlsx", file=io.BytesIO(files.xlsx(rows)))
        check_import(actor=actor, batch_id=batch.id)
        assert load_import(actor=actor, batch_id=batch.id).report["households"] == {"created": 2}


def test_same_list_twice_changes_nothing() -> None:
    with acting("township_assistant", GUDI) as actor:
        loaded(actor, family())
        before = PersonFact.objects.count()
        with clock.at(OPENING + timedelta(days=30)):
            batch = loaded(actor, family())
            assert counts(batch) == (0, 0, 3, 0, 0)
            assert batch.report["rows_appended"] == 0
        assert PersonFact.objects.count() == before


def test_one_changed_cell_appends_one_row() -> None:
    with acting("township_assistant", GUDI) as actor:
        loaded(actor, family())
        rows = family()
        rows[1] = person_row("1", "李桂兰", SPOUSE, "配偶", income=1500, account="")
        with clock.at(OPENING + timedelta(days=30)):
            batch = loaded(actor, rows)
        assert counts(batch) == (0, 3, 0, 0, 0)
        assert batch.report["rows_appended"] == 1


BAD_CELLS = [
    (4, 3.70723e17, "身份证号：号码被 Excel 当成了数字"),
    (4, HEAD[:-1] + ("0" if HEAD[-1] != "0" else "1"), "身份证号：身份证号校验码不符"),
    (4, id_number(date(2030, 1, 1)), "身份证号：身份证号中的出生日期晚于今天"),
    (4, "", "请填写身份证号；没有身份证号的，要选明原因"),
    (9, -500, "月收入：金额“-500”是负数"),
    (9, "一千多", "月收入：“一千多”不是金额"),
    (2, "不存在村", "村（社区）：固堤街道没有“不存在村”"),
    (2, "", "村（社区）：不能为空"),
    (5, "邻居", "与户主关系：“邻居”不认识"),
    (6, "女" if int(HEAD[16]) % 2 else "男", "请核对"),
    (7, "12345", "联系电话应为11位手机号"),
    (8, "不详", "健康状况：“不详”不认识"),
    (10, "", "银行账号：填了账号就要填写开户行"),
    (11, "12", "银行账号：银行账号应为8至30位数字"),
]


@pytest.mark.parametrize(("column", "value", "reason"), BAD_CELLS)
def test_bad_cell_refuses_its_household_and_no_other(column: int, value: object, reason: str) -> None:
    bad, good = family(), person_row("2", "王海", numbered(8))
    bad[0][column] = value
    with acting("township_assistant", GUDI) as actor:
        batch = loaded(actor, [*bad, good])
        assert counts(batch) == (1, 0, 0, 3, 0)
        assert reason in reasons(batch)[2]
        assert reasons(batch)[3] == "同一户的第 2 行有问题，整户未导入"
        assert [person.name for person in Person.objects.all()] == ["王海"]


def test_formula_without_value_is_refused_with_its_reason() -> None:
    rows = family()
    rows[0][9] = "=600+600"
    with acting("township_assistant", GUDI) as actor:
        assert "月收入：单元格是公式" in reasons(loaded(actor, rows))[2]


def test_same_number_twice_refuses_both_rows_and_names_both() -> None:
    with acting("township_assistant", GUDI) as actor:
        batch = loaded(actor, [person_row("1", "张永福", HEAD), person_row("2", "张永富", HEAD)])
        assert counts(batch) == (0, 0, 0, 2, 0)
        assert reasons(batch) == {
            2: "身份证号：与第 3 行相同，请核对哪一行正确",
            3: "身份证号：与第 2 行相同，请核对哪一行正确",
        }


def test_person_of_another_county_is_refused_with_the_county() -> None:
    with acting("county_officer", FANGZI) as neighbour:
        content = files.xlsx([["户主姓名", "身份证号"], ["张永福", HEAD]])
        batch = open_import(actor=neighbour, area_code=370704003009000, file_name="a.xlsx", file=io.BytesIO(content))
        check_import(actor=neighbour, batch_id=batch.id)
        load_import(actor=neighbour, batch_id=batch.id)
    with acting("township_assistant", GUDI) as actor:
        batch = loaded(actor, family())
        assert counts(batch) == (0, 0, 0, 3, 0)
        assert "坊子区" in reasons(batch)[2]
        assert Person.objects.count() == 0


def test_household_without_a_head_or_with_two_is_refused() -> None:
    with acting("township_assistant", GUDI) as actor:
        rows = [
            person_row("1", "张永福", HEAD, "长子"),
            person_row("2", "李桂兰", SPOUSE),
            person_row("2", "张建国", CHILD),
        ]
        assert reasons(checked(actor, rows)) == {
            2: "这一户没有户主：请在户主一行的“与户主关系”填“户主”",
            3: "同一户的第 4 行有问题，整户未导入",
            4: "第 3 行已经是这一户的户主，每户只有一位户主",
        }


def test_refused_rows_come_back_are_corrected_and_loaded() -> None:
    rows = [*family(), person_row("2", "王海", "370723199001011234")]
    with acting("township_assistant", GUDI) as actor:
        batch = loaded(actor, rows)
        assert counts(batch) == (3, 0, 0, 1, 0)
        with hand_out_refused(actor=actor, batch_id=batch.id) as refused:
            book = openpyxl.load_workbook(refused)
        sheet = book.active
        assert [cell.value for cell in sheet[1]][-1] == "不能导入的原因"
        assert "校验码不符" in str(sheet.cell(2, len(HEADER) + 1).value)
        sheet.cell(2, 5).value, sheet.cell(2, 7).value = numbered(8), None
        again = open_import(actor=actor, area_code=GUDI, file_name="退回.xlsx", file=io.BytesIO(files.saved(book)))
        check_import(actor=actor, batch_id=again.id)
        batch = load_import(actor=actor, batch_id=again.id)
        assert (reasons(batch), counts(batch)) == ({}, (1, 0, 0, 0, 0))
        assert Person.objects.count() == 4


def without_number(name: str = "张小宝") -> list[object]:
    return ["", "1", VILLAGE, name, "", "子女", "男", "", "健康", "", "", "", "", "2020-02-01", "新生儿"]


def with_newborn() -> tuple[list[str], Rows]:
    return [*HEADER, "出生日期", "无证原因"], [*family(), without_number()]


def test_person_without_number_is_decided_by_a_person_and_never_silently() -> None:
    header, rows = with_newborn()
    with acting("township_assistant", GUDI) as actor:
        content = files.xlsx([header, *rows])
        first = open_import(actor=actor, area_code=GUDI, file_name="a.xlsx", file=io.BytesIO(content))
        check_import(actor=actor, batch_id=first.id)
        assert counts(load_import(actor=actor, batch_id=first.id)) == (4, 0, 0, 0, 0)
        newborn = Person.objects.get(name="张小宝")

        later = files.xlsx([["三月"], header, *rows])
        batch = open_import(actor=actor, area_code=GUDI, file_name="b.xlsx", file=io.BytesIO(later))
        assert counts(check_import(actor=actor, batch_id=batch.id)) == (0, 0, 0, 0, 4)
        batch = load_import(actor=actor, batch_id=batch.id)
        assert counts(batch) == (0, 0, 0, 0, 4)
        (question,) = questions_of(actor, batch)
        assert (question.row, question.name, question.head_name) == (6, "张小宝", "张永福")
        (candidate,) = question.candidates
        assert (candidate.person_id, candidate.has_same_head) == (newborn.id, True)
        with pytest.raises(Invalid):
            decide_rows(actor=actor, batch_id=batch.id, decisions={6: Person.objects.get(name="张永福").id})
        batch = decide_rows(actor=actor, batch_id=batch.id, decisions={6: newborn.id})
        assert counts(batch) == (0, 0, 4, 0, 0)
        assert Person.objects.count() == 4
        assert ImportFile.objects.count() == 0


def renamed_in_the_sheet(actor: Actor) -> ImportBatch:
    """The family as it stands, then a sheet that has the wife under another name; checked."""
    loaded(actor, family())
    rows = family()
    rows[1][3] = "李桂香"
    batch = checked(actor, rows)
    assert counts(batch) == (0, 0, 0, 0, 3)
    return batch


def test_number_under_another_name_is_the_same_person_when_somebody_says_so() -> None:
    with acting("township_assistant", GUDI) as actor:
        batch = renamed_in_the_sheet(actor)
        (question,) = questions_of(actor, batch)
        assert (question.kind, question.row, question.name) == ("other_name", 3, "李桂香")
        (candidate,) = question.candidates
        assert (candidate.name, candidate.head_name) == ("李桂兰", "张永福")
        decide_rows(actor=actor, batch_id=batch.id, decisions={3: candidate.person_id})
        assert counts(load_import(actor=actor, batch_id=batch.id)) == (0, 3, 0, 0, 0)
        assert sorted(Person.objects.values_list("name", flat=True)) == ["张建国", "张永福", "李桂香"]
        entry = AuditEntry.objects.get(action="import.decide")
        assert entry.data["answers"] == {"3": str(candidate.person_id)}


@pytest.mark.parametrize("is_loaded", [False, True])
def test_number_under_another_name_that_is_wrong_sends_the_household_back(is_loaded: bool) -> None:
    with acting("township_assistant", GUDI) as actor:
        batch = renamed_in_the_sheet(actor)
        if is_loaded:
            assert counts(load_import(actor=actor, batch_id=batch.id)) == (0, 0, 0, 0, 3)
        batch = decide_rows(actor=actor, batch_id=batch.id, decisions={3: None})
        if not is_loaded:
            batch = load_import(actor=actor, batch_id=batch.id)
        assert counts(batch) == (0, 0, 0, 3, 0)
        with hand_out_refused(actor=actor, batch_id=batch.id) as refused:
            rows = list(openpyxl.load_workbook(refused).active.values)
        assert rows[2][-1] == "经确认不是底册中用这个身份证号的人，请核对身份证号"
        assert rows[1][-1] == rows[3][-1] == "同一户的第 3 行有问题，整户未导入"
        assert Person.objects.filter(name="李桂香").count() == 0


def test_person_without_number_decided_to_be_somebody_else_is_registered() -> None:
    header, rows = with_newborn()
    with acting("township_assistant", GUDI) as actor:
        for name in ("a.xlsx", "b.xlsx"):
            content = files.xlsx([[name], header, *rows])
            batch = open_import(actor=actor, area_code=GUDI, file_name=name, file=io.BytesIO(content))
            check_import(actor=actor, batch_id=batch.id)
            load_import(actor=actor, batch_id=batch.id)
        batch = decide_rows(actor=actor, batch_id=batch.id, decisions={6: None})
        assert counts(batch) == (0, 4, 0, 0, 0)
        assert Person.objects.filter(name="张小宝").count() == 2


def test_very_same_file_remembers_who_its_people_without_number_are() -> None:
    header, rows = with_newborn()
    content = files.xlsx([header, *rows])
    with acting("township_assistant", GUDI) as actor:
        for expected in ((4, 0, 0, 0, 0), (0, 0, 4, 0, 0)):
            batch = open_import(actor=actor, area_code=GUDI, file_name="a.xlsx", file=io.BytesIO(content))
            check_import(actor=actor, batch_id=batch.id)
            assert counts(load_import(actor=actor, batch_id=batch.id)) == expected
        assert Person.objects.count() == 4


def test_columns_are_corrected_by_a_person() -> None:
    rows: Rows = [["甲", "乙", "丙", "姓名"], ["解家沿村委会", HEAD, "户主", "张永福"]]
    with acting("township_assistant", GUDI) as actor:
        batch = open_import(actor=actor, area_code=GUDI, file_name="a.xlsx", file=io.BytesIO(files.xlsx(rows)))
        batch = check_import(actor=actor, batch_id=batch.id)
        assert batch.report == {"missing": "没有找到必需的列：身份证号、村（社区）。请在下面指定它们是哪一列"}
        with pytest.raises(StateConflict):
            load_import(actor=actor, batch_id=batch.id)
        with pytest.raises(Invalid):
            correct_columns(actor=actor, batch_id=batch.id, mapping={"name": 3, "village": 3})
        mapping = {"village": 0, "id_number": 1, "relation": 2, "name": 3}
        correct_columns(actor=actor, batch_id=batch.id, mapping=mapping)
        assert counts(check_import(actor=actor, batch_id=batch.id)) == (1, 0, 0, 0, 0)


def test_incomes_by_kind_by_year_and_as_a_contradiction() -> None:
    header = ["姓名", "身份证号", "与户主关系", "工资性收入", "转移性收入", "月总收入", "年收入"]
    rows: Rows = [
        header,
        ["张永福", HEAD, "户主", 1000, 200, 1200, ""],
        ["王海", numbered(8), "户主", "", "", "", 10000],
        ["李宝", numbered(9), "户主", 1000, 200, 1300, ""],
    ]
    with acting("township_assistant", GUDI) as actor:
        batch = open_import(actor=actor, area_code=GUDI_VILLAGE, file_name="a.xlsx", file=io.BytesIO(files.xlsx(rows)))
        check_import(actor=actor, batch_id=batch.id)
        batch = load_import(actor=actor, batch_id=batch.id)
        assert reasons(batch) == {4: "月收入：各项收入之和与总收入不一致，请核对"}
        ids = {person.name: person.id for person in Person.objects.all()}
        facts = person_facts_as_of(list(ids.values()), list(PersonFactKind), on=TODAY)
        assert facts[ids["张永福"]] == {PersonFactKind.INCOME_WAGE: 100_000, PersonFactKind.INCOME_TRANSFER: 20_000}
        assert facts[ids["王海"]] == {PersonFactKind.INCOME_WAGE: 83_333}


def test_undo_restores_what_was_so_and_deletes_nothing() -> None:
    with acting("township_assistant", GUDI) as actor:
        loaded(actor, family())
        rows = family()
        rows[1] = person_row("1", "李桂兰", SPOUSE, "配偶", income=1500, account="6217001234567899999")
        rows.append(person_row("2", "王海", numbered(8)))
        with clock.at(OPENING + timedelta(hours=1)):
            batch = loaded(actor, rows)
            ids = {person.name: person.id for person in Person.objects.all()}
            homes = household_of([ids["王海"], ids["张永福"]], on=TODAY)
            assert {home.id for home in list_households_for(actor)} == set(homes.values())
        with clock.at(OPENING + timedelta(hours=2)):
            undone = undo_import(actor=actor, batch_id=batch.id, reason="报错了月份")
            assert undone.state == "undone"
        wages = [PersonFactKind.INCOME_WAGE]
        with clock.at(OPENING + timedelta(hours=3)):
            now = person_facts_as_of([ids["李桂兰"], ids["王海"]], wages, on=TODAY)
            assert now == {ids["李桂兰"]: {PersonFactKind.INCOME_WAGE: 120_000}, ids["王海"]: {}}
            assert set(household_of(list(ids.values()), on=TODAY)) == {ids["张永福"], ids["李桂兰"], ids["张建国"]}
            assert set(account_as_of(list(ids.values()), on=TODAY)) == {ids["张永福"]}
            then = OPENING + timedelta(minutes=90)
            assert person_facts_as_of([ids["李桂兰"]], wages, on=TODAY, known_at=then) == {
                ids["李桂兰"]: {PersonFactKind.INCOME_WAGE: 150_000}
            }
            assert set(household_of([ids["王海"]], on=TODAY, known_at=then)) == {ids["王海"]}
            assert set(account_as_of([ids["李桂兰"]], on=TODAY, known_at=then)) == {ids["李桂兰"]}
            undone_home = get_household_for(actor, homes[ids["王海"]])
            listed = [set(list_households_for(actor)), set(list_households_for(actor, keyword=undone_home.number))]
            assert [{home.id for home in found} for found in listed] == [{homes[ids["张永福"]]}, set()]
            shown = members_as_of([undone_home.id], on=TODAY, known_at=then)[undone_home.id]
            assert [member.name for member in shown] == ["王海"]
            assert members_as_of([undone_home.id], on=TODAY) == {undone_home.id: []}
            assert counts(loaded(actor, rows)) == (1, 3, 0, 0, 0)


def test_undo_is_refused_after_a_later_import_and_after_a_later_fact() -> None:
    from shouwang.registry.public import record_person_fact

    with acting("township_assistant", GUDI) as actor:
        first = loaded(actor, family())
        with clock.at(OPENING + timedelta(hours=1)):
            second = loaded(actor, [person_row("2", "王海", numbered(8))])
        with pytest.raises(StateConflict) as refused:
            undo_import(actor=actor, batch_id=first.id, reason="测试")
        assert refused.value.reason == "import.not_latest"
        with clock.at(OPENING + timedelta(hours=2)):
            record_person_fact(
                actor=actor,
                person_id=Person.objects.get(name="王海").id,
                kind=PersonFactKind.SERIOUS_ILLNESS,
                value=1,
                valid_from=TODAY,
                source="入户",
            )
            audited = AuditEntry.objects.count()
            with pytest.raises(StateConflict) as refused:
                undo_import(actor=actor, batch_id=second.id, reason="测试")
        assert refused.value.reason == "import.rested_on"
        assert (AuditEntry.objects.count(), get_import_for(actor, second.id).state) == (audited, "loaded")


def test_grid_worker_and_neighbour_are_refused_and_nothing_is_written() -> None:
    with acting("township_assistant", GUDI) as actor:
        batch = checked(actor, family())
    for role, area, error in (("grid_worker", GUDI, NotAllowed), ("county_officer", FANGZI, NotFound)):
        with acting(role, area) as other:
            with pytest.raises(error):
                load_import(actor=other, batch_id=batch.id)
            with pytest.raises(NotAllowed):
                opened(other, family())
    with acting("county_officer", HANTING) as county:
        assert Person.objects.count() == 0
        assert ImportBatch.objects.count() == 1
        assert {entry.action for entry in AuditEntry.objects.filter(subject__startswith="import:")} == {
            "import.open",
            "import.check",
        }
        assert counts(load_import(actor=county, batch_id=batch.id)) == (3, 0, 0, 0, 0)


def test_form_sent_twice_is_one_import_and_another_file_is_refused() -> None:
    with acting("township_assistant", GUDI) as actor:
        content = files.xlsx([HEADER, *family()])
        first = open_import(actor=actor, area_code=GUDI, file_name="a.xlsx", file=io.BytesIO(content))
        again = open_import(
            actor=actor, area_code=GUDI, file_name="a.xlsx", file=io.BytesIO(content), batch_id=first.id
        )
        assert again.id == first.id
        other = files.xlsx([HEADER])
        with pytest.raises(Conflict):
            open_import(actor=actor, area_code=GUDI, file_name="a.xlsx", file=io.BytesIO(other), batch_id=first.id)


def test_number_typed_into_a_wrong_cell_is_not_kept_in_the_report() -> None:
    rows = family()
    rows[0][9] = CHILD
    with acting("township_assistant", GUDI) as actor:
        batch = checked(actor, rows)
        assert CHILD not in str(batch.report)
        assert reasons(batch)[2] != ""
