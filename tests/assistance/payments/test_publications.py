"""Lists for a village's board: masked, summing to the run, silent about children, down on day 8."""

from __future__ import annotations

import io
import re
import subprocess
from datetime import date

import pytest
from django.http import FileResponse
from django.urls import reverse
from docx import Document

from shouwang.accounts.public import Role
from shouwang.assistance.commands.publications import post_publication
from shouwang.assistance.models import Payable, Publication
from shouwang.assistance.queries.publications import owed_in, village_list_for
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotAllowed, NotFound
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from shouwang.registry.models import Person, PersonFact
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, make_actor

from .setting import GAOLI_VILLAGE, MARCH, County, acting_as, everywhere
from .test_chain import run
from .test_pages import client_of

pytestmark = pytest.mark.django_db


def name_them(county: County, *names: str) -> None:
    with use_scope(everywhere().scope):
        for family, name in zip(county.families, names, strict=False):
            Person.objects.filter(id=family.persons[0].id).update(name=name)


def categorise(person: Person, category: str) -> None:
    with use_scope(everywhere().scope):
        PersonFact.objects.create(
            person=person, kind="category", code=category, valid_from=date(2020, 1, 1), recorded_at=clock.now(),
            source="测试", area_code=person.area_code,
        )  # fmt: skip


def assistant() -> Actor:
    return make_actor(Role.TOWNSHIP_ASSISTANT, GUDI, name="助理员")


def post(actor: Actor, *, kind: str = "notice", programme: str = "dibao", area_code: int = GUDI_VILLAGE) -> Publication:
    with acting_as(actor):
        return post_publication(
            actor=actor, publication_id=new_id(), area_code=area_code, programme=programme, month=MARCH, kind=kind
        )


def test_list_has_masked_names_members_and_amounts_that_sum_to_the_run(county: County) -> None:
    name_them(county, "欧阳建国", "李四")
    run(county)
    with acting_as(assistant()) as actor:
        listed = village_list_for(actor, area_code=GUDI_VILLAGE, programme="dibao", month=MARCH)
        owed = owed_in(actor, area_code=GUDI_VILLAGE, programme="dibao", month=MARCH)
        by_hand = sum(p.amount_fen for p in Payable.objects.filter(area_code=GUDI_VILLAGE))
    rows = {(row.masked_name, row.member_count, row.amount_fen) for row in listed.rows}
    assert rows == {("欧**国", 1, 450_00), ("李*", 2, 315_50)}
    assert listed.amount_fen == owed == by_hand == 765_50
    assert (listed.withheld_count, listed.person_count) == (0, 3)


@pytest.mark.parametrize("category", ["orphan", "unattended_child", "minor,unattended_child"])
@pytest.mark.parametrize("position", [0, 1])
def test_household_of_a_child_without_care_is_never_listed(county: County, category: str, position: int) -> None:
    name_them(county, "王一", "赵四")
    run(county)
    categorise(county.families[1].persons[position], category)
    with acting_as(assistant()) as actor:
        listed = village_list_for(actor, area_code=GUDI_VILLAGE, programme="dibao", month=MARCH)
        owed = owed_in(actor, area_code=GUDI_VILLAGE, programme="dibao", month=MARCH)
    assert [row.masked_name for row in listed.rows] == ["王*"]
    assert (listed.withheld_count, listed.withheld_fen) == (1, 315_50)
    assert listed.amount_fen + listed.withheld_fen == owed
    posted = post(assistant())
    assert (posted.row_count, posted.amount_fen, posted.withheld_fen) == (1, 450_00, 315_50)


@pytest.mark.parametrize("programme", ["orphan_allowance", "temporary_relief", "unattended_child", "disability_living"])
def test_lists_of_other_programmes_are_refused(county: County, programme: str) -> None:
    run(county)
    with pytest.raises(Invalid) as refusal:
        post(assistant(), programme=programme)
    assert refusal.value.reason == "publication.programme"


def test_notice_comes_down_on_day_eight_and_an_announcement_stays(county: County) -> None:
    run(county)
    notice, announcement = post(assistant()), post(assistant(), kind="announcement")
    assert (notice.posted_on, notice.take_down_on) == (date(2020, 3, 18), date(2020, 3, 26))
    assert announcement.take_down_on is None
    client = client_of(assistant())
    page = reverse("publication_page", args=[notice.id])
    with clock.at(clock.instant(2020, 3, 25, 23, 59)):
        assert "450.00" in client.get(page).content.decode()
        assert client.get(page, {"format": "pdf"}).status_code == 200
    with clock.at(clock.instant(2020, 3, 26)):
        shown = client.get(page).content.decode()
        assert "已撤下" in shown
        assert "450.00" not in shown
        assert "张*" not in shown
        for file_format in ("pdf", "docx", "xlsx", "csv"):
            assert client.get(page, {"format": file_format}).status_code == 409
        assert "450.00" in client.get(reverse("publication_page", args=[announcement.id])).content.decode()


def test_every_form_says_the_same_and_no_more(county: County) -> None:
    name_them(county, "欧阳建国", "李四")
    run(county)
    posted = post(assistant())
    with use_scope(everywhere().scope):
        whole = {person.name for family in county.families for person in family.persons} | {"欧阳建国", "李四"}
        numbers = {account.account for person in Person.objects.all() for account in person.bank_accounts.all()}
    client, page = client_of(assistant()), reverse("publication_page", args=[posted.id])
    texts = [client.get(page).content.decode()]
    texts.append(pdf_text(client.get(page, {"format": "pdf"})))
    document = Document(io.BytesIO(b"".join(client.get(page, {"format": "docx"}).streaming_content)))
    texts.append("".join(cell.text for row in document.tables[0].rows for cell in row.cells))
    texts.append(b"".join(client.get(page, {"format": "csv"}).streaming_content).decode("utf-8-sig"))
    for text in texts:
        assert "欧**国" in text
        assert "315.50" in text
        assert not [name for name in whole if name in text]
        assert not [number for number in numbers if number in text]


def pdf_text(response: FileResponse) -> str:
    content = b"".join(response.streaming_content)
    done = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
    return re.sub(r"\s+", "", done.stdout.decode())


def test_list_is_for_its_own_area_and_posts(county: County) -> None:
    run(county)
    posted = post(assistant())
    neighbour = make_actor(Role.TOWNSHIP_ASSISTANT, FANGZI)
    assert client_of(neighbour).get(reverse("publication_page", args=[posted.id])).status_code == 404
    with pytest.raises(NotFound):
        post(neighbour)
    with pytest.raises(NotAllowed):
        post(county.officers.finance)
    with pytest.raises(Invalid):
        post(assistant(), area_code=GUDI)
    with pytest.raises(NotFound):
        post(assistant(), area_code=GAOLI_VILLAGE)
    with use_scope(everywhere().scope):
        assert Publication.objects.count() == 1


def test_posting_twice_with_one_id_is_one_list(county: County) -> None:
    run(county)
    key = new_id()
    for _round in range(2):
        with acting_as(assistant()) as actor:
            post_publication(
                actor=actor, publication_id=key, area_code=GUDI_VILLAGE, programme="dibao", month=MARCH, kind="notice"
            )
    with use_scope(everywhere().scope):
        assert Publication.objects.count() == 1


def test_township_list_is_one_townships_lines_with_their_sum(county: County) -> None:
    batch = run(county)
    url = reverse("batch_paper", args=[batch.id, GUDI, "pdf"])
    text = pdf_text(client_of(assistant()).get(url))
    assert "合计2笔765.50" in text
    assert "902.00" not in text
    assert client_of(make_actor(Role.TOWNSHIP_ASSISTANT, FANGZI)).get(url).status_code == 404
    elsewhere = reverse("batch_paper", args=[batch.id, GAOLI_VILLAGE // 10**6 * 10**6, "pdf"])
    assert client_of(assistant()).get(elsewhere).status_code == 404
