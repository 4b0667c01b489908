"""Event roles overlay the posts: they open the command of an event in an area, nothing else, and end at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from shouwang.accounts.errors import IncompatiblePosts
from shouwang.accounts.models import EventPost
from shouwang.accounts.public import Role, actor_of, end_event_posts, open_event_post
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed, NotFound
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import use_scope
from tests.factories import FANGZI, GUDI, HANTING, WEIFANG, make_actor

pytestmark = pytest.mark.django_db

EVENT = new_id()


def give(giver: Actor, user: Actor, area_code: int = WEIFANG) -> EventPost:
    assert user.user_id is not None
    with use_scope(giver.scope):
        return open_event_post(actor=giver, user_id=user.user_id, event_id=EVENT, area_code=area_code)


def again(user: Actor) -> Actor:
    assert user.user_id is not None
    actor = actor_of(user_id=user.user_id)
    assert actor is not None
    return actor


def test_event_role_opens_the_command_and_leaves_the_home_post_as_it_is() -> None:
    city, assistant = make_actor(Role.CITY_OFFICER, WEIFANG), make_actor(Role.TOWNSHIP_ASSISTANT, GUDI)
    give(city, assistant)
    overlaid = again(assistant)
    assert (overlaid.role, overlaid.area_code, overlaid.scope.spans) == (
        assistant.role, assistant.area_code, assistant.scope.spans,
    )  # fmt: skip
    assert overlaid.scope.event_spans == city.scope.spans
    assert (overlaid.scope.contains(FANGZI), overlaid.scope.commands(FANGZI)) == (False, True)


def test_partner_has_no_rows_but_those_of_the_event() -> None:
    city, partner = make_actor(Role.CITY_OFFICER, WEIFANG), make_actor(Role.PARTNER, WEIFANG)
    assert (partner.scope.spans, partner.scope.event_spans) == ((), ())
    give(city, partner, HANTING)
    scope = again(partner).scope
    assert (scope.spans, scope.commands(GUDI), scope.commands(FANGZI)) == ((), True, False)


def test_event_role_ends_at_once_with_its_event() -> None:
    city, partner = make_actor(Role.CITY_OFFICER, WEIFANG), make_actor(Role.PARTNER, WEIFANG)
    post = give(city, partner)
    assert give(city, partner).id == post.id
    with use_scope(city.scope):
        assert end_event_posts(actor=city, event_id=new_id()) == 0
        assert end_event_posts(actor=city, event_id=EVENT) == 1
    assert again(partner).scope.event_spans == ()
    with clock.at(clock.now() + timedelta(days=400)):
        assert again(partner).scope.event_spans == ()
    assert give(city, partner).id != post.id


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SYSADMIN])
def test_who_oversees_takes_no_event_role_and_gives_none(role: str) -> None:
    city, other = make_actor(Role.CITY_OFFICER, WEIFANG), make_actor(role, WEIFANG)
    with pytest.raises(IncompatiblePosts):
        give(city, other)
    with pytest.raises(NotAllowed):
        give(other, city)
    assert (EventPost.objects.count(), AuditEntry.objects.filter(action="post.open_event").count()) == (0, 0)


def test_nobody_hands_out_an_area_that_is_not_their_own() -> None:
    leader, assistant = make_actor(Role.COUNTY_LEADER, HANTING), make_actor(Role.TOWNSHIP_ASSISTANT, GUDI)
    for area_code in (WEIFANG, FANGZI):
        with pytest.raises(NotAllowed):
            give(leader, assistant, area_code)
    assert EventPost.objects.count() == 0
    with use_scope(leader.scope), pytest.raises(NotFound):
        open_event_post(actor=leader, user_id=new_id(), event_id=EVENT, area_code=HANTING)


def test_event_role_is_never_edited() -> None:
    post = give(make_actor(Role.CITY_OFFICER, WEIFANG), make_actor(Role.PARTNER, WEIFANG))
    with pytest.raises(DatabaseError), transaction.atomic():
        EventPost.objects.filter(id=post.id).update(area_code=HANTING)
    with pytest.raises(DatabaseError), transaction.atomic():
        EventPost.objects.filter(id=post.id).delete()
