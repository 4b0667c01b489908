"""A bulletin is issued once by its id, whoever asks how often, and only when its cut-off is settled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from shouwang.accounts.public import User
from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.anchors import parse_anchor
from shouwang.kernel.errors import Conflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import FULL, use_scope
from shouwang.reporting.commands import issue_bulletin
from shouwang.reporting.models import Bulletin
from shouwang.reporting.queries import settled
from tests.conftest import OPENING
from tests.factories import FANGZI, HANTING, acting
from tests.reporting.world import AS_OF, SINCE, make_family, pay


def issue(actor: Actor, bulletin_id: UUID, **changes: Any) -> Bulletin:
    wanted: dict[str, Any] = {"area_code": HANTING, "since": SINCE, "as_of": AS_OF, "title": "寒亭区快报"}
    return issue_bulletin(actor=actor, bulletin_id=bulletin_id, **(wanted | changes))


def issued_count() -> tuple[int, int]:
    with use_scope(FULL):
        return Bulletin.objects.count(), AuditEntry.objects.filter(action="bulletin.issue").count()


@pytest.mark.django_db
def test_same_request_twice_is_one_bulletin() -> None:
    with acting() as actor:
        bulletin_id = new_id()
        assert issue(actor, bulletin_id) == issue(actor, bulletin_id, title=" 寒亭区快报 ")
        assert issue(actor, new_id()).number == 2
    assert issued_count() == (2, 2)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"title": "另一期"},
        {"since": date(2020, 2, 1)},
        {"as_of": AS_OF - timedelta(days=1)},
        {"area_code": 370703_003_000_000},
    ],
)
def test_repeated_id_with_other_content_is_refused(changes: dict[str, Any]) -> None:
    with acting() as actor:
        bulletin_id = new_id()
        issue(actor, bulletin_id)
        with pytest.raises(Conflict) as refusal:
            issue(actor, bulletin_id, **changes)
    assert refusal.value.reason == "bulletin.differs"
    assert issued_count() == (1, 1)


@pytest.mark.django_db
def test_id_of_a_neighbours_bulletin_is_refused_without_a_word_about_it() -> None:
    bulletin_id = new_id()
    with acting() as actor:
        issue(actor, bulletin_id)
    with acting(area_code=FANGZI) as neighbour, pytest.raises(Conflict) as refusal:
        issue(neighbour, bulletin_id, area_code=FANGZI)
    assert refusal.value.reason == "bulletin.differs"
    assert "寒亭" not in refusal.value.message


def at_once(actor: Actor, *works: Callable[[], object]) -> list[object]:
    """Each work in its own thread and connection; its result, or the exception it raised."""

    def run(work: Callable[[], object]) -> object:
        try:
            with clock.at(OPENING), use_scope(actor.scope):
                return work()
        except Exception as error:  # noqa: BLE001 - the tests compare what was raised
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.mark.usefixtures("committed_db")
def test_several_at_once_give_one_bulletin_an_id_and_numbers_without_a_gap() -> None:
    with acting() as actor:
        same, other = new_id(), new_id()
        results = at_once(actor, *[lambda: issue(actor, same)] * 3, lambda: issue(actor, other))
    assert all(isinstance(result, Bulletin) for result in results), results
    with use_scope(FULL):
        assert sorted(Bulletin.objects.values_list("number", flat=True)) == [1, 2]


@pytest.mark.usefixtures("committed_db")
def test_one_id_at_once_for_two_areas_is_one_bulletin_and_one_refusal() -> None:
    with acting("city_officer", 370700_000_000_000) as actor:
        bulletin_id = new_id()
        results = at_once(
            actor,
            lambda: issue(actor, bulletin_id),
            lambda: issue(actor, bulletin_id, area_code=FANGZI),
        )
    reasons = [result.reason for result in results if isinstance(result, Conflict)]
    assert (reasons, issued_count()) == (["bulletin.differs"], (1, 1))


@pytest.mark.django_db
def test_paper_carries_the_last_block_that_was_sealed_when_it_was_issued() -> None:
    audit.seal()
    noted = audit.last_anchor()
    assert noted is not None
    with acting() as actor:
        issued = issue(actor, new_id())
    assert issued.seal == noted
    audit.seal()
    assert audit.last_anchor() != noted
    client = Client()
    client.force_login(User.objects.get(id=actor.user_id))
    paper = client.get(reverse("bulletin_detail", args=[issued.id])).content.decode()
    assert f"审计封存：第 {noted.number} 块 {noted.printed}" in paper
    assert audit.verify([parse_anchor(f"{noted.number}:{noted.printed}")]).broken is None
    tonight = client.get(reverse("bulletin")).content.decode()
    assert f"第 {noted.number + 1} 块" in tonight


@pytest.mark.django_db
def test_issued_bulletin_goes_out_as_it_was_printed() -> None:
    with acting() as actor:
        household, persons = make_family(actor, 1)
        pay(actor, household, persons, fen=30_000)
        issued = issue(actor, new_id())
    client = Client()
    client.force_login(User.objects.get(id=actor.user_id))
    answer = client.get(reverse("bulletin_detail", args=[issued.id]), {"format": "csv"})
    lines = b"".join(answer).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert lines[0].startswith("单位,")
    column = lines[0].split(",").index("低保资金（元）")
    assert {line.split(",")[0]: line.split(",")[column] for line in lines[1:]}["合计"] == "300.00"
    listed = client.get(reverse("bulletin_list"), {"format": "csv"})
    assert "寒亭区快报" in b"".join(listed).decode("utf-8-sig")  # type: ignore[arg-type]


@contextmanager
def open_transaction(url: str) -> Iterator[None]:
    with psycopg.connect(url) as other:
        other.execute("select 1")
        yield
        other.rollback()


def test_transaction_older_than_the_cut_off_keeps_it_open_and_a_younger_one_does_not(committed_db: str) -> None:
    just_past = OPENING - clock.SKEW_MAX
    with open_transaction(committed_db):
        assert not settled(just_past)
        assert settled(just_past - timedelta(minutes=1))
    assert settled(just_past)


def test_transaction_of_the_applications_role_is_seen_by_its_age(committed_db: str) -> None:
    """The pages sign in as the owner and take the role on: since when they are open must not be hidden."""
    with psycopg.connect(committed_db, options="-c role=shouwang_app") as other:
        other.execute("select 1")
        assert settled(OPENING - timedelta(minutes=1))


@pytest.mark.django_db
def test_cut_off_waits_until_no_hosts_clock_can_stamp_before_it() -> None:
    assert not settled(OPENING + timedelta(hours=1))
    assert not settled(OPENING)
    assert not settled(OPENING - clock.SKEW_MAX + timedelta(seconds=1))
    assert settled(OPENING - clock.SKEW_MAX)
