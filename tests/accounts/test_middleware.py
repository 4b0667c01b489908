"""Every request runs as somebody, or sees nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpRequest, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from shouwang.accounts import sessions
from shouwang.accounts.middleware import ActorMiddleware
from shouwang.accounts.public import Post, Role, User
from shouwang.kernel import clock
from shouwang.kernel.scope import CLOSED, current_scope
from tests.accounts.clients import client_of
from tests.factories import FANGZI, HANTING, make_actor

pytestmark = pytest.mark.django_db


def areas_on_connection() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(current_setting('app.areas', true), '')")
        return str(cursor.fetchone()[0])


def test_anonymous_after_a_user_on_the_same_connection_sees_nothing() -> None:
    assert client_of(make_actor(area_code=HANTING)).get(reverse("my_account")).status_code == 200
    assert (areas_on_connection(), current_scope()) == ("", CLOSED)
    answer = Client().get(reverse("my_account"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?next=%2Faccount")
    assert areas_on_connection() == ""


def test_anonymous_partial_request_moves_the_whole_page() -> None:
    answer = Client().get(reverse("my_account"), headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/sign-in")


def test_anonymous_api_call_is_refused_with_401(rf: RequestFactory) -> None:
    client = Client()
    request = rf.get("/api/figures")
    request.session = client.session
    middleware = ActorMiddleware(lambda request: middleware.process_view(request))  # type: ignore[arg-type, return-value]
    assert middleware(request).status_code == 401


def test_scope_is_the_actors_during_a_streamed_answer(rf: RequestFactory) -> None:
    actor = make_actor(area_code=HANTING)
    request = rf.get("/export")
    request.session = client_of(actor).session

    def answer(_request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(areas_on_connection() for _line in range(2))

    response = ActorMiddleware(answer)(request)
    assert areas_on_connection() == ""
    assert b"".join(response).decode() == "{[370703000000000,370704000000000)}" * 2  # type: ignore[arg-type]
    assert areas_on_connection() == ""


def test_session_ends_with_the_last_post() -> None:
    actor = make_actor()
    client = client_of(actor)
    Post.objects.filter(user_id=actor.user_id).update(until_on=clock.today() + timedelta(days=1))
    assert client.get(reverse("my_account")).status_code == 200
    with clock.at(clock.now() + timedelta(days=1)):
        answer = client.get(reverse("my_account"), follow=True)
        assert answer.redirect_chain[0][0].startswith("/sign-in")
        assert "您没有在任的岗位" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_first_password_opens_only_the_page_that_changes_it() -> None:
    actor = make_actor()
    User.objects.filter(id=actor.user_id).update(must_change_password=True)
    client = client_of(actor)
    assert client.get(reverse("my_account")).headers["Location"] == reverse("change_password")
    assert client.get(reverse("change_password")).status_code == 200


def test_changed_password_ends_the_session() -> None:
    actor = make_actor()
    client = client_of(actor)
    user = User.objects.get(id=actor.user_id)
    user.set_password("another-passphrase")
    user.save()
    assert client.get(reverse("my_account")).status_code == 302


def test_acting_post_decides_role_and_scope() -> None:
    actor = make_actor(Role.COUNTY_OFFICER, HANTING)
    second = Post.objects.create(
        user_id=actor.user_id, role=Role.FINANCE, area_code=FANGZI, from_on="2019-06-01", recorded_at=clock.now()
    )
    client = client_of(actor)
    seen = client.get(reverse("my_account")).wsgi_request.actor  # type: ignore[attr-defined]
    assert (seen.role, seen.scope.contains(HANTING), seen.scope.contains(FANGZI)) == ("county_officer", True, False)
    client.post(reverse("act_in_post", args=[second.id]))
    seen = client.get(reverse("my_account")).wsgi_request.actor  # type: ignore[attr-defined]
    assert (seen.role, seen.scope.contains(HANTING), seen.scope.contains(FANGZI)) == ("finance", False, True)


def test_acting_in_somebody_elses_post_is_not_found() -> None:
    client = client_of(make_actor())
    other = make_actor(area_code=FANGZI)
    assert client.post(reverse("act_in_post", args=[other.post_id])).status_code == 404
    assert sessions._POST_KEY not in client.session
