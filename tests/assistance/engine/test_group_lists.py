"""Whom other departments pay: a county's list for a month, and the price subsidy that follows from it once a person."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.urls import reverse

from shouwang.assistance.commands.group_lists import SentGroup, open_group_list, take_group_list
from shouwang.assistance.engine.kept import replay
from shouwang.assistance.group_list_file import COLUMNS
from shouwang.assistance.models import GroupList, GroupListPerson, Payable
from shouwang.assistance.queries.group_lists import get_group_list_for
from shouwang.assistance.states import Programme
from shouwang.kernel import clock, crypto
from shouwang.kernel.errors import Conflict, Invalid, NotFound
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.spreadsheets import write_xlsx
from shouwang.registry.models import Person
from tests.assistance.payments.setting import (
    MARCH,
    County,
    Family,
    acting_as,
    confirm_values,
    everywhere,
    make_document,
    record_death,
    take_over,
)
from tests.assistance.payments.test_pages import client_of
from tests.factories import FANGZI, WEIFANG, id_number, make_actor

from .setting import family, grant, know, line_of, make_programme_county, run, why

pytestmark = pytest.mark.django_db

BETTER = """
defaults: {area: 370700000000000, from: 2020-01-01, status: confirmed, source: {number: 潍发改〔2020〕2号}}
parameters:
  price_subsidy.standard.unemployment_insurance: {unit: 选项, values: [{value: urban}]}
"""
RURAL_FEN = 40_00


@pytest.fixture
def county(db: None) -> County:
    return make_programme_county()


def numbered(*, size: int = 1, born: Sequence[date] = ()) -> Family:
    """A family in which each has an ID number."""
    made = family(size=size, born=born)
    with acting_as(everywhere()):
        for person in made.persons:
            number = id_number(date(1960, 1, 1), 100 + int(person.name[1:]) % 800)
            Person.objects.filter(id=person.id).update(
                id_number=number, id_index=crypto.blind_index("id_number", number), id_tail=number[-4:], no_id_reason=""
            )
            person.id_number = number
    return made


def sent(county: County, rows: Sequence[tuple[str, str]], *, group: str = "veteran", month: date = MARCH) -> SentGroup:
    file = io.BytesIO()
    write_xlsx(file, COLUMNS, [{"id_number": number, "name": name} for number, name in rows])
    return SentGroup(group, month, county.document.id, "优抚名单.xlsx", file.getvalue())


def opened(county: County, persons: Sequence[Person], *, group: str = "veteran", month: date = MARCH) -> GroupList:
    rows = [(str(person.id_number), person.name) for person in persons]
    with acting_as(county.officers.opener) as opener:
        return open_group_list(actor=opener, list_id=new_id(), sent=sent(county, rows, group=group, month=month))


def take(county: County, list_id: UUID) -> GroupList:
    with acting_as(county.officers.opener) as opener:
        return take_group_list(actor=opener, list_id=list_id)


def amounts(county: County) -> dict[UUID | None, int]:
    with acting_as(everywhere()):
        return dict(Payable.objects.filter(programme=Programme.PRICE_SUBSIDY).values_list("person_id", "amount_fen"))


def test_taken_list_is_paid_and_one_only_checked_is_not(county: County) -> None:
    veteran, other = numbered().persons[0], numbered().persons[0]
    poor = family()
    take_over(county, [(poor, 400_00)])
    take(county, opened(county, [veteran]).id)
    opened(county, [other], group="unemployment_insurance")
    result = run(county, Programme.PRICE_SUBSIDY)
    found = line_of(county, Programme.PRICE_SUBSIDY, veteran)
    assert why(found)[-1] == "按优抚对象发放"
    paid = amounts(county)
    assert set(paid) == {veteran.id, poor.persons[0].id}
    assert (paid[poor.persons[0].id], paid[veteran.id]) == (40_00, found.line.amount_fen)
    assert result.run.amount_fen == sum(paid.values())
    with acting_as(everywhere()):
        payable = Payable.objects.get(run=result.run, person=veteran)
        assert (payable.payee_id, payable.origin, payable.grant_id) == (veteran.id, "taken_over", None)
        assert replay(result.run).difference_count == 0


def test_person_in_several_groups_is_paid_once_in_the_best(county: County) -> None:
    """寒亭's dibao is paid by the rural standard, the unemployed by the urban one: who is both is paid the urban one."""
    with acting_as(everywhere()):
        confirm_values("潍发改〔2020〕2号", BETTER)
    poor = numbered(size=2)
    take_over(county, [(poor, 400_00)])
    take(county, opened(county, [poor.persons[1]], group="unemployment_insurance").id)
    take(county, opened(county, [poor.persons[1]], group="veteran").id)
    run(county, Programme.PRICE_SUBSIDY)
    found = line_of(county, Programme.PRICE_SUBSIDY, poor.persons[1])
    assert "同时属于几类对象，只按最高的一类发放一次" in why(found)
    assert why(found)[-1] == "按优抚对象发放"  # equal to the unemployed: the first of the rule's groups names it
    paid = amounts(county)
    assert (len(paid), paid[poor.persons[0].id]) == (2, RURAL_FEN)
    assert paid[poor.persons[1].id] > RURAL_FEN


def test_granted_orphan_on_a_list_counts_in_one_group(county: County) -> None:
    child = numbered(born=[date(2010, 1, 1)]).persons[0]
    know(child, "category", code="orphan")
    grant(county, Programme.ORPHAN, child, 1000_00)
    take(county, opened(county, [child], group="orphan").id)
    result = run(county, Programme.PRICE_SUBSIDY)
    assert (result.run.payable_count, "granted_twice" in result.run.report) == (1, False)
    found = line_of(county, Programme.PRICE_SUBSIDY, child)
    assert "同时属于几类对象，只按最高的一类发放一次" not in why(found)


def test_rows_that_cannot_be_paid_are_told(county: County) -> None:
    """Another name, twice in the list, dead, not an orphan by the register, nobody of the register."""
    right, wrong, dead = (numbered().persons[0] for _one in range(3))
    with acting_as(everywhere()):
        record_death(dead, date(2020, 2, 20))
    rows = [
        (str(right.id_number), right.name),
        (str(right.id_number), right.name),
        (str(wrong.id_number), "李另"),
        (str(dead.id_number), dead.name),
        (id_number(date(1950, 1, 1), 944), "赵六"),
    ]
    with acting_as(county.officers.opener) as opener:
        report = open_group_list(actor=opener, list_id=new_id(), sent=sent(county, rows)).report
    assert [one["row"] for one in report["matched"]] == [2]
    assert {one["row"]: one["reason"] for one in report["problems"]} == {
        3: "名单里重复，只列一次",
        4: "姓名与底册不一致，请核对是不是本人",
        5: "底册登记 2020-02-20 已经死亡",
    }
    assert report["unknown"] == [6]
    (orphan,) = opened(county, [right], group="orphan").report["problems"]
    assert orphan["reason"] == "底册没有登记为孤儿，请先在人员页登记"


def test_list_taken_last_holds(county: County) -> None:
    first, second = numbered().persons[0], numbered().persons[0]
    take(county, opened(county, [first]).id)
    with clock.at(clock.now() + timedelta(minutes=5)):
        take(county, opened(county, [second]).id)
        run(county, Programme.PRICE_SUBSIDY)
    assert set(amounts(county)) == {second.id}


def test_list_of_another_month_pays_nobody(county: County) -> None:
    veteran = numbered().persons[0]
    take(county, opened(county, [veteran], month=date(2020, 2, 1)).id)
    run(county, Programme.PRICE_SUBSIDY)
    assert amounts(county) == {}


def test_list_after_the_run_and_a_neighbour_s_are_refused(county: County) -> None:
    veteran = numbered().persons[0]
    listed = opened(county, [veteran])
    with acting_as(make_actor("county_officer", FANGZI)) as neighbour, pytest.raises(NotFound):
        take_group_list(actor=neighbour, list_id=listed.id)
    run(county, Programme.PRICE_SUBSIDY)
    with acting_as(everywhere()):
        before = AuditEntry.objects.count()
    with acting_as(county.officers.opener) as opener:
        with pytest.raises(Conflict, match="已经生成清册"):
            take_group_list(actor=opener, list_id=listed.id)
        with pytest.raises(Conflict, match="已经生成清册"):
            open_group_list(actor=opener, list_id=new_id(), sent=sent(county, [("1", "张三")]))
        with pytest.raises(Invalid, match="不用名单"):
            open_group_list(actor=opener, list_id=new_id(), sent=sent(county, [], group="dibao"))
    with acting_as(everywhere()):
        assert (GroupListPerson.objects.count(), AuditEntry.objects.count()) == (0, before)


def test_list_of_the_city_pays_in_the_county_s_run(county: County) -> None:
    """Before any county has run the month; afterwards it is refused, because some would be left out unseen."""
    veteran, late = numbered().persons[0], numbered().persons[0]
    city = make_actor("city_officer", WEIFANG)
    with acting_as(city) as officer:
        document = make_document(WEIFANG).id

        def bring(person: Person) -> GroupList:
            content = sent(county, [(str(person.id_number), person.name)]).content
            group = SentGroup("veteran", MARCH, document, "全市优抚名单.xlsx", content)
            return open_group_list(actor=officer, list_id=new_id(), sent=group)

        take_group_list(actor=officer, list_id=bring(veteran).id)
    with acting_as(county.officers.opener) as opener, pytest.raises(NotFound):
        get_group_list_for(opener, GroupList.objects.get().id)
    run(county, Programme.PRICE_SUBSIDY)
    assert set(amounts(county)) == {veteran.id}
    with acting_as(city), pytest.raises(Conflict, match="寒亭区"):
        bring(late)


def test_pages_check_and_take_a_list(county: County) -> None:
    veteran = numbered().persons[0]
    client = client_of(county.officers.opener)
    assert reverse("group_list_new") in client.get(reverse("run_new")).content.decode()
    file = io.BytesIO(sent(county, [(str(veteran.id_number), veteran.name)]).content)
    file.name = "优抚名单.xlsx"
    form = {
        "request_id": new_id(), "group": "veteran", "month": "2020-03", "document": str(county.document.id), "file": file,
    }  # fmt: skip
    made = client.post(reverse("group_list_new"), form)
    assert made.status_code == 302
    page = client.get(made["Location"]).content.decode()
    assert "采用这份名单" in page
    assert veteran.name in page
    with acting_as(everywhere()):
        listed = GroupList.objects.get()
    answer = client.post(reverse("group_list_take", args=[listed.id]), follow=True).content.decode()
    assert "1 人列入 2020-03 的价格临时补贴" in answer
    assert "优抚名单.xlsx" in client.get(reverse("group_list_new")).content.decode()
    assert client_of(make_actor("county_officer", FANGZI)).get(made["Location"]).status_code == 404
