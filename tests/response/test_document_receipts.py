"""A document's family, whom it was sent to, who has it, and where a field has none."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.audit import AuditEntry
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from shouwang.kernel.scope import use_scope
from shouwang.kernel.worklist import work_for
from shouwang.response.commands.documents import Lineage, receive_document, send_document
from shouwang.response.models import Document, DocumentReceipt
from shouwang.response.public import WorkField, register_document
from shouwang.response.queries.documents import coverage_of, receipts_of, relatives_of
from tests.accounts.clients import client_of
from tests.factories import FANGZI, HANTING, WEIFANG, make_actor

pytestmark = pytest.mark.django_db

NOW = clock.instant(2020, 2, 3, 9)
DUE = date(2020, 2, 5)


@pytest.fixture(autouse=True)
def _morning() -> None:
    with clock.at(NOW):
        yield


@pytest.fixture
def city() -> Actor:
    return make_actor(Role.CITY_OFFICER, WEIFANG)


@pytest.fixture
def county() -> Actor:
    return make_actor(Role.COUNTY_OFFICER, HANTING)


def registered(actor: Actor, number: str, area_code: int = WEIFANG, **lineage) -> Document:
    with use_scope(actor.scope):
        return register_document(
            actor=actor, number=number, title=f"关于{number}的通知", issuer="民政局", issued_on=clock.today(),
            area_code=area_code, lineage=Lineage(**lineage),
        )  # fmt: skip


def sent(city: Actor, document_id: UUID, *codes: int) -> int:
    with use_scope(city.scope):
        return send_document(actor=city, document_id=document_id, area_codes=codes, due_on=DUE)


def test_lineage_is_told_from_the_top_down(city: Actor, county: Actor) -> None:
    province = registered(city, "鲁民〔2020〕1号", co_issuers=("省卫生健康委", " "))
    ours = registered(city, "潍民〔2020〕1号", forwards_id=province.id)
    below = registered(county, "寒民〔2020〕1号", HANTING, forwards_id=ours.id)
    assert province.co_issuers == ["省卫生健康委"]
    assert [one.number for one in relatives_of(below).chain] == ["鲁民〔2020〕1号", "潍民〔2020〕1号"]
    assert [one.number for one in relatives_of(province).forwarded_by] == ["潍民〔2020〕1号"]
    shown = client_of(county).get(reverse("document_detail", args=[below.id])).content.decode()
    assert "鲁民〔2020〕1号" in shown


def test_document_has_one_successor(city: Actor) -> None:
    first = registered(city, "潍民〔2020〕1号")
    second = registered(city, "潍民〔2020〕2号", supersedes_id=first.id)
    assert relatives_of(first).later == second
    with pytest.raises(Conflict, match="新的版本"):
        registered(city, "潍民〔2020〕3号", supersedes_id=first.id)
    assert Document.objects.count() == 2


def test_unit_receives_what_was_sent_and_the_late_are_seen(city: Actor, county: Actor) -> None:
    document = registered(city, "潍民〔2020〕1号")
    assert sent(city, document.id, HANTING, FANGZI) == 2
    assert sent(city, document.id, HANTING) == 0
    with use_scope(county.scope):
        assert [(item.action, item.due_on) for item in work_for(county) if item.kind == "document"] == [("签收", DUE)]
        receive_document(actor=county, document_id=document.id)
        assert [item for item in work_for(county) if item.kind == "document"] == []
        first = DocumentReceipt.objects.get().received_at
        with clock.at(clock.instant(2020, 2, 9)):
            assert receive_document(actor=county, document_id=document.id).received_at == first
    with use_scope(city.scope):
        assert [one.received_at is None for one in receipts_of(city, document)] == [True, False]
    with clock.at(clock.instant(2020, 2, 6)):
        assert "逾期未签收" in client_of(city).get(reverse("document_detail", args=[document.id])).content.decode()


def test_county_sees_its_own_receipt_alone(city: Actor, county: Actor) -> None:
    document = registered(city, "潍民〔2020〕1号")
    sent(city, document.id, HANTING, FANGZI)
    with use_scope(county.scope):
        assert [one.area_code for one in receipts_of(county, document)] == [HANTING]


def test_what_was_not_sent_is_not_received_and_nobody_sends_past_their_area(city: Actor, county: Actor) -> None:
    document = registered(city, "潍民〔2020〕1号")
    finance = make_actor(Role.FINANCE, HANTING)
    with use_scope(county.scope):
        audits = AuditEntry.objects.count()
        with pytest.raises(NotFound):
            receive_document(actor=county, document_id=document.id)
        with pytest.raises(NotAllowed):
            send_document(actor=county, document_id=document.id, area_codes=[FANGZI], due_on=DUE)
        with pytest.raises(Invalid):
            send_document(actor=county, document_id=document.id, area_codes=[], due_on=DUE)
        assert AuditEntry.objects.count() == audits
    with use_scope(finance.scope), pytest.raises(NotAllowed):
        receive_document(actor=finance, document_id=document.id)
    with use_scope(city.scope):
        assert DocumentReceipt.objects.count() == 0


def test_matrix_counts_documents_in_use_by_unit_and_field(city: Actor, county: Actor) -> None:
    old = registered(county, "寒民〔2020〕1号", HANTING, work_field=WorkField.ELDERLY_CARE)
    registered(county, "寒民〔2020〕2号", HANTING, work_field=WorkField.ELDERLY_CARE, supersedes_id=old.id)
    units = [(HANTING, ((HANTING, HANTING + 10**9),)), (FANGZI, ((FANGZI, FANGZI + 10**9),))]
    assert coverage_of(units) == {(HANTING, "elderly_care"): 1}
    assert "缺" in client_of(city).get(reverse("document_matrix")).content.decode()


def test_city_sends_on_the_page(city: Actor) -> None:
    document = registered(city, "潍民〔2020〕1号")
    address = reverse("document_send", args=[document.id])
    assert client_of(city).post(address, {"due_on": "2020-02-05"}).status_code == 422
    assert client_of(city).post(address, {"units": [str(HANTING)], "due_on": "2020-02-05"}).status_code == 302
    with use_scope(city.scope):
        assert DocumentReceipt.objects.get().area_code == HANTING
