"""What becomes known later changes a figure from then on; the bulletin of before prints what was known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID

from shouwang.accounts.public import Post, Role, actor_of
from shouwang.areas.public import reporting_units
from shouwang.assistance.models import Grant, PaymentOutcome
from shouwang.assistance.public import Programme, reverse_payment
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import Span, spans_q, use_scope
from shouwang.registry.models import Household, Person
from shouwang.registry.public import members_as_of, merge_persons, move_household
from shouwang.reporting.commands import issue_bulletin
from shouwang.reporting.models import Bulletin
from shouwang.reporting.queries import figures_for
from tests.factories import FANGZI, HANTING, WEIFANG

SINCE = date(2020, 1, 1)
EARLIER = clock.parse_cutoff("2020-03-17T24:00")
LATER = clock.instant(2020, 3, 18, 12)
AFTER = LATER + timedelta(minutes=1)


@contextmanager
def officer(role: str, area_code: int) -> Iterator[Actor]:
    """The demo's own officer of a role in an area."""
    post = Post.objects.filter(role=role, area_code=area_code).order_by("id")[0]
    actor = actor_of(user_id=post.user_id)
    assert actor is not None
    with use_scope(actor.scope):
        yield actor


def value(actor: Actor, key: str, as_of: datetime, *, area_code: int = WEIFANG) -> int:
    (figure,) = figures_for(actor, area_code=area_code, since=SINCE, as_of=as_of, keys=[key]).figures
    return figure.value


def issued(actor: Actor, area_code: int = WEIFANG) -> Bulletin:
    return issue_bulletin(
        actor=actor, bulletin_id=new_id(), area_code=area_code, since=SINCE, as_of=EARLIER, title="晚间快报"
    )


def printed_value(bulletin: Bulletin, key: str) -> int:
    (figure,) = [figure for figure in Bulletin.objects.get(id=bulletin.id).values if figure["key"] == key]
    return int(figure["value"])


def test_payment_reversed_leaves_the_figure_from_the_moment_it_is_recorded(demo_db: str) -> None:
    with officer(Role.CITY_OFFICER, WEIFANG) as city:
        bulletin = issued(city)
        before = value(city, "dibao.amount", EARLIER)
    with clock.at(LATER), officer(Role.COUNTY_LEADER, HANTING) as leader:
        paid = PaymentOutcome.objects.filter(
            leader.scope.q(), kind="paid", programme=Programme.DIBAO, paid_on__gte=SINCE, attempt__channel="bank"
        ).order_by("id")[0]
        reverse_payment(actor=leader, attempt_id=paid.attempt_id, reason="重复发放")
    with clock.at(AFTER), officer(Role.CITY_OFFICER, WEIFANG) as city:
        assert value(city, "dibao.amount", AFTER) == before - paid.amount_fen
        assert value(city, "dibao.amount", LATER) == before
        assert value(city, "dibao.amount", EARLIER) == before
        assert printed_value(bulletin, "dibao.amount") == before


def test_two_persons_merged_are_one_from_the_moment_it_is_recorded(demo_db: str) -> None:
    """Two people who were both paid turn out to be one."""
    with officer(Role.CITY_OFFICER, WEIFANG) as city:
        bulletin = issued(city)
        before = value(city, "tekun.people", EARLIER)
        paid = PaymentOutcome.objects.filter(kind="paid", programme=Programme.TEKUN, paid_on__gte=SINCE)
        recipients = Person.objects.filter(id__in=paid.values("payable__person_id")).order_by("id")
        duplicate = recipients.filter(id_index=None)[0]
        survivor = recipients.exclude(id_index=None)[0]
    with clock.at(LATER), officer(Role.CITY_OFFICER, WEIFANG) as city:
        merge_persons(actor=city, duplicate_id=duplicate.id, survivor_id=survivor.id, reason="同一人两份档案")
    with clock.at(AFTER), officer(Role.CITY_OFFICER, WEIFANG) as city:
        assert value(city, "tekun.people", AFTER) == before - 1
        assert value(city, "tekun.people", LATER) == before
        assert value(city, "tekun.people", EARLIER) == before
        assert printed_value(bulletin, "tekun.people") == before


def test_household_moved_counts_where_it_lives_from_the_moment_it_is_recorded(demo_db: str) -> None:
    """Admitted for March while it lived in Hanting; the members have gone to Fangzi since before that."""
    key = "admitted.persons"
    with officer(Role.CITY_OFFICER, WEIFANG) as city:
        bulletin = issued(city, HANTING)
        before = {area: value(city, key, EARLIER, area_code=area) for area in (HANTING, FANGZI)}
        household = Household.objects.get(id=_admitted_household(HANTING))
        size = len(members_as_of([household.id], on=date(2020, 3, 1))[household.id])
    with clock.at(LATER), officer(Role.CITY_OFFICER, WEIFANG) as city:
        village = Household.objects.filter(spans_q(_reported_by(FANGZI))).order_by("id")[0]
        move_household(
            actor=city,
            household_id=household.id,
            to_area_code=village.area_code,
            moved_on=date(2020, 2, 1),
            source="测试",
        )
    with clock.at(AFTER), officer(Role.CITY_OFFICER, WEIFANG) as city:
        assert value(city, key, AFTER, area_code=HANTING) == before[HANTING] - size
        assert value(city, key, AFTER, area_code=FANGZI) == before[FANGZI] + size
        assert value(city, key, EARLIER, area_code=HANTING) == before[HANTING]
        assert printed_value(bulletin, key) == before[HANTING]


def _admitted_household(area_code: int) -> UUID:
    """A dibao household admitted for March in the area and reported by it, not by a functional zone inside it."""
    grants = Grant.objects.filter(programme=Programme.DIBAO, starts_on=date(2020, 3, 1), household__isnull=False)
    inside = grants.filter(spans_q(_reported_by(area_code))).order_by("id")
    household_id = inside[0].household_id
    assert household_id is not None
    return household_id


def _reported_by(area_code: int) -> tuple[Span, ...]:
    """The part of a county that it reports itself; a functional zone reports the villages that it runs."""
    return next(spans for code, _name, spans in reporting_units(WEIFANG) if code == area_code)
