"""Pages of the register: masked, scoped, with a constant number of queries."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from shouwang.areas.public import format_area_code
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry
from shouwang.registry import panels
from shouwang.registry.models import Organisation, PersonFact, PersonMerge, Transfer
from shouwang.registry.public import (
    AccountDetails,
    Household,
    OrganisationDetails,
    Person,
    household_panel,
    members_as_of,
    record_bank_account,
    record_organisation,
    record_person_fact,
)
from tests.accounts.clients import client_of
from tests.asking import queries_of_page
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, acting, make_actor
from tests.registry.families import FANGZI_VILLAGE, SINCE, fresh_number, household_of, person_of

pytestmark = pytest.mark.django_db


def family(actor: Actor, name: str = "张永福") -> tuple[Household, Person]:
    """A household with its head, who has everything that is sealed."""
    home = household_of(actor, name, "张建国")
    head = Person.objects.get(id=members_as_of([home.id], on=SINCE)[home.id][0].person_id)
    record_bank_account(
        actor=actor,
        person_id=head.id,
        details=AccountDetails("6217001234567890123", "农商银行", head.name),
        valid_from=SINCE,
        source="测试",
    )
    record_person_fact(
        actor=actor, person_id=head.id, kind="income.wage", value=123_456, valid_from=SINCE, source="入户调查"
    )
    return home, head


def pages_of(home: Household, person: Person, fact: PersonFact, organisation: Organisation) -> list[str]:
    """Every address of the register that names a record, with a sample."""
    return [
        reverse("household_detail", args=[home.id]),
        reverse("household_add_member", args=[home.id]),
        reverse("household_fact", args=[home.id, "urban"]),
        reverse("household_move", args=[home.id]),
        reverse("person_detail", args=[person.id]),
        reverse("person_correct", args=[person.id]),
        *(
            f"{reverse('person_fact', args=[person.id])}?kind={kind}"
            for kind in ("income.wage", "category", "care_mode")
        ),
        reverse("person_fact_correct", args=[fact.id]),
        reverse("person_death", args=[person.id]),
        reverse("person_account", args=[person.id]),
        reverse("person_reveal", args=[person.id, "id_number"]),
        reverse("organisation_detail", args=[organisation.id]),
        reverse("organisation_edit", args=[organisation.id]),
    ]


def test_every_page_opens_for_its_county_masked_and_is_not_there_for_the_neighbour() -> None:
    with acting(area_code=HANTING) as actor:
        home, person = family(actor)
        fact = PersonFact.objects.get(kind="income.wage")
        details = OrganisationDetails("寒亭区救助站", HANTING, contact_phone="13812345678")
        organisation = record_organisation(actor=actor, organisation_id=new_id(), details=details)
        number = str(person.id_number)
    with acting(area_code=FANGZI) as neighbour:
        pass
    pages = pages_of(home, person, fact, organisation)
    for url in pages:
        answer = client_of(actor).get(url)
        assert (url, answer.status_code) == (url, 200)
        text = answer.content.decode()
        for secret in (number, "6217001234567890123", "13812345678"):
            assert secret not in text
        denied = client_of(neighbour).get(url)
        assert (url, denied.status_code) == (url, 404)
        for marker in (person.name, home.number, organisation.name):
            assert marker not in denied.content.decode()


@pytest.mark.parametrize(
    "name", ["household_list", "person_list", "organisation_list", "transfer_list", "duplicate_list"]
)
def test_lists_ask_the_same_number_of_queries_for_one_and_three_rows(name: str) -> None:
    asked = []
    with acting() as actor:
        client = client_of(actor)
        for surname in ("张", "李王"):
            for one in surname:
                household_of(actor, f"{one}永福", f"{one}小明")
                person_of(actor, f"{one}三", id_number="", no_id_reason="newborn", sex="male", birth_on=SINCE)
                person_of(actor, f"{one}三", id_number="", no_id_reason="newborn", sex="male", birth_on=SINCE)
                details = OrganisationDetails(f"{one}家敬老院", GUDI)
                record_organisation(actor=actor, organisation_id=new_id(), details=details)
                elsewhere = Person.objects.filter(name=f"{one}永福").get()
                Transfer.objects.create(
                    person=elsewhere,
                    masked_name=f"{one}**",
                    with_household=True,
                    area_code=GUDI_VILLAGE,
                    from_area_code=FANGZI,
                    moved_on=SINCE,
                    reason="测试",
                    state="requested",
                    recorded_at=elsewhere.recorded_at,
                )
            asked.append(queries_of_page(client, reverse(name)))
    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    ("keyword", "found"),
    [
        ("张永", True),
        ("zyf", True),
        ("zhangyong", True),
        ("永福", True),
        ("13812345678", True),
        ("1381234", False),
        ("李", False),
    ],
)
def test_person_is_found_by_name_pinyin_and_whole_numbers_only(keyword: str, found: bool) -> None:
    with acting() as actor:
        person_of(actor, phone="13812345678")
        answer = client_of(actor).get(reverse("person_list"), {"q": keyword})
    assert ("张永福" in answer.content.decode()) == found


def test_household_is_found_by_a_whole_id_number_its_number_and_area() -> None:
    with acting() as actor:
        home, person = family(actor)
        household_of(actor, "李秀英")
        client = client_of(actor)
        for query in ({"q": person.id_number}, {"q": home.number}, {"q": "zyf", "area": format_area_code(GUDI)}):
            text = client.get(reverse("household_list"), query).content.decode()
            assert (home.number in text, "李秀英" in text) == (True, False)
        other = client.get(reverse("household_list"), {"area": format_area_code(GUDI_VILLAGE + 1_000_000)})
        assert home.number not in other.content.decode()


@pytest.mark.parametrize("name", ["household_list", "person_list", "organisation_list"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_is_masked_and_filtered(name: str, kind: str) -> None:
    with acting() as actor:
        _home, person = family(actor)
        household_of(actor, "李秀英")
        answer = client_of(actor).get(reverse(name), {"format": kind, "q": "张永福"})
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert (answer.status_code, len(content) > 0) == (200, True)
    if kind == "csv":
        text = content.decode("utf-8-sig")
        assert str(person.id_number) not in text
        assert "李秀英" not in text
        assert ("张永福" in text) == (name != "organisation_list")


def test_household_is_registered_by_hand_and_a_double_click_is_one() -> None:
    request_id = str(new_id())
    posted = {
        "request_id": request_id,
        "area": format_area_code(GUDI_VILLAGE),
        "registered_on": "2020-03-01",
        "is_urban": "0",
        "members-TOTAL_FORMS": "2",
        "members-INITIAL_FORMS": "0",
        "members-MIN_NUM_FORMS": "1",
        "members-MAX_NUM_FORMS": "6",
        "members-0-relation": "head",
        "members-0-name": "张 永福",
        "members-0-id_number": fresh_number(),
        "members-1-relation": "child",
        "members-1-name": "张建国",
        "members-1-id_number": fresh_number(),
    }
    with acting("township_assistant", GUDI) as actor:
        client = client_of(actor)
        assert client.get(reverse("household_new")).status_code == 200
        for _ in range(2):
            answer = client.post(reverse("household_new"), posted)
            assert answer.headers["Location"] == reverse("household_detail", args=[request_id])
        wrong = client.post(reverse("household_new"), {**posted, "request_id": str(new_id())})
        assert (wrong.status_code, "该身份证号已登记为" in wrong.content.decode()) == (422, True)
        assert (Household.objects.count(), Person.objects.count()) == (1, 2)
        members = members_as_of([Household.objects.get().id], on=date(2020, 3, 1))
        assert [[m.name for m in names] for names in members.values()] == [["张永福", "张建国"]]


def test_household_page_shows_the_day_and_the_knowledge_asked_for() -> None:
    with acting() as actor:
        home, _person = family(actor)
        client = client_of(actor)
        url = reverse("household_detail", args=[home.id])
        for query, shown in (({}, True), ({"on": "2019-12-31"}, False), ({"known": "2020-03-17"}, False)):
            assert ("每月 1,234.56 元" in client.get(url, query).content.decode()) == shown
        assert client.get(url, {"on": "三月"}).status_code == 422


def test_fact_is_recorded_and_corrected_from_the_page() -> None:
    with acting() as actor:
        _home, person = family(actor)
        client = client_of(actor)
        url = f"{reverse('person_fact', args=[person.id])}?{urlencode({'kind': 'category'})}"
        said = {
            "request_id": str(new_id()),
            "version": Person.objects.get(id=person.id).version,
            "valid_from": "2020-03-01",
            "source": "入户调查",
            "value": ["veteran", "elderly"],
        }
        assert client.post(url, said).status_code == 302
        fact = PersonFact.objects.get(kind="category")
        assert fact.code == "elderly,veteran"
        stale = client.post(url, {**said, "request_id": str(new_id()), "value": ["orphan"]})
        assert (stale.status_code, "修改了这条记录" in stale.content.decode()) == (422, True)
        corrected = {**said, "version": Person.objects.get(id=person.id).version, "value": ["elderly"]}
        assert client.post(reverse("person_fact_correct", args=[fact.id]), corrected).status_code == 302
        assert list(
            PersonFact.objects.filter(kind="category").order_by("recorded_at").values_list("code", flat=True)
        ) == [
            "elderly,veteran",
            "elderly",
        ]


def test_reveal_asks_for_a_reason_then_shows_the_value_once() -> None:
    with acting() as actor:
        _home, person = family(actor)
        client = client_of(actor)
        url = reverse("person_reveal", args=[person.id, "account"])
        assert "6217001234567890123" not in client.get(url).content.decode()
        refused = client.post(url, {"reason": "other", "note": ""})
        assert (refused.status_code, AuditEntry.objects.filter(action="field.reveal").count()) == (422, 0)
        shown = client.post(url, {"reason": "payment", "note": ""})
        assert ("6217001234567890123" in shown.content.decode(), shown.headers["Cache-Control"]) == (True, "no-store")
        assert AuditEntry.objects.get(action="field.reveal").data["field"] == "account"


def test_merge_page_shows_both_and_the_person_page_takes_it_back() -> None:
    with acting() as actor:
        person = person_of(actor)
        twin = person_of(actor, id_number="", no_id_reason="unregistered", sex="male", birth_on=person.birth_on)
        client = client_of(actor)
        assert (
            reverse("person_merge", args=[person.id, twin.id]) in client.get(reverse("duplicate_list")).content.decode()
        )
        url = reverse("person_merge", args=[person.id, twin.id])
        assert client.get(url).status_code == 200
        assert client.post(url, {"reason": "核对户口簿为同一人"}).status_code == 302
        page = client.get(reverse("person_detail", args=[twin.id])).content.decode()
        assert reverse("person_unmerge", args=[twin.id]) in page
        assert client.post(reverse("person_unmerge", args=[twin.id]), {"reason": "核对有误"}).status_code == 302
        assert list(PersonMerge.objects.order_by("recorded_at").values_list("is_merged", flat=True)) == [True, False]


def test_transfer_is_asked_and_answered_on_its_page() -> None:
    with acting(area_code=HANTING) as giver:
        home, person = family(giver)
    with acting(area_code=FANGZI) as asker:
        pass
    posted = {
        "request_id": str(new_id()),
        "id_number": person.id_number,
        "area": format_area_code(FANGZI_VILLAGE),
        "with_household": "1",
        "moved_on": "2020-03-01",
        "reason": "搬迁",
    }
    assert client_of(asker).post(reverse("transfer_new"), posted).status_code == 302
    page = client_of(giver).get(reverse("transfer_list")).content.decode()
    assert ("张**" in page, 'name="hand_over"' in page) == (True, True)
    answer_url = reverse("transfer_answer", args=[posted["request_id"]])
    assert client_of(giver).post(answer_url, {"hand_over": "1"}).status_code == 302
    assert client_of(asker).get(reverse("household_detail", args=[home.id])).status_code == 200
    assert client_of(giver).get(reverse("household_detail", args=[home.id])).status_code == 404


def test_panel_of_a_higher_app_stands_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def sample(actor: Actor, household_id: object) -> SafeString:
        return mark_safe(f"<p>面板 {household_id}</p>")

    monkeypatch.setattr(panels, "_household", {})  # the other apps' panels are theirs to test
    household_panel("test", order=1)(sample)
    with acting() as actor:
        home, _person = family(actor)
        page = client_of(actor).get(reverse("household_detail", args=[home.id])).content.decode()
    assert f"<p>面板 {home.id}</p>" in page


def test_reader_sees_no_buttons_and_cannot_post() -> None:
    with acting() as officer:
        home, person = family(officer)
    with acting("auditor", HANTING) as auditor:
        client: Client = client_of(auditor)
        page = client.get(reverse("person_detail", args=[person.id])).content.decode()
        assert reverse("person_death", args=[person.id]) not in page
        before = AuditEntry.objects.count()
        said = {"request_id": str(new_id()), "version": 1, "died_on": "2020-03-01", "source": "证明"}
        assert client.post(reverse("person_death", args=[person.id]), said).status_code == 403
        assert (AuditEntry.objects.count(), PersonFact.objects.filter(kind="death").count()) == (before, 0)
        assert client.get(reverse("household_detail", args=[home.id])).status_code == 200


@pytest.mark.parametrize("name", ["household", "person", "organisation", "transfer"])
def test_empty_list_offers_registering_to_those_who_may_register(name: str) -> None:
    new = reverse({"person": "household_new"}.get(name, f"{name}_new"))
    for role, may_write in (("county_officer", True), ("auditor", False), ("finance", False)):
        shown = client_of(make_actor(role, HANTING)).get(reverse(f"{name}_list"))
        if shown.status_code == 403:
            assert not may_write
        else:
            assert (shown.status_code, f'href="{new}"' in shown.content.decode()) == (200, may_write)
