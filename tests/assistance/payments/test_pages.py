"""Pages of the payment chain: what each officer sees, neighbours see nothing, a list costs the same however long."""

from __future__ import annotations

import io
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from shouwang.accounts.models import User
from shouwang.assistance.bank_files import BACK_COLUMNS, answer_rows
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.models import Grant, PaymentBatch
from shouwang.assistance.states import BatchState
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import use_scope
from shouwang.kernel.spreadsheets import write_xlsx
from tests.asking import queries_of_page
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, make_actor

from .setting import (
    GAOLI_VILLAGE,
    County,
    acting_as,
    answers,
    everywhere,
    lines_of,
    make_family,
    reread,
    take_over,
    walk,
)
from .test_chain import run

pytestmark = pytest.mark.django_db


def client_of(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=actor.user_id))
    return client


def return_file(batch: PaymentBatch, *, failing: tuple[int, ...] = ()) -> io.BytesIO:
    file = io.BytesIO()
    write_xlsx(file, BACK_COLUMNS, answer_rows(answers(batch, failing=failing)))
    file.seek(0)
    file.name = "回盘.xlsx"
    return file


def test_every_page_of_the_owner_opens(county: County) -> None:
    batch = run(county)
    grant_id = first_grant()
    client = client_of(county.officers.opener)
    for url in (
        reverse("grant_list"),
        reverse("grant_page", args=[grant_id]),
        reverse("run_list"),
        reverse("run_new"),
        reverse("run_page", args=[batch.run_id]),
        reverse("batch_page", args=[batch.id]),
        reverse("problem_list"),
        reverse("payment_line", args=[lines_of(batch)[0].id]),
    ):
        assert client.get(url).status_code == 200, url
    for name in ("grant_list", "run_list", "problem_list"):
        for file_format in ("xlsx", "csv"):
            download = client.get(reverse(name), {"format": file_format})
            assert (download.status_code, len(download.getvalue()) > 0) == (200, True)
            for close in download._resource_closers:  # response.close() would close the connection as well
                close()


def test_neighbouring_county_gets_404(county: County) -> None:
    batch = run(county)
    client = client_of(make_actor("county_officer", FANGZI))
    for url in (
        reverse("grant_page", args=[first_grant()]),
        reverse("run_page", args=[batch.run_id]),
        reverse("batch_page", args=[batch.id]),
        reverse("payment_line", args=[lines_of(batch)[0].id]),
    ):
        assert client.get(url).status_code == 404, url
    assert batch.number not in client.get(reverse("run_list")).content.decode()


def test_township_sees_its_own_lines_of_the_county_list(county: County) -> None:
    batch = run(county)
    page = client_of(make_actor("township_assistant", GUDI)).get(reverse("batch_page", args=[batch.id]))
    assert page.status_code == 200
    assert [line.area_code for line, _tone in page.context["rows"]] == [GUDI_VILLAGE, GUDI_VILLAGE]


def test_month_is_run_and_walked_in_the_browser(county: County) -> None:
    opener = client_of(county.officers.opener)
    answer = opener.post(reverse("run_new"), {"programme": "dibao", "month": "2020-03", "area": "370703000000"})
    assert answer.status_code == 302
    with use_scope(everywhere().scope):
        batch = PaymentBatch.objects.get()
    for actor, verb in (
        (county.officers.townships[0], "confirm"),
        (county.officers.leader, "approve"),
        (county.officers.finance, "approve_funds"),
        (county.officers.sender, "send"),
    ):
        version = reread(batch).version
        url = reverse("batch_step", args=[batch.id, verb])
        assert client_of(actor).post(url, {"version": version, "note": ""}).status_code == 302, verb
    sender = client_of(county.officers.sender)
    file = sender.post(reverse("batch_file", args=[batch.id, "csv"]))
    assert (file.status_code, file.content.decode("utf-8-sig").count("\n")) == (200, 4)
    answer = sender.post(reverse("batch_return", args=[batch.id]), {"workbook": return_file(batch, failing=(2,))})
    assert answer.status_code == 302
    spare = client_of(county.officers.spare)
    url = reverse("batch_step", args=[batch.id, "reconcile"])
    assert spare.post(url, {"version": reread(batch).version}).status_code == 302
    assert reread(batch).state == BatchState.RECONCILED
    problems = opener.get(reverse("problem_list"))
    assert [what for _payable, what, _ready in problems.context["rows"]] == ["退票：账户已销户"]


def test_unreadable_return_file_is_told_at_the_form(county: County) -> None:
    batch = walk(run(county), county.officers)
    file = io.BytesIO(b"not a workbook")
    file.name = "x.xlsx"
    url = reverse("batch_return", args=[batch.id])
    answer = client_of(county.officers.sender).post(url, {"workbook": file})
    assert answer.status_code == 422
    assert reread(batch).state == BatchState.SENT


def test_change_of_a_grant_sent_twice_is_one(county: County) -> None:
    grant_id = first_grant()
    values = {
        "request_id": "0170eaf0-9400-7afc-8a92-9134544938bc",
        "kind": "change",
        "amount": "500.00",
        "valid_from": "2020-04",
        "cause": "standard",
        "reason": "标准提高",
    }
    client = client_of(county.officers.opener)
    for _time in range(2):
        assert client.post(reverse("grant_change", args=[grant_id]), values).status_code == 302
    with use_scope(everywhere().scope):
        assert Grant.objects.get(id=grant_id).amounts.count() == 2


@pytest.mark.parametrize("name", ["grant_list", "run_list", "problem_list"])
def test_list_costs_the_same_queries_for_one_and_for_many(county: County, name: str) -> None:
    client = client_of(county.officers.opener)
    run(county)
    few = queries_of_page(client, reverse(name))
    with use_scope(everywhere().scope):
        families = [make_family(GAOLI_VILLAGE, with_account=False) for _ in range(5)]
    take_over(county, [(family, 100_00) for family in families])
    assert queries_of_page(client, reverse(name)) == few


def first_grant() -> UUID:
    with use_scope(everywhere().scope):
        return Grant.objects.order_by("id").values_list("id", flat=True)[0]


def test_way_into_the_book_is_offered_to_its_readers_only(county: County) -> None:
    batch = walk(run(county), county.officers)
    with acting_as(county.officers.sender) as sender:
        receive_return(actor=sender, batch_id=batch.id, answers=answers(batch))
    line = lines_of(batch)[0]
    with use_scope(everywhere().scope):
        entry_id = line.outcomes.get().entry_id
    page, book = reverse("payment_line", args=[line.id]), reverse("ledger_entry", args=[entry_id])
    for actor, may_read in ((county.officers.opener, True), (make_actor("township_assistant", GUDI), False)):
        client = client_of(actor)
        shown = client.get(page)
        assert (shown.status_code, f'href="{book}"' in shown.content.decode()) == (200, may_read)
        assert client.get(book).status_code == (200 if may_read else 403)
