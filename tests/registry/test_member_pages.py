"""The pages on which a clerk says who is who, picks the record that holds a number, and records certificates and needs."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from shouwang.areas.public import format_area_code
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.registry.models import Membership, PersonFact
from shouwang.registry.public import (
    AccountDetails,
    Household,
    Person,
    members_as_of,
    person_facts_as_of,
    record_bank_account,
    record_death,
)
from tests.accounts.clients import client_of
from tests.factories import FANGZI, GUDI_VILLAGE, HANTING, WEIFANG, acting
from tests.registry.families import FANGZI_VILLAGE, SINCE, fresh_number, household_of, person_of

pytestmark = pytest.mark.django_db

TODAY = date(2020, 3, 18)


def member(home: Household, name: str) -> Person:
    return Person.objects.get(id__in=[one.person_id for one in members_as_of([home.id], on=TODAY)[home.id]], name=name)


def said(home: Household) -> dict[str, str]:
    return {one.name: one.relation for one in members_as_of([home.id], on=TODAY)[home.id]}


def opened(actor: Actor, *names: str) -> tuple[Client, Household]:
    return client_of(actor), household_of(actor, *names)


def test_head_who_dies_is_missed_until_another_is_named() -> None:
    with acting() as actor:
        client, home = opened(actor, "张永福", "张建国", "张小红")
        page = reverse("household_detail", args=[home.id])
        assert "这一户没有户主" not in client.get(page).content.decode()
        record_death(actor=actor, person_id=member(home, "张永福").id, died_on=TODAY, source="死亡证明")
        assert "这一户没有户主" in client.get(page).content.decode()
        head, sister = member(home, "张建国"), member(home, "张小红")
        url = reverse("member_head", args=[home.id, head.id])
        form = client.get(url).content.decode()
        assert ('<option value="sibling" selected>' in form, '<option value="head"' in form) == (True, False)
        posted = {"request_id": str(new_id()), "version": "1", "valid_from": "2020-03-18", "source": "户口簿"}
        assert client.post(url, {**posted, sister.id.hex: ""}).status_code == 422
        assert client.post(url, {**posted, sister.id.hex: "sibling"}).status_code == 302
        assert said(home) == {"张建国": "head", "张小红": "sibling"}
        assert "这一户没有户主" not in client.get(page).content.decode()
        stale = client.post(url, {**posted, sister.id.hex: "child"})
        assert (stale.status_code, "修改了这条记录" in stale.content.decode()) == (422, True)


def test_relation_changes_and_a_head_is_warned() -> None:
    with acting() as actor:
        client, home = opened(actor, "张永福", "张建国")
        child = member(home, "张建国")
        url = reverse("member_relation", args=[home.id, child.id])
        posted = {"request_id": str(new_id()), "version": "1", "valid_from": "2020-03-01", "source": "户口簿"}
        assert client.post(url, {**posted, "relation": "sibling"}).status_code == 302
        assert said(home) == {"张永福": "head", "张建国": "sibling"}
        head = reverse("member_relation", args=[home.id, member(home, "张永福").id])
        assert "这一户没有户主" in client.get(head).content.decode()
        assert client.post(head, {**posted, "relation": "head"}).status_code == 422


def test_member_leaves_for_another_household_by_its_number_or_for_nowhere() -> None:
    with acting() as actor:
        client, home = opened(actor, "张永福", "张建国", "张小红")
        other = household_of(actor, "李秀英")
        url = reverse("member_leave", args=[home.id, member(home, "张建国").id])
        posted = {"request_id": str(new_id()), "version": "1", "valid_from": "2020-03-01", "source": "结婚"}
        for number, relation in (("H99999999", "spouse"), (home.number, "spouse"), (other.number, "")):
            answer = client.post(url, {**posted, "household": number, "relation": relation})
            assert (answer.status_code, Membership.objects.count()) == (422, 4)
        joined = {**posted, "household": other.number.lower(), "relation": "spouse"}
        assert client.post(url, joined).status_code == 302
        assert (said(home), said(other)) == (
            {"张永福": "head", "张小红": "child"},
            {"李秀英": "head", "张建国": "spouse"},
        )
        assert client.get(url).status_code == 404  # no member of this household any more
        away = reverse("member_leave", args=[home.id, member(home, "张小红").id])
        assert client.post(away, {**posted, "request_id": str(new_id())}).status_code == 302
        assert said(home) == {"张永福": "head"}


def test_registered_number_is_picked_in_the_add_member_form() -> None:
    with acting() as actor:
        client, home = opened(actor, "张永福")
        other = household_of(actor, "李秀英", "李小明")
        child = member(other, "李小明")
        url = reverse("household_add_member", args=[home.id])
        posted = {
            "request_id": str(new_id()),
            "relation": "child",
            "since": "2020-03-01",
            "name": "李小明",
            "id_number": child.id_number,
        }
        offered = client.post(url, posted)
        text = offered.content.decode()
        assert (offered.status_code, 'name="use_registered"' in text, other.number in text) == (422, True, True)
        assert client.post(url, {**posted, "use_registered": "on"}).status_code == 302
        assert (said(home), said(other)) == ({"张永福": "head", "李小明": "child"}, {"李秀英": "head"})
        assert Person.objects.count() == 3
        assert '<option value="head"' not in client.get(url).content.decode()


def test_number_of_another_county_leads_to_the_transfer_form_with_what_was_typed() -> None:
    with acting(area_code=FANGZI) as theirs:
        person = person_of(theirs, "王某某", area_code=FANGZI_VILLAGE)
        number = str(person.id_number)
    with acting() as actor:
        client, home = opened(actor, "张永福")
        posted = {
            "request_id": str(new_id()),
            "relation": "child",
            "since": "2020-03-01",
            "name": "王某某",
            "id_number": number,
        }
        text = client.post(reverse("household_add_member", args=[home.id]), posted).content.decode()
        assert ("王**" in text, "坊子区" in text, 'form="transfer-member"' in text) == (True, True, True)
        village = format_area_code(GUDI_VILLAGE)
        assert f'name="area" value="{village}"' in text
        asked = client.post(reverse("transfer_new"), {"prefill": "1", "id_number": number, "area": village})
        form = asked.content.decode()
        assert (asked.status_code, f'value="{number}"' in form) == (200, True)
        assert f'value="{village}"' in form


def test_registered_numbers_are_picked_in_the_new_household_form() -> None:
    with acting() as actor:
        client, old = opened(actor, "张永福", "张建国")
        founder = member(old, "张建国")
        posted = {
            "request_id": str(new_id()),
            "area": format_area_code(GUDI_VILLAGE),
            "registered_on": "2020-03-01",
            "is_urban": "0",
            "members-TOTAL_FORMS": "2",
            "members-INITIAL_FORMS": "0",
            "members-0-relation": "head",
            "members-0-name": "张建国",
            "members-0-id_number": founder.id_number,
            "members-1-relation": "spouse",
            "members-1-name": "李秀英",
            "members-1-id_number": fresh_number(),
        }
        text = client.post(reverse("household_new"), posted).content.decode()
        assert ('name="members-0-use_registered"' in text, 'name="members-1-use_registered"' in text) == (True, False)
        for _double_click in range(2):
            answer = client.post(reverse("household_new"), {**posted, "members-0-use_registered": "on"})
            assert answer.status_code == 302
        new = Household.objects.exclude(id=old.id).get()
        assert (said(old), said(new)) == ({"张永福": "head"}, {"张建国": "head", "李秀英": "spouse"})


def test_certificate_is_recorded_and_every_difference_said_in_words() -> None:
    with acting() as actor:
        client, home = opened(actor, "张永福")
        person = member(home, "张永福")
        url = reverse("person_certificate", args=[person.id])
        number = f"{person.id_number}41"
        posted = {"request_id": str(new_id()), "version": "1", "since": "2020-03-01", "source": "验看证件"}
        wrong = client.post(url, {**posted, "number": f"{fresh_number()}41", "kind": "1", "level": "2"})
        text = wrong.content.decode()
        assert wrong.status_code == 422
        for words in ("与本人身份证号不一致", "填报的残疾类别为视力", "填报的残疾等级为二级"):
            assert words in text
        assert PersonFact.objects.count() == 0
        assert client.post(url, {**posted, "number": number, "kind": "4", "level": "1"}).status_code == 302
        assert person_facts_as_of([person.id], ["disability"], on=TODAY)[person.id] == {"disability": "41"}
        page = client.get(reverse("person_detail", args=[person.id])).content.decode()
        assert ("肢体一级" in page, "与身份证号和登记的类别等级一致" in page, number in page) == (True, True, False)


def test_needs_are_added_and_taken_away_one_by_one() -> None:
    with acting() as actor:
        client, home = opened(actor, "张永福")
        person = member(home, "张永福")
        url = reverse("person_need", args=[person.id])
        for need, is_needed in (("meal_delivery", 1), ("daily_care", 1), ("daily_care", 1), ("meal_delivery", 0)):
            assert client.post(url, {"need": need, "is_needed": is_needed}).status_code == 302
        codes = PersonFact.objects.order_by("recorded_at").values_list("code", flat=True)
        assert list(codes) == ["meal_delivery", "daily_care,meal_delivery", "daily_care"]
        page = client.get(reverse("person_detail", args=[person.id])).content.decode()
        assert ("不再需要日常照料" in page, "增加需求：送餐" in page) == (True, True)
        assert client.post(url, {"need": "", "is_needed": "1"}).status_code == 422
        form = client.get(f"{reverse('person_fact', args=[person.id])}?kind=need").content.decode()
        assert form.count("checked") == 1
    with acting("auditor", HANTING) as auditor:
        assert client_of(auditor).post(url, {"need": "daily_care", "is_needed": "0"}).status_code == 403
        assert PersonFact.objects.count() == 3


def test_accounts_of_before_stand_on_the_person_page_by_their_tails() -> None:
    with acting() as actor:
        client, home = opened(actor, "张永福")
        person = member(home, "张永福")
        for number, since in (("6217001234560001", SINCE), ("6217001234560002", date(2020, 3, 1))):
            record_bank_account(
                actor=actor,
                person_id=person.id,
                details=AccountDetails(number, "农商银行", person.name),
                valid_from=since,
                source="测试",
            )
        page = client.get(reverse("person_detail", args=[person.id])).content.decode()
        assert ("****0001" in page, "****0002" in page, "621700123456000" in page) == (True, True, False)


def test_person_page_of_a_day_in_a_household_since_handed_over_opens() -> None:
    with acting() as actor:
        client, home = opened(actor, "张永福", "张建国")
        leaver = member(home, "张建国")
        away = reverse("member_leave", args=[home.id, leaver.id])
        posted = {"request_id": str(new_id()), "version": "1", "valid_from": "2020-03-01", "source": "外出"}
        assert client.post(away, posted).status_code == 302
    with acting("city_officer", WEIFANG) as city:
        moved = {
            "request_id": str(new_id()),
            "version": "2",
            "area": format_area_code(FANGZI_VILLAGE),
            "moved_on": "2020-03-10",
            "reason": "搬迁",
        }
        assert client_of(city).post(reverse("household_move", args=[home.id]), moved).status_code == 302
    page = client.get(reverse("person_detail", args=[leaver.id]), {"on": "2020-02-01"})
    assert (page.status_code, "已移交外地的一户" in page.content.decode()) == (200, True)


def test_certified_disability_is_corrected_from_the_history() -> None:
    with acting() as actor:
        client, home = opened(actor, "张永福")
        person = member(home, "张永福")
        said = {"request_id": str(new_id()), "version": "1", "since": "2020-03-01", "source": "验看证件"}
        client.post(reverse("person_certificate", args=[person.id]), {**said, "number": f"{person.id_number}41"})
        url = reverse("person_fact_correct", args=[PersonFact.objects.get().id])
        assert '<option value="42">肢体二级</option>' in client.get(url).content.decode()
        corrected = {"request_id": str(new_id()), "version": "2", "valid_from": "2020-03-01", "source": "证件复核"}
        assert client.post(url, {**corrected, "value": "42"}).status_code == 302
        page = client.get(reverse("person_detail", args=[person.id])).content.decode()
        assert "填报的残疾等级为二级，残疾人证号第20位为一级" in page


def test_history_marks_what_was_not_known_or_had_not_begun() -> None:
    with acting() as actor:
        client, home = opened(actor, "张永福")
        url = reverse("household_detail", args=[home.id])
        for query, marks in (
            ({}, ()),
            ({"known": "2020-03-17"}, ("当时尚未登记",)),
            ({"on": "2019-12-31"}, ("那天尚未开始",)),
        ):
            text = client.get(url, query).content.decode()
            assert tuple(mark for mark in ("当时尚未登记", "那天尚未开始") if mark in text) == marks
