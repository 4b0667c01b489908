"""The bulk load: created, changed, equal, refused; one path for the importer and the demo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from psycopg import DataError

from shouwang.kernel import clock
from shouwang.kernel.errors import NotAllowed
from shouwang.kernel.models import AuditEntry, SearchTerm
from shouwang.registry.models import BankAccount, HouseholdFact, Membership, PersonFact
from shouwang.registry.public import (
    AccountRow,
    FactRow,
    Household,
    HouseholdRow,
    LoadResult,
    MemberRow,
    Outcome,
    Person,
    account_as_of,
    household_facts_as_of,
    load_register,
    members_as_of,
    person_facts_as_of,
    record_death,
    record_membership,
)
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, WEIFANG, acting
from tests.registry.families import FANGZI_VILLAGE, SINCE, checked, fresh_number, head, person_of, row

pytestmark = pytest.mark.django_db

TABLES = (Person, Household, Membership, PersonFact, HouseholdFact, BankAccount, SearchTerm)


def counts() -> list[int]:
    return [model.objects.count() for model in TABLES]


def load(actor: object, *rows: object) -> LoadResult:
    return load_register(actor=actor, households=rows, source="测试表")  # type: ignore[arg-type]


def family(number: str, child: str) -> tuple[MemberRow, ...]:
    return (
        head(
            checked("张永福", number, phone="13812345678", disability_certificate=number + "41", disability="41"),
            facts=(FactRow("income.wage", 10_000, SINCE), FactRow("income.wage", 20_000, date(2020, 2, 1))),
            accounts=(AccountRow("6217001234567890123", "农商\t银行", "张永福", SINCE),),
        ),
        MemberRow("child", checked("张建国", child), (FactRow("student", 1, SINCE),), joined_on=date(2020, 1, 15)),
    )


def test_load_writes_a_household_whole() -> None:
    numbers = fresh_number(), fresh_number()
    with acting() as actor:
        result = load(actor, row(*family(*numbers), facts=(FactRow("urban", 1, SINCE),)))
        (loaded,) = result.households
        assert (loaded.outcome, result.created, result.persons_created) == (Outcome.CREATED, 1, 2)
        home = Household.objects.get()
        assert (home.id, home.area_code, home.registered_on) == (loaded.household_id, GUDI_VILLAGE, SINCE)
        man = Person.objects.get(id=loaded.person_ids[0])
        assert (man.id_number, man.phone, man.disability_certificate) == (numbers[0], "13812345678", numbers[0] + "41")
        assert (man.name, man.sex, man.birth_on, man.id_tail) == ("张永福", "male", date(1960, 5, 1), numbers[0][-4:])
        facts = person_facts_as_of(loaded.person_ids, ["income.wage", "disability", "student"], on=date(2020, 2, 1))
        assert [facts[one] for one in loaded.person_ids] == [
            {"income.wage": 20_000, "disability": "41"},
            {"student": 1},
        ]
        account = account_as_of(loaded.person_ids, on=SINCE)[loaded.person_ids[0]]
        assert (account.account, account.bank_name) == ("6217001234567890123", "农商\t银行")
        said = household_facts_as_of([home.id], ["urban", "residence"], on=SINCE)[home.id]
        assert said == {"urban": 1, "residence": f"{GUDI_VILLAGE:015d}"}
        for day, names in ((date(2020, 1, 14), ["张永福"]), (date(2020, 1, 15), ["张永福", "张建国"])):
            assert [member.name for member in members_as_of([home.id], on=day)[home.id]] == names
        assert SearchTerm.objects.filter(term="zyf", object_id=man.id).count() == 1
        assert AuditEntry.objects.get(action="registry.load").data["created"] == 1


def test_same_rows_again_write_nothing() -> None:
    rows = [row(*family(fresh_number(), fresh_number())) for _ in range(3)]
    with acting() as actor:
        load(actor, *rows)
        before = counts()
        with clock.at(clock.instant(2020, 3, 18, 9)):
            result = load(actor, *rows)
        assert (result.equal, result.rows_appended, counts()) == (3, 0, before)


def test_changed_rows_append_only_the_difference() -> None:
    numbers = fresh_number(), fresh_number()
    with acting() as actor:
        first = load(actor, row(*family(*numbers))).households[0]
        before = counts()
        again = list(family(*numbers))
        again[1] = MemberRow(
            "child", checked("张建国", numbers[1], phone="13900001111"), (FactRow("student", 0, date(2020, 3, 1)),)
        )
        result = load(actor, row(*again, since=date(2020, 3, 1)))
        assert result.households[0][:3] == (Outcome.CHANGED, *first[1:3])
        assert [after - one for after, one in zip(counts(), before, strict=True)] == [0, 0, 0, 1, 0, 0, 0]
        assert Person.objects.get(id=first.person_ids[1]).phone == "13900001111"
        assert person_facts_as_of(first.person_ids, ["student"], on=date(2020, 2, 29))[first.person_ids[1]] == {
            "student": 1
        }


def test_fact_said_otherwise_for_the_same_day_outranks_within_one_instant() -> None:
    number = fresh_number()
    with acting() as actor:
        for value in (10_000, 20_000, 30_000):
            loaded = load(actor, row(head(checked("张永福", number), facts=(FactRow("income.wage", value, SINCE),))))
        person_id = loaded.households[0].person_ids[0]
        assert person_facts_as_of([person_id], ["income.wage"], on=SINCE)[person_id] == {"income.wage": 30_000}


def test_child_that_split_off_founds_a_new_household_and_a_new_head_keeps_the_old() -> None:
    numbers = fresh_number(), fresh_number()
    with acting() as actor:
        old = load(actor, row(*family(*numbers))).households[0]
        child = checked("张建国", numbers[1])
        together = row(head(child), MemberRow("parent", checked("张永福", numbers[0])), since=date(2020, 2, 1))
        assert load(actor, together).households[0].household_id == old.household_id
        apart = row(head(checked("张永福", numbers[0])), since=date(2020, 3, 1))
        new = load(actor, apart).households[0]
        assert new.outcome == Outcome.CREATED
        members = members_as_of([old.household_id, new.household_id], on=date(2020, 3, 1))
        assert [[m.name for m in members[one.household_id]] for one in (old, new)] == [["张建国"], ["张永福"]]


def test_number_twice_in_one_load_is_one_person_of_the_later_household() -> None:
    number = fresh_number()
    with acting() as actor:
        rows = (
            row(head(checked("李秀英", fresh_number())), MemberRow("child", checked("张建国", number))),
            row(head(checked("张建国", number)), since=date(2020, 2, 1)),
        )
        result = load(actor, *rows)
        assert (result.created, result.persons_created) == (2, 2)
        homes = [loaded.household_id for loaded in result.households]
        members = members_as_of(homes, on=date(2020, 2, 1))
        assert [[member.name for member in members[home]] for home in homes] == [["李秀英"], ["张建国"]]


def test_refused_rows_write_nothing_and_the_others_are_loaded() -> None:
    taken, dead, elsewhere, twice = (fresh_number() for _ in range(4))
    with acting(area_code=FANGZI) as neighbour:
        person_of(neighbour, "欧阳建国", FANGZI_VILLAGE, id_number=elsewhere)
    with acting(area_code=HANTING) as actor:
        person_of(actor, "张永福", id_number=taken)
        record_death(
            actor=actor, person_id=person_of(actor, "赵德", id_number=dead).id, died_on=SINCE, source="死亡证明"
        )
        alike = person_of(
            actor, "钱多", id_number="", no_id_reason="unregistered", sex="male", birth_on=date(1960, 5, 1)
        )
        before = counts()
        result = load(
            actor,
            row(head(checked("李四", taken))),
            row(head(checked("赵德", dead))),
            row(head(checked("欧阳建国", elsewhere))),
            row(head(checked("周一", twice)), MemberRow("child", checked("周二", twice))),
            row(head(checked("吴三"))),
            row(head(checked("钱多"))),
            row(MemberRow("child", checked("冯五", fresh_number()))),
            row(head(checked("褚六", fresh_number())), area_code=GUDI),
            row(head(checked("卫七", fresh_number())), area_code=FANGZI_VILLAGE),
        )
        reasons = [loaded.refusal.reason if loaded.refusal else loaded.outcome for loaded in result.households]
        assert reasons == [
            "person.name_differs",
            "person.dead",
            "person.registered_elsewhere",
            "household.id_twice",
            "created",
            "person.look_alike",
            "household.one_head",
            "household.not_a_village",
            "registry.area",
        ]
        assert result.households[5].refusal.data["person_ids"] == (alike.id,)
        assert [after - one for after, one in zip(counts(), before, strict=True)][:4] == [1, 1, 1, 0]
        assert AuditEntry.objects.filter(action="person.look_up_many").count() == 1


def test_decision_of_a_person_settles_a_look_alike() -> None:
    with acting() as actor:
        known = load(actor, row(head(checked("钱多")))).households[0].person_ids[0]
        same = load(actor, row(head(checked("钱多"), person_id=known)))
        other = load(actor, row(head(checked("钱多"), is_new=True)))
        assert [(result.equal, result.created) for result in (same, other)] == [(1, 0), (0, 1)]
        number = fresh_number()
        load(actor, row(head(checked("钱多", number), person_id=known)))
        assert Person.objects.get(id=known).id_number == number


def test_household_in_another_village_of_the_scope_moves_with_its_rows() -> None:
    numbers = fresh_number(), fresh_number()
    with acting("city_officer", WEIFANG) as actor:
        home = load(actor, row(*family(*numbers))).households[0].household_id
        result = load(actor, row(*family(*numbers), area_code=FANGZI_VILLAGE, since=date(2020, 2, 1)))
        assert (result.changed, result.households[0].household_id) == (1, home)
        for model in (Person, Household, Membership, PersonFact, HouseholdFact, BankAccount, SearchTerm):
            assert set(model.objects.values_list("area_code", flat=True)) == {FANGZI_VILLAGE}


@pytest.mark.parametrize("chunk_persons", [1, 10_000])
def test_rows_that_cannot_be_read_to_the_end_load_nothing(monkeypatch: pytest.MonkeyPatch, chunk_persons: int) -> None:
    """The first row may be on its way to the server when the second cannot be read."""
    monkeypatch.setattr("shouwang.registry.commands.loading.CHUNK_PERSONS", chunk_persons)

    def rows() -> Iterator[HouseholdRow]:
        yield row(head(checked("张三", fresh_number())))
        yield row(head(checked("李四", fresh_number())))
        raise OSError("the file ends here")

    before = counts()
    with acting() as actor, pytest.raises(OSError, match="ends here"):
        load_register(actor=actor, households=rows(), source="测试表")
    assert counts() == before


@pytest.mark.parametrize("chunk_persons", [1, 10_000])
def test_row_that_the_server_refuses_loads_nothing(monkeypatch: pytest.MonkeyPatch, chunk_persons: int) -> None:
    monkeypatch.setattr("shouwang.registry.commands.loading.CHUNK_PERSONS", chunk_persons)
    before, audited = counts(), AuditEntry.objects.count()
    good, too_long = head(checked("张三", fresh_number())), head(checked("李" * 65, fresh_number()))
    with acting() as actor, pytest.raises(DataError):
        load(actor, row(good), row(too_long), row(head(checked("王五", fresh_number()))))
    assert counts() == before
    assert AuditEntry.objects.count() == audited


def test_who_may_not_write_loads_nothing() -> None:
    with acting("auditor") as actor:
        result = load(actor, row(head(checked("张永福", fresh_number()))))
        assert isinstance(result.households[0].refusal, NotAllowed)
        assert counts() == [0] * 7


def test_queries_do_not_grow_with_the_rows() -> None:
    from django.test.utils import CaptureQueriesContext

    asked = []
    with acting() as actor:
        for size in (1, 30):
            rows = [row(*family(fresh_number(), fresh_number())) for _ in range(size)]
            for _again in range(2):
                with CaptureQueriesContext(connection) as captured:
                    load(actor, *rows)
                asked.append(len(captured))
    assert asked[0] == asked[2]
    assert asked[1] == asked[3]


def test_row_keeps_members_whom_it_does_not_name() -> None:
    numbers = fresh_number(), fresh_number()
    with acting() as actor:
        home = load(actor, row(*family(*numbers))).households[0]
        load(actor, row(head(checked("张永福", numbers[0])), since=date(2020, 2, 1)))
        assert len(members_as_of([home.household_id], on=date(2020, 3, 1))[home.household_id]) == 2
        record_membership(
            actor=actor,
            person_id=home.person_ids[1],
            household_id=None,
            relation="",
            valid_from=date(2020, 3, 1),
            source="测试",
        )
        assert len(members_as_of([home.household_id], on=date(2020, 3, 1))[home.household_id]) == 1
