"""Pages of documents and measures: read by everyone, written by the authority."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from shouwang.accounts.public import Role, User
from shouwang.assistance import measures as assistance
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from shouwang.response.commands.measures import lift_measure
from shouwang.response.models import Document, DocumentFile, Measure, MeasureEnd, Order
from shouwang.response.public import register_document
from tests.asking import queries_of_page
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, WEIFANG, make_actor
from tests.measures import issue_measure

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\nsample"


def client_of(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=actor.user_id))
    return client


def page(actor: Actor, name: str, *arguments: object, **query: str) -> str:
    answer = client_of(actor).get(reverse(name, args=arguments), query)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content.decode()


@pytest.fixture
def city() -> Actor:
    return make_actor(Role.CITY_OFFICER, WEIFANG)


@pytest.fixture
def document(city: Actor) -> Document:
    with use_scope(city.scope):
        return register_document(
            actor=city, number="潍民〔2020〕8号", title="关于先行救助的通知", issuer="潍坊市民政局",
            issued_on=date(2020, 2, 4), area_code=WEIFANG,
        )  # fmt: skip


def issue(city: Actor, document: Document, area_code: int = WEIFANG, **changes) -> Measure:
    arguments = {
        "kind": assistance.RELIEF_FIRST, "parameters": {"papers_due_working_days": 10}, "area_code": area_code,
        "from_at": clock.instant(2020, 2, 5), "until_at": None, "document_id": document.id,
    }  # fmt: skip
    with use_scope(city.scope):
        return issue_measure(actor=city, **(arguments | changes))


def test_everyone_reads_what_is_in_force_with_its_document(city: Actor, document: Document) -> None:
    issue(city, document)
    for role, area_code in ((Role.GRID_WORKER, GUDI), (Role.FINANCE, FANGZI), (Role.CITY_OFFICER, WEIFANG)):
        shown = page(make_actor(role, area_code), "measures_in_force")
        assert "先行救助：可先行给付，手续在 10 个工作日内补齐" in shown
        assert "潍民〔2020〕8号" in shown
        assert "自 2020-02-05 00:00" in shown


def test_page_answers_for_another_place_and_day(city: Actor, document: Document) -> None:
    issue(city, document, HANTING)
    reader = make_actor(Role.AUDITOR, WEIFANG)
    sentence = "先行救助：可先行给付"
    assert sentence in page(reader, "measures_in_force", area="370703003000", day="2020-02-05")
    assert sentence not in page(reader, "measures_in_force", area="370703003000", day="2020-02-04")
    assert sentence not in page(reader, "measures_in_force", area="370704000000", day="2020-02-05")


def test_several_measures_are_told_as_one_with_their_sources(city: Actor, document: Document) -> None:
    issue(city, document)
    issue(city, document, HANTING, parameters={"papers_due_working_days": 5})
    shown = page(make_actor(Role.TOWNSHIP_ASSISTANT, GUDI), "measures_in_force")
    assert "手续在 5 个工作日内补齐" in shown
    assert "按最严的执行" in shown
    assert "手续在 10 个工作日内补齐" in shown


def test_exercise_is_shown_only_when_asked_for(city: Actor, document: Document) -> None:
    issue(city, document, is_exercise=True)
    reader = make_actor(Role.TOWNSHIP_ASSISTANT, GUDI)
    assert "手续在 10 个工作日内补齐" not in page(reader, "measures_in_force")
    shown = page(reader, "measures_in_force", exercises="on")
    assert "仅演练" in shown


def test_measure_is_drafted_rehearsed_signed_by_another_and_lifted_on_pages(document: Document) -> None:
    officer, leader = make_actor(Role.COUNTY_OFFICER, HANTING), make_actor(Role.COUNTY_LEADER, HANTING)
    desk, client = client_of(officer), client_of(leader)
    assert desk.get(reverse("order_new", args=["petty_reserve"])).status_code == 200
    values = {
        "request_id": str(new_id()), "area": "370703000000", "from_at": "2020-03-18T00:00", "until_at": "",
        "title": "乡镇备用金", "confirm_within_hours": "24", "document": str(document.id), "backdate_reason": "补录",
        "parameter_limit_fen": "1,000",
    }  # fmt: skip
    for _ in range(2):
        assert desk.post(reverse("order_new", args=["petty_reserve"]), values).status_code == 302
    with use_scope(leader.scope):
        order = Order.objects.get()
    sign = {"version": str(order.version)}
    assert client.post(reverse("order_sign", args=[order.id]), sign).status_code == 409
    assert "签发后的变化" not in page(leader, "order_detail", order.id)
    assert desk.post(reverse("order_rehearse", args=[order.id])).status_code == 302
    assert desk.post(reverse("order_sign", args=[order.id]), sign).status_code == 403
    assert Measure.objects.count() == 0
    shown = page(leader, "order_detail", order.id)
    assert "按平时的规定办理" in shown
    assert "单笔不超过 1,000.00 元" in shown
    assert client.post(reverse("order_sign", args=[order.id]), sign).status_code == 302
    measure = Measure.objects.get()
    assert (measure.parameters, measure.area_code) == ({"limit_fen": 100_000}, HANTING)
    assert "解除这项措施" in page(leader, "measure_detail", measure.id)
    lift = reverse("measure_lift", args=[measure.id])
    assert client.post(lift, {"at": "2020-03-17T00:00", "reason": "早于开始"}).status_code == 422
    assert client.post(lift, {"at": "2020-03-19T00:00", "reason": "疫情缓解"}).status_code == 302
    assert MeasureEnd.objects.get().reason == "疫情缓解"
    shown = page(leader, "measure_detail", measure.id)
    assert "疫情缓解" in shown
    assert "解除这项措施" not in shown


@pytest.mark.parametrize(
    "change",
    [
        {"parameter_papers_due_working_days": "0"},
        {"parameter_papers_due_working_days": "x"},
        {"title": ""},
        {"area": "370704000000"},
        {"until_at": "2020-01-01T00:00"},
    ],
)
def test_measure_that_cannot_be_is_told_at_the_form(document: Document, change: dict[str, str]) -> None:
    values = {
        "request_id": str(new_id()), "area": "370703000000", "from_at": "2020-03-18T00:00", "until_at": "",
        "title": "先行救助", "confirm_within_hours": "24", "document": str(document.id),
        "parameter_papers_due_working_days": "10",
    }  # fmt: skip
    client = client_of(make_actor(Role.COUNTY_LEADER, HANTING))
    assert client.post(reverse("order_new", args=["relief_first"]), values | change).status_code == 422
    assert Measure.objects.count() == 0


def test_unknown_kind_and_measure_are_404(city: Actor) -> None:
    client = client_of(city)
    assert client.get(reverse("order_new", args=["close_all_gates"])).status_code == 404
    assert client.get(reverse("measure_detail", args=[new_id()])).status_code == 404
    assert client.get(reverse("document_detail", args=[new_id()])).status_code == 404


def test_neighbour_reads_a_measure_and_cannot_lift_it(city: Actor, document: Document) -> None:
    measure = issue(city, document, HANTING)
    neighbour = client_of(make_actor(Role.COUNTY_LEADER, FANGZI))
    assert "解除这项措施" not in neighbour.get(reverse("measure_detail", args=[measure.id])).content.decode()
    answer = neighbour.post(reverse("measure_lift", args=[measure.id]), {"at": "2020-03-18T00:00", "reason": "越界"})
    assert (answer.status_code, MeasureEnd.objects.count()) == (422, 0)


@pytest.mark.parametrize("name", ["order_new", "document_new"])
def test_forms_are_for_the_authority(name: str) -> None:
    arguments = ["relief_first"] if name == "order_new" else []
    assert client_of(make_actor(Role.COUNTY_LEADER)).get(reverse(name, args=arguments)).status_code == 200
    assert client_of(make_actor(Role.FINANCE)).get(reverse(name, args=arguments)).status_code == 403


def test_document_with_a_file_comes_back_byte_for_byte() -> None:
    client = client_of(make_actor(Role.COUNTY_OFFICER))
    values = {
        "number": "寒民〔2020〕3号", "title": "关于备用金的通知", "issuer": "寒亭区民政局", "issued_on": "2020-02-06",
        "area": "370703000000",
    }  # fmt: skip
    for _ in range(2):
        upload = SimpleUploadedFile("通知.pdf", PDF, content_type="text/html")
        assert client.post(reverse("document_new"), values | {"file": upload}).status_code == 302
    document = Document.objects.get()
    reader = client_of(make_actor(Role.GRID_WORKER, GUDI))
    shown = reader.get(reverse("document_detail", args=[document.id])).content.decode()
    assert bytes(DocumentFile.objects.get().sha256).hex() in shown
    answer = reader.get(reverse("document_file", args=[document.id]))
    assert answer.content == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_file_that_is_no_document_is_told_at_the_form() -> None:
    values = {
        "number": "寒民〔2020〕3号", "title": "x", "issuer": "寒亭区民政局", "issued_on": "2020-02-06", "area": "370703000000",
        "file": SimpleUploadedFile("通知.html", b"<script>"),
    }  # fmt: skip
    answer = client_of(make_actor(Role.COUNTY_OFFICER)).post(reverse("document_new"), values)
    assert (answer.status_code, Document.objects.count()) == (422, 0)
    assert "不是可以登记的文件" in answer.content.decode()


def test_documents_are_searched_sorted_and_exported(city: Actor, document: Document) -> None:
    with use_scope(city.scope):
        register_document(
            actor=city, number="潍民〔2020〕2号", title="=1+1", issuer="潍坊市民政局", issued_on=date(2020, 2, 20),
            area_code=WEIFANG,
        )  # fmt: skip
    shown = page(city, "document_list", sort="number")
    assert shown.index("潍民〔2020〕2号") < shown.index("潍民〔2020〕8号")
    assert "潍民〔2020〕2号" not in page(city, "document_list", q="先行救助")
    answer = client_of(city).get(reverse("document_list"), {"format": "csv"})
    lines = b"".join(answer).decode("utf-8-sig").splitlines()
    assert lines[1] == "潍民〔2020〕2号,'=1+1,潍坊市民政局,2020-02-20,综合"


def test_number_of_queries_does_not_grow(city: Actor, document: Document) -> None:
    issue(city, document)
    addresses = [reverse("measures_in_force"), reverse("document_list"), reverse("document_detail", args=[document.id])]
    few = [queries_of_page(client_of(city), address) for address in addresses]
    for number in range(3):
        with use_scope(city.scope):
            more = register_document(
                actor=city, number=f"潍民〔2020〕{number + 20}号", title="通知", issuer="潍坊市民政局",
                issued_on=date(2020, 2, 4), area_code=WEIFANG,
            )  # fmt: skip
        issue(city, more, kind=assistance.EXIT_PAUSED, parameters={})
        issue(city, document, kind=assistance.REVIEW_PAUSED, parameters={})
    assert [queries_of_page(client_of(city), address) for address in addresses] == few


@pytest.mark.parametrize("query", [{"area": "abc"}, {"day": "2020-13-40"}])
def test_wrong_query_is_told_and_no_crash(city: Actor, query: dict[str, str]) -> None:
    assert client_of(city).get(reverse("measures_in_force"), query).status_code == 422


def listed(actor: Actor, **query: str) -> list[str]:
    """The states of the measures on the list, the latest first."""
    answer = client_of(actor).get(reverse("measure_list"), query)
    assert answer.status_code == 200
    return [row["state"].value for row in answer.context["rows"]]


def test_list_tells_what_comes_what_holds_and_what_has_ended(city: Actor, document: Document) -> None:
    issue(city, document)
    issue(city, document, from_at=clock.instant(2020, 4, 1))
    issue(city, document, from_at=clock.instant(2020, 2, 1), until_at=clock.instant(2020, 3, 1))
    for from_at, at in (((2020, 1, 1), (2020, 3, 2)), ((2020, 5, 1), (2020, 5, 1))):
        measure = issue(city, document, from_at=clock.instant(*from_at))
        with use_scope(city.scope):
            lift_measure(
                actor=city, measure_id=measure.id, at=clock.instant(*at), reason="疫情平稳", document_id=document.id
            )
    reader = make_actor(Role.GRID_WORKER, GUDI_VILLAGE)
    assert listed(reader) == ["lifted", "coming", "in_force", "over", "lifted"]
    assert listed(reader, phase="coming") == ["coming"]
    assert listed(reader, phase="in_force") == ["in_force"]
    assert listed(reader, phase="ended") == ["lifted", "over", "lifted"]
    assert listed(reader, phase="ended", sort="ends_at") == ["over", "lifted", "lifted"]
    shown = page(reader, "measure_list", phase="ended")
    assert "解除：疫情平稳" in shown
    assert "潍民〔2020〕8号" in shown


def test_list_is_of_the_area_around_it_and_inside_it(city: Actor, document: Document) -> None:
    issue(city, document)
    issue(city, document, HANTING, from_at=clock.instant(2020, 2, 6))
    issue(city, document, FANGZI, from_at=clock.instant(2020, 2, 7))
    drill = issue(city, document, HANTING, from_at=clock.instant(2020, 2, 8), is_exercise=True)
    assert len(listed(make_actor(Role.COUNTY_OFFICER, HANTING))) == 2
    assert len(listed(make_actor(Role.COUNTY_OFFICER, HANTING), exercises="on")) == 3
    assert len(listed(city)) == 3
    assert len(listed(city, area="370704000000", kind=drill.kind)) == 2
    assert listed(city, kind=assistance.EXIT_PAUSED) == []


def test_list_is_exported_and_asks_the_same_for_one_and_many(city: Actor, document: Document) -> None:
    issue(city, document)
    client = client_of(city)

    few = queries_of_page(client, reverse("measure_list"))
    for day in range(1, 8):
        issue(city, document, HANTING, from_at=clock.instant(2020, 2, day))
    assert queries_of_page(client, reverse("measure_list")) == few
    answer = client.get(reverse("measure_list"), {"format": "csv", "phase": "in_force"})
    lines = b"".join(answer).decode("utf-8-sig").splitlines()
    assert len(lines) == 9
    assert "到解除为止" in lines[1]
    assert "潍坊市民政局 潍民〔2020〕8号 关于先行救助的通知" in lines[1]


def test_anybody_reads_what_is_in_force_today_without_signing_in(city: Actor, document: Document) -> None:
    issue(city, document)
    shown = Client().get(reverse("measures_today"), {"area": "370703"}).content.decode()
    assert "先行救助：可先行给付，手续在 10 个工作日内补齐" in shown
    assert "《关于先行救助的通知》" in shown
    assert 'href="?area=370700000000">潍坊市</a>' in shown
    assert Client().get(reverse("measures_today"), {"area": "nowhere"}).status_code == 422
    assert 'href="?area=370000000000">山东省</a>' in Client().get(reverse("measures_today")).content.decode()


def test_exercise_is_not_told_to_the_public(city: Actor, document: Document) -> None:
    issue(city, document, is_exercise=True)
    assert "先行救助" not in Client().get(reverse("measures_today"), {"area": "370703"}).content.decode()
