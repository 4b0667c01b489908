"""What a pause of exits kept waiting: read while it lasts, settled once it is over."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shouwang.assistance.commands.grants import end_grant, suspend_grant
from shouwang.assistance.commands.reviews import apply_review, dismiss_review
from shouwang.assistance.models import Grant, GrantAmount, PostponedReview, ReviewSettlement
from shouwang.assistance.queries.reviews import list_reviews_for, reviews_waiting_for
from shouwang.assistance.states import ChangeCause
from shouwang.kernel import clock, events
from shouwang.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.models import AuditEntry, EventRecord
from shouwang.kernel.scope import use_scope
from shouwang.registry.public import RecordsMoved
from tests.factories import FANGZI, HANTING, WEIFANG, make_actor
from tests.measures import issue_measure

from .setting import MARCH, County, acting_as, everywhere, make_document
from .test_pages import client_of

pytestmark = pytest.mark.django_db

APRIL, MAY = date(2020, 4, 1), date(2020, 5, 1)
PAUSE_ENDS = clock.instant(2020, 4, 15)
DURING, AFTER = clock.instant(2020, 3, 18, 9), clock.instant(2020, 4, 15, 9)


@pytest.fixture
def reviews(county: County) -> list[UUID]:
    """An end and a suspension that were asked for on 18 March, while exits were paused until 15 April."""
    leader = county.officers.leader
    with use_scope(leader.scope):
        issue_measure(
            actor=leader,
            kind="exit_paused",
            parameters={},
            area_code=HANTING,
            from_at=clock.instant(2020, 3, 1),
            until_at=PAUSE_ENDS,
            document_id=make_document().id,
        )
    with acting_as(county.officers.opener) as opener:
        small, large = Grant.objects.filter(amounts__monthly_fen__in=[450_00, 902_00]).order_by("amounts__monthly_fen")
        first = suspend_grant(
            actor=opener, grant_id=small.id, valid_from=APRIL, cause=ChangeCause.OTHER, reason="外出务工"
        )
        second = end_grant(
            actor=opener, grant_id=large.id, valid_from=APRIL, cause=ChangeCause.INCOME, reason="收入超过标准"
        )
    return [made.postponed[0].id for made in (first, second)]


def apply(
    county: County, review_id: UUID, *, at: datetime = AFTER, valid_from: date = MAY, reason: str = "已核实"
) -> None:
    with clock.at(at), acting_as(county.officers.opener) as opener:
        apply_review(actor=opener, review_id=review_id, valid_from=valid_from, reason=reason)


def dismiss(county: County, review_id: UUID, *, at: datetime = AFTER, reason: str = "已失业") -> None:
    with clock.at(at), acting_as(county.officers.opener) as opener:
        dismiss_review(actor=opener, review_id=review_id, reason=reason)


def recorded() -> list[int]:
    with use_scope(everywhere().scope):
        models = (GrantAmount, PostponedReview, ReviewSettlement, AuditEntry, EventRecord)
        return [model.objects.count() for model in models]


def amounts(review_id: UUID) -> list[tuple[date, int | None, str]]:
    with use_scope(everywhere().scope):
        review = PostponedReview.objects.get(id=review_id)
        rows = GrantAmount.objects.filter(grant_id=review.grant_id).order_by("valid_from")
        return list(rows.values_list("valid_from", "monthly_fen", "reason"))


def test_applied_change_takes_effect_from_the_month_that_was_chosen(county: County, reviews: list[UUID]) -> None:
    apply(county, reviews[1])
    (start, paid, _number), ended = amounts(reviews[1])
    assert (start, paid) == (date(2020, 1, 1), 902_00)
    assert ended == (MAY, None, "收入超过标准；已核实")
    with use_scope(everywhere().scope):
        settled = ReviewSettlement.objects.get()
    assert (settled.review_id, settled.decision, settled.valid_from, settled.actor_name) == (
        reviews[1],
        "applied",
        MAY,
        "经办",
    )


def test_dismissed_change_leaves_the_grant_as_it_was(county: County, reviews: list[UUID]) -> None:
    before = amounts(reviews[1])
    dismiss(county, reviews[1])
    assert amounts(reviews[1]) == before
    with use_scope(everywhere().scope):
        assert list(ReviewSettlement.objects.values_list("decision", "reason", "valid_from")) == [
            ("dismissed", "已失业", None)
        ]


def refused(county: County, act: object, *arguments: object, **changes: object) -> DomainError:
    before = recorded()
    with pytest.raises(DomainError) as refusal:
        act(county, *arguments, **changes)  # type: ignore[operator]
    assert recorded() == before
    return refusal.value


@pytest.mark.parametrize("act", [apply, dismiss])
def test_nothing_is_settled_while_the_pause_is_in_force(county: County, reviews: list[UUID], act: object) -> None:
    last_minute = clock.instant(2020, 4, 14, 23)
    for at in (DURING, last_minute):
        refusal = refused(county, act, reviews[0], at=at)
        assert (type(refusal), refusal.reason) == (StateConflict, "review.paused")


def test_change_is_not_applied_backwards_and_not_without_a_reason(county: County, reviews: list[UUID]) -> None:
    assert refused(county, apply, reviews[0], valid_from=MARCH).reason == "review.too_early"
    assert isinstance(refused(county, apply, reviews[0], reason=" "), Invalid)
    assert isinstance(refused(county, dismiss, reviews[0], reason=""), Invalid)
    apply(county, reviews[0], valid_from=APRIL)


def test_review_is_settled_once(county: County, reviews: list[UUID]) -> None:
    dismiss(county, reviews[0])
    refusal = refused(county, apply, reviews[0])
    assert (type(refusal), refusal.data["who"]) == (Conflict, "经办")


def test_change_of_a_grant_that_has_ended_since_can_only_be_dismissed(county: County, reviews: list[UUID]) -> None:
    with use_scope(everywhere().scope):
        grant_id = PostponedReview.objects.get(id=reviews[0]).grant_id
    with acting_as(county.officers.opener) as opener:
        end_grant(actor=opener, grant_id=grant_id, valid_from=APRIL, cause=ChangeCause.DEATH, reason="已去世")
    assert refused(county, apply, reviews[0]).reason == "grant.ended"
    dismiss(county, reviews[0])


@pytest.mark.parametrize(
    ("role", "area_code", "error"), [("county_officer", FANGZI, NotFound), ("county_leader", HANTING, NotAllowed)]
)
def test_review_is_settled_by_its_county_officer_only(
    county: County, reviews: list[UUID], role: str, area_code: int, error: type[Exception]
) -> None:
    actor, before = make_actor(role, area_code), recorded()
    with clock.at(AFTER), acting_as(actor), pytest.raises(error):
        dismiss_review(actor=actor, review_id=reviews[0], reason="已失业")
    assert recorded() == before


def test_reviews_are_ranked_by_what_hangs_on_them(county: County, reviews: list[UUID]) -> None:
    with acting_as(county.officers.opener) as opener:
        rows = [(review.id, review.less_fen) for review in list_reviews_for(opener, month=MARCH)]  # type: ignore[attr-defined]
    assert rows == [(reviews[1], 902_00), (reviews[0], 450_00)]
    dismiss(county, reviews[1])
    with acting_as(county.officers.opener) as opener:
        assert [review.id for review in list_reviews_for(opener, month=MARCH)] == [reviews[0]]
        assert [review.id for review in list_reviews_for(opener, month=MARCH, is_settled=True)] == [reviews[1]]


def test_reviews_wait_on_the_officers_page_once_the_pause_is_over(county: County, reviews: list[UUID]) -> None:
    def waiting(at: datetime, role: str = "county_officer") -> list[str]:
        actor = make_actor(role, HANTING)
        with clock.at(at), acting_as(actor):
            return [item.title for item in reviews_waiting_for(actor, 10)]

    assert waiting(DURING) == []
    assert waiting(AFTER) == ["暂缓退出期间登记的变更 2 件"]
    assert waiting(AFTER, "finance") == []
    for review_id in reviews:
        dismiss(county, review_id)
    assert waiting(AFTER) == []


def test_settled_review_moves_with_its_household(county: County, reviews: list[UUID]) -> None:
    dismiss(county, reviews[0])
    city, village = make_actor("city_officer", WEIFANG), 370704_001_001_000
    with use_scope(city.scope):
        household_id = PostponedReview.objects.get(id=reviews[0]).grant.household_id
        events.publish(RecordsMoved(household_id, (), HANTING, date(2020, 4, 20), village))
        assert ReviewSettlement.objects.get().area_code == village


# the pages


def test_review_is_read_during_the_pause_and_settled_after_it(county: County, reviews: list[UUID]) -> None:
    client = client_of(county.officers.opener)
    url = reverse("review_page", args=[reviews[1]])
    page = client.get(url)
    assert (page.status_code, page.context["may_settle"], page.context["is_paused"]) == (200, False, True)
    assert reverse("review_list") in client.get(reverse("grant_list")).content.decode()
    with clock.at(AFTER):
        page = client.get(url)
        assert (page.context["may_settle"], page.context["apply_form"].initial) == (True, {"valid_from": MAY})
        settle = reverse("review_settle", args=[reviews[1], "apply"])
        assert client.post(settle, {"valid_from": "2020-03", "reason": "已核实"}).status_code == 422
        assert client.post(settle, {"valid_from": "2020-05", "reason": "已核实"}).status_code == 302
        assert "执行变更" in client.get(url).content.decode()
        assert client.post(settle, {"valid_from": "2020-05", "reason": "已核实"}).status_code == 422
        assert client.post(reverse("review_settle", args=[reviews[0], "forget"])).status_code == 404


def test_list_of_reviews_costs_the_same_for_one_and_for_many(county: County, reviews: list[UUID]) -> None:
    client, url = client_of(county.officers.opener), reverse("review_list")
    client.get(url)
    with CaptureQueriesContext(connection) as two:
        assert len(client.get(url).context["rows"]) == 2
    dismiss(county, reviews[0])
    with CaptureQueriesContext(connection) as one:
        assert len(client.get(url).context["rows"]) == 1
    assert len(one) == len(two)
    for state in ("", "settled"):
        download = client.get(url, {"format": "csv", "state": state})
        assert download.getvalue().decode("utf-8-sig").count("\n") == 2
        for close in download._resource_closers:  # download.close() would close the connection as well
            close()
