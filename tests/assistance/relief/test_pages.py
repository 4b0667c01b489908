"""The pages of temporary relief: each opens, asks the right step, refuses the neighbour, and exports what it shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from shouwang.accounts.public import Role, User
from shouwang.areas.public import Area
from shouwang.assistance.models import CaseMove, ReliefCase
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import FULL, use_scope
from shouwang.registry.public import Person, PersonDetails
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, id_number, make_actor

from .world import (
    Officers,
    accepted,
    approved,
    fill,
    give_account,
    make_family,
    make_reserve,
    member_ids,
    opened,
    order,
    paid,
    paid_first,
    proposed,
    verified,
    written,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officers() -> Officers:
    return Officers()


@contextmanager
def signed_in(actor: Actor) -> Iterator[Client]:
    client = Client()
    client.force_login(User.objects.get(id=actor.user_id))
    yield client


def body(response) -> str:
    return response.content.decode()


def test_list_shows_a_case_masked_and_counts_it(officers: Officers) -> None:
    case = accepted(officers, make_family())
    with signed_in(officers.assistant) as client:
        page = body(client.get(reverse("relief_list")))
    assert case.number in page
    assert "徐春生" in page
    assert "379999********" in page
    assert id_number() not in page
    assert "共 1 件" in page


def test_neighbouring_county_finds_no_case(officers: Officers) -> None:
    case = accepted(officers, make_family())
    neighbour = make_actor(Role.COUNTY_OFFICER, FANGZI)
    with signed_in(neighbour) as client:
        assert case.number not in body(client.get(reverse("relief_list")))
        for name, arguments in (
            ("relief_case", [case.id]),
            ("relief_step", [case.id, "verify"]),
            ("relief_receipt", [case.id]),
            ("relief_letter", [case.id]),
        ):
            response = client.get(reverse(name, args=arguments))
            assert response.status_code == 404
            assert case.number not in body(response)


@pytest.mark.parametrize("text", ["徐春生", "徐", "春生", "xcs", "xuchunsheng"])
def test_case_is_found_by_the_applicants_name(officers: Officers, text: str) -> None:
    wanted, other = accepted(officers, make_family()), accepted(officers, make_family(("王秀兰", "徐春生")))
    with signed_in(officers.assistant) as client:
        page = body(client.get(reverse("relief_list"), {"q": text}))
        elsewhere = body(client.get(reverse("relief_list"), {"q": text, "area": str(other_village() // 1000)}))
    assert wanted.number in page
    assert other.number not in page  # there he is covered, and did not apply
    assert wanted.number not in elsewhere


def test_name_of_a_case_over_the_border_finds_nothing(officers: Officers) -> None:
    case = accepted(officers, make_family())
    with signed_in(make_actor(Role.COUNTY_OFFICER, FANGZI)) as client:
        assert case.number not in body(client.get(reverse("relief_list"), {"q": "徐春生"}))


def test_case_of_an_applicant_of_another_register_is_found_by_name(officers: Officers) -> None:
    with use_scope(FULL):
        person = Person.objects.get(id=member_ids(make_family(("坊子人",), village=elsewhere_village()))[0])
    applicant = PersonDetails(name=person.name, id_number=str(person.id_number))
    case = opened(officers, make_family(), applicant_id=None, covered_ids=(), applicant=applicant)
    with signed_in(officers.assistant) as client:
        assert case.number in body(client.get(reverse("relief_list"), {"q": "坊子人"}))


def other_village() -> int:
    found = Area.objects.filter(level="village", code__gte=GUDI, code__lt=GUDI + 10**6).exclude(code=GUDI_VILLAGE)
    return found.order_by("code")[0].code


def looks() -> list[tuple[str, dict[str, str]]]:
    with use_scope(FULL):
        return list(AuditEntry.objects.filter(action="field.reveal").values_list("subject", "data"))


def test_applicants_number_is_shown_once_for_a_reason_and_logged(officers: Officers) -> None:
    case = accepted(officers, make_family())
    with use_scope(FULL):
        number = str(case.applicant.id_number)
    url = reverse("relief_reveal", args=[case.id, "id_number"])
    with signed_in(officers.assistant) as client:
        assert url in body(client.get(reverse("relief_case", args=[case.id])))
        assert number not in body(client.get(url))
        refused = client.post(url, {"reason": "other", "note": ""})
        assert (refused.status_code, number in body(refused), looks()) == (422, False, [])
        shown = client.post(url, {"reason": "verify", "note": ""})
        assert (number in body(shown), shown.headers["Cache-Control"]) == (True, "no-store")
        assert number not in body(client.get(url))
    said = {"field": "id_number", "reason": "verify", "note": ""}
    assert looks() == [(f"relief_case:{case.id}", said)]


def test_look_at_the_applicant_is_refused_and_not_logged(officers: Officers) -> None:
    case = accepted(officers, make_family())
    neighbour = make_actor(Role.COUNTY_OFFICER, FANGZI)
    for actor, field, status in (
        (neighbour, "id_number", 404),
        (officers.assistant, "story", 404),  # nothing that is sealed
        (officers.assistant, "phone", 422),  # none is recorded
        (make_actor(Role.SYSADMIN, 370700_000_000_000), "id_number", 403),
    ):
        with signed_in(actor) as client:
            answer = client.post(reverse("relief_reveal", args=[case.id, field]), {"reason": "verify"})
        assert (field, answer.status_code) == (field, status)
    assert looks() == []


def test_applicant_of_another_register_is_shown_as_the_case_froze_them(officers: Officers) -> None:
    with use_scope(FULL):
        person = Person.objects.get(id=member_ids(make_family(("坊子人",), village=elsewhere_village()))[0])
    applicant = PersonDetails(name=person.name, id_number=str(person.id_number))
    case = opened(officers, make_family(), applicant_id=None, covered_ids=(), applicant=applicant)
    with signed_in(officers.assistant) as client:
        shown = client.post(reverse("relief_reveal", args=[case.id, "id_number"]), {"reason": "verify"})
    assert str(person.id_number) in body(shown)
    assert [subject for subject, _data in looks()] == [f"relief_case:{case.id}"]


def test_application_is_opened_once_by_a_double_click(officers: Officers) -> None:
    people = member_ids(make_family())
    form = {
        "request_id": str(new_id()),
        "area": str(GUDI_VILLAGE // 1000),
        "kind": "urgent",
        "cause": "fire",
        "occurred_on": "2020-03-17",
        "channel": "cash",
        "story": "房屋失火",
        "covered": [str(one) for one in people],
        "amount": "800",
    }
    with signed_in(officers.assistant) as client:
        first = client.post(reverse("relief_open_for", args=[people[0]]), form)
        second = client.post(reverse("relief_open_for", args=[people[0]]), form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    with use_scope(FULL):
        case = ReliefCase.objects.get()
        assert (case.state, case.amount_fen, case.persons.count(), case.opened_by) == (
            "draft",
            80_000,
            2,
            officers.assistant.user_id,
        )


def test_look_up_leads_to_the_person(officers: Officers) -> None:
    people = member_ids(make_family())
    with use_scope(FULL):
        number = ReliefCase.applicant.field.related_model.objects.get(id=people[0]).id_number
    with signed_in(officers.assistant) as client:
        found = client.post(reverse("relief_open"), {"id_number": number})
        unknown = client.post(reverse("relief_open"), {"id_number": id_number(sequence=777)})
        wrong = client.post(reverse("relief_open"), {"id_number": "123"})
    assert found["Location"] == reverse("relief_open_for", args=[people[0]])
    assert unknown.status_code == 200
    assert 'name="no_id_reason"' in body(unknown)
    assert wrong.status_code == 422


def test_person_registered_in_another_county_is_helped_here(officers: Officers) -> None:
    people = member_ids(make_family(("坊子人",), village=elsewhere_village()))
    with use_scope(FULL):
        number = ReliefCase.applicant.field.related_model.objects.get(id=people[0]).id_number
    with signed_in(officers.assistant) as client:
        found = client.post(reverse("relief_open"), {"id_number": number})
        assert "不用先办移交" in body(found)
        form = {
            "request_id": str(new_id()),
            "name": "坊子人",
            "id_number": number,
            "area": str(GUDI_VILLAGE // 1000),
            "kind": "urgent",
            "cause": "stranded",
            "occurred_on": "2020-03-17",
            "channel": "cash",
            "story": "滞留",
            "home_area_name": "坊子区",
        }
        opened_page = client.post(reverse("relief_open_new"), form)
        assert opened_page.status_code == 302
        page = body(client.get(opened_page["Location"]))
    assert "坊子人" in page
    assert "外来，坊子区" in page
    with use_scope(FULL):
        case = ReliefCase.objects.get()
        assert (case.applicant_id, case.area_code, case.is_local) == (people[0], GUDI_VILLAGE, False)


def elsewhere_village() -> int:
    return Area.objects.filter(level="village", code__gte=FANGZI, code__lt=FANGZI + 10**9).order_by("code")[0].code


def primary(case: ReliefCase, verb: str) -> str:
    return f'btn-primary" href="{reverse("relief_step", args=[case.id, verb])}"'


def test_each_role_sees_its_next_step(officers: Officers) -> None:
    order("relief_first", papers_due_working_days=10)
    make_reserve(officers)
    draft = opened(officers, make_family(("甲一",)))
    first = proposed(officers, make_family(("乙一",)))
    ready = verified(officers, make_family(("丙一",)))
    with signed_in(officers.assistant) as client:
        page = body(client.get(reverse("relief_case", args=[draft.id])))
        assert primary(draft, "propose") in page
    with signed_in(officers.head) as client:
        assert primary(first, "confirm") in body(client.get(reverse("relief_case", args=[first.id])))
        assert primary(ready, "approve") in body(client.get(reverse("relief_case", args=[ready.id])))


def test_head_confirms_on_one_screen_and_the_assistant_pays(officers: Officers) -> None:
    order("relief_first", papers_due_working_days=10)
    make_reserve(officers)
    case = proposed(officers, make_family())
    with signed_in(officers.head) as client:
        screen = body(client.get(reverse("relief_step", args=[case.id, "confirm"])))
        assert "800.00" in screen
        assert "10,000.00" in screen
        answer = client.post(reverse("relief_step", args=[case.id, "confirm"]), {"version": case.version})
        assert answer["Location"] == reverse("relief_case", args=[case.id])
    with signed_in(officers.assistant) as client:
        client.post(
            reverse("relief_step", args=[case.id, "pay_cash"]),
            {"version": case.version + 1, "received_by": "徐春生"},
        )
        receipt = body(client.get(reverse("relief_receipt", args=[case.id])))
    assert "捌佰元整" in receipt
    with use_scope(FULL):
        assert ReliefCase.objects.get(id=case.id).state == "papers_owed"


def test_refused_step_keeps_what_was_typed(officers: Officers) -> None:
    case = accepted(officers, make_family())
    before = written()
    with signed_in(officers.assistant) as client:
        answer = client.post(
            reverse("relief_step", args=[case.id, "verify"]),
            {"version": case.version, "first": "甲", "findings": "情况属实"},
        )
    assert answer.status_code == 422
    assert "核实人至少要有 2 名" in body(answer)
    assert "情况属实" in body(answer)
    assert written() == before


def test_export_masks_personal_data(officers: Officers) -> None:
    accepted(officers, make_family())
    with signed_in(officers.assistant) as client:
        file = b"".join(client.get(reverse("relief_list"), {"format": "csv"}).streaming_content).decode("utf-8-sig")
    lines = file.splitlines()
    assert len(lines) == 2
    assert "379999********" in lines[1]


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_the_same_number_of_queries(officers: Officers, count: int, django_assert_num_queries) -> None:
    for number in range(count):
        accepted(officers, make_family(("赵钱孙李"[number] + "大山",)))
    with signed_in(officers.assistant) as client:
        client.get(reverse("relief_list"))
        with django_assert_num_queries(LIST_QUERIES):
            client.get(reverse("relief_list"))


LIST_QUERIES = 12


def test_papers_owed_list_and_today(officers: Officers) -> None:
    order("relief_first", papers_due_working_days=5)
    make_reserve(officers)
    waiting = accepted(officers, make_family())
    with signed_in(officers.assistant) as client:
        page = body(client.get(reverse("home")))
    assert waiting.number in page


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (25, "今天到期"),
        (26, "超期 1 个工作日"),
        (28, "超期 2 个工作日"),  # a Saturday: no working day more
        (30, "超期 3 个工作日"),
    ],
)
def test_overdue_papers_stand_on_the_page_of_those_who_owe_them(officers: Officers, day: int, words: str) -> None:
    order("relief_first", papers_due_working_days=5)
    make_reserve(officers)
    case = paid_first(officers, make_family())
    assert case.papers_due_on == date(2020, 3, 25)
    neighbour = make_actor(Role.COUNTY_OFFICER, FANGZI)
    with clock.at(clock.instant(2020, 3, day, 9)):
        for actor, is_owing in (
            (officers.assistant, True),
            (officers.second_assistant, True),
            (officers.head, False),
            (officers.finance, False),
            (neighbour, False),
        ):
            with signed_in(actor) as client:
                page = body(client.get(reverse("home")))
            assert (actor.name, case.number in page, words in page) == (actor.name, is_owing, is_owing)
        with signed_in(officers.assistant) as client:
            for url in (reverse("relief_list"), reverse("relief_case", args=[case.id])):
                assert words in body(client.get(url))


def test_bank_list_is_made_from_the_chosen_cases(officers: Officers) -> None:
    household = make_family()
    give_account(household)
    make_reserve(officers)
    case = approved(officers, household, channel="bank")
    with signed_in(officers.officer) as client:
        assert case.number in body(client.get(reverse("relief_to_bank")))
        answer = client.post(reverse("relief_to_bank"), {"case": [str(case.id)]})
        assert answer.status_code == 302
        assert case.number not in body(client.get(reverse("relief_to_bank")))
    with use_scope(FULL):
        assert CaseMove.objects.filter(case=case, verb="send_to_bank").count() == 1


def test_letter_tells_the_decision(officers: Officers) -> None:
    case = approved(officers, make_family())
    with signed_in(officers.assistant) as client:
        letter = body(client.get(reverse("relief_letter", args=[case.id])))
    assert "给予临时救助金人民币壹仟元整（¥1,000.00）" in letter


def test_petty_reserve_pages_add_up(officers: Officers) -> None:
    book = make_reserve(officers, fen=500_000)
    paid(officers, make_family())
    with signed_in(officers.finance) as client:
        page = body(client.get(reverse("petty_reserve_list")))
        detail = body(client.get(reverse("petty_reserve_detail", args=[GUDI])))
        fill_page = client.get(reverse("petty_reserve_fill"))
        answer = client.post(
            reverse("petty_reserve_fill"),
            {
                "request_id": str(new_id()),
                "treasury": str(book.treasury.id),
                "township": str(GUDI // 1000),
                "amount": "3000",
                "occurred_on": "2020-03-18",
            },
        )
    for amount in ("5,000.00", "1,000.00", "4,000.00"):
        assert amount in page
        assert amount in detail
    assert fill_page.status_code == 200
    assert answer["Location"] == reverse("petty_reserve_detail", args=[GUDI])
    with signed_in(officers.assistant) as client:
        assert "7,000.00" in body(client.get(reverse("petty_reserve_list")))
        assert client.get(reverse("petty_reserve_fill")).status_code == 403


def test_fill_is_taken_back_with_a_reason(officers: Officers) -> None:
    book = make_reserve(officers, fen=0)
    entry = fill(officers, book, 20_000)
    with signed_in(officers.finance) as client:
        url = reverse("petty_reserve_take_back", args=[entry.id])
        assert client.post(url, {"version": 0, "reason": "拨错乡镇"}).status_code == 302
        page = body(client.get(reverse("petty_reserve_detail", args=[GUDI])))
    assert "拨错乡镇" in page


def test_neighbour_sees_no_reserve(officers: Officers) -> None:
    make_reserve(officers)
    neighbour = make_actor(Role.FINANCE, FANGZI)
    with signed_in(neighbour) as client:
        assert client.get(reverse("petty_reserve_detail", args=[GUDI])).status_code == 404
        assert "固堤" not in body(client.get(reverse("petty_reserve_list")))


def test_sysadmin_sees_no_case() -> None:
    admin = make_actor(Role.SYSADMIN, 370700_000_000_000)
    with signed_in(admin) as client:
        assert client.get(reverse("relief_list")).status_code == 403


def test_household_and_person_pages_show_their_relief(officers: Officers) -> None:
    household = make_family()
    case = accepted(officers, household)
    person_id = member_ids(household)[0]
    with signed_in(officers.assistant) as client:
        home = body(client.get(reverse("household_detail", args=[household.id])))
        own = body(client.get(reverse("person_detail", args=[person_id])))
    assert case.number in home
    assert case.number in own
    assert reverse("relief_open_for", args=[person_id]) in own
