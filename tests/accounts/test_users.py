"""Users and posts: who may do what to whom, and what the pages show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from shouwang.accounts.commands import users
from shouwang.accounts.models import Post, User
from shouwang.accounts.policies import LEVELS_OF_ROLE, incompatible_with
from shouwang.accounts.public import INCOMPATIBLE, Role, actor_of
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, DomainError
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import FULL, use_scope
from tests.accounts.clients import client_of
from tests.asking import queries_of_page
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, WEIFANG, make_actor

pytestmark = pytest.mark.django_db


def sysadmin(area_code: int = WEIFANG) -> Actor:
    return make_actor(Role.SYSADMIN, area_code)


def create(actor: Actor, **changes: Any) -> users.FirstPassword:
    wanted: dict[str, Any] = {
        "user_id": new_id(), "username": "lisi", "name": "李四", "role": Role.TOWNSHIP_ASSISTANT, "area_code": GUDI,
        "from_on": clock.today(),
    }  # fmt: skip
    return users.create_user(actor=actor, **(wanted | changes))


def audited() -> list[str]:
    with use_scope(FULL):
        return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def state() -> tuple[int, int, int]:
    return User.objects.count(), Post.objects.count(), len(audited())


def test_created_user_holds_the_post_and_a_password_to_hand_over() -> None:
    before = audited()
    created = create(sysadmin(), username="LiSi")
    assert created.password is not None
    assert (created.user.username, created.user.must_change_password) == ("lisi", True)
    assert User.objects.get(username="lisi").check_password(created.password)
    actor = actor_of(user_id=created.user.id)
    assert actor is not None
    assert (actor.role, actor.area_code) == ("township_assistant", GUDI)
    assert sorted(audited()) == sorted([*before, "post.open", "user.create"])


def test_same_request_twice_is_one_user() -> None:
    admin, request_id = sysadmin(), new_id()
    first = create(admin, user_id=request_id)
    before = state()
    again = create(admin, user_id=request_id)
    assert (again.user, again.password) == (first.user, None)
    assert state() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"username": "wangwu"},
        {"name": "王五"},
        {"role": Role.TOWNSHIP_HEAD},
        {"area_code": 370703_001_000_000},
        {"from_on": date(2020, 4, 1)},
    ],
)
def test_repeated_request_with_another_user_is_refused(changes: dict[str, Any]) -> None:
    admin, request_id = sysadmin(), new_id()
    create(admin, user_id=request_id)
    before = state()
    with pytest.raises(Conflict) as refusal:
        create(admin, user_id=request_id, **changes)
    assert refusal.value.reason == "user.differs"
    assert state() == before


def test_repeated_request_with_another_post_is_refused() -> None:
    admin = sysadmin()
    one, other = create(admin).user, create(admin, username="wangwu").user
    post_id, later = new_id(), clock.today() + timedelta(days=2)
    held = add(admin, one, Role.GRID_WORKER, GUDI_VILLAGE, post_id=post_id)
    assert add(admin, one, Role.GRID_WORKER, GUDI_VILLAGE, post_id=post_id) == held
    before = state()
    for user, area_code, changes in (
        (other, GUDI_VILLAGE, {}),
        (one, GUDI_VILLAGE + 1000, {}),
        (one, GUDI_VILLAGE, {"from_on": later}),
    ):
        with pytest.raises(Conflict) as refusal:
            add(admin, user, Role.GRID_WORKER, area_code, post_id=post_id, **changes)
        assert refusal.value.reason == "post.differs"
    with pytest.raises(Conflict) as refusal:
        users.move_post(
            actor=admin, post_id=Post.objects.get(user=other).id, new_post_id=post_id, role=Role.TOWNSHIP_ASSISTANT,
            area_code=GUDI, on=later, reason="调动",
        )  # fmt: skip
    assert refusal.value.reason == "post.differs"
    assert state() == before


def test_nothing_of_another_users_post_is_said() -> None:
    post = Post.objects.get(user_id=make_actor(Role.COUNTY_OFFICER, FANGZI).user_id)
    admin = sysadmin(HANTING)
    user = create(admin).user
    with pytest.raises(Conflict) as refusal:
        add(admin, user, Role.GRID_WORKER, GUDI_VILLAGE, post_id=post.id)
    assert "坊子" not in refusal.value.message


@pytest.mark.parametrize(
    ("role", "area_code", "changes", "reason"),
    [
        (Role.COUNTY_OFFICER, HANTING, {}, "accounts.sysadmin_only"),
        (Role.SYSADMIN, HANTING, {"area_code": FANGZI, "role": Role.COUNTY_OFFICER}, "post.area_outside"),
        (Role.SYSADMIN, HANTING, {"area_code": WEIFANG, "role": Role.CITY_OFFICER}, "post.area_outside"),
        (Role.SYSADMIN, WEIFANG, {"area_code": HANTING}, "post.level"),
        (Role.SYSADMIN, WEIFANG, {"role": "emperor"}, "post.level"),
        (Role.SYSADMIN, WEIFANG, {"username": "李四"}, "user.username"),
        (Role.SYSADMIN, WEIFANG, {"username": "ab"}, "user.username"),
        (Role.SYSADMIN, WEIFANG, {"name": " "}, "user.name"),
        (Role.SYSADMIN, WEIFANG, {"username": "taken"}, "user.username_taken"),
    ],
)
def test_user_who_may_not_be_created(role: str, area_code: int, changes: dict[str, Any], reason: str) -> None:
    create(sysadmin(), username="taken")
    actor, before = make_actor(role, area_code), state()
    before = state()
    with pytest.raises(DomainError) as refusal:
        create(actor, **changes)
    assert refusal.value.reason == reason
    assert state() == before


@pytest.mark.parametrize("role", Role.values)
def test_every_role_has_a_seat_and_excludes_symmetrically(role: str) -> None:
    assert LEVELS_OF_ROLE[role]
    excluded = {other for other in Role.values if incompatible_with(role, [other])}
    assert excluded == {other for pair in INCOMPATIBLE if role in pair for other in pair if other != role}


def test_incompatible_role_is_refused_while_the_other_holds() -> None:
    admin = sysadmin()
    user = create(admin).user
    before = state()
    with pytest.raises(DomainError) as refusal:
        add(admin, user, Role.TOWNSHIP_HEAD, GUDI)
    assert (refusal.value.code, refusal.value.data["held"]) == ("incompatible_posts", "township_assistant")
    assert "李四 已任乡镇民政助理员" in str(refusal.value)
    assert state() == before
    post = Post.objects.get(user=user)
    users.end_post(actor=admin, post_id=post.id, until_on=clock.today() + timedelta(days=3), reason="轮岗")
    with pytest.raises(DomainError):
        add(admin, user, Role.TOWNSHIP_HEAD, GUDI, from_on=clock.today() + timedelta(days=2))
    add(admin, user, Role.TOWNSHIP_HEAD, GUDI, from_on=clock.today() + timedelta(days=3))


def add(actor: Actor, user: User, role: str, area_code: int, **changes: Any) -> Post:
    wanted: dict[str, Any] = {"post_id": new_id(), "from_on": clock.today()} | changes
    return users.add_post(actor=actor, user_id=user.id, role=role, area_code=area_code, **wanted)


def test_move_ends_one_post_and_opens_another_on_the_same_day() -> None:
    admin = sysadmin()
    user = create(admin).user
    old, new_post_id = Post.objects.get(user=user), new_id()
    on = clock.today() + timedelta(days=2)

    def move() -> Post:
        return users.move_post(
            actor=admin, post_id=old.id, new_post_id=new_post_id, role=Role.TOWNSHIP_HEAD, area_code=GUDI, on=on,
            reason="任命",
        )  # fmt: skip

    new = move()
    old.refresh_from_db()
    assert (old.until_on, new.from_on, new.until_on) == (on, on, None)
    before = state()
    assert move() == new
    assert state() == before
    with clock.at(clock.day_start(on)):
        actor = actor_of(user_id=user.id)
        assert actor is not None
        assert actor.role == "township_head"


def test_refused_move_leaves_the_old_post_open() -> None:
    admin = sysadmin()
    user = create(admin).user
    post, before = Post.objects.get(user=user), state()
    with pytest.raises(DomainError):
        users.move_post(
            actor=admin, post_id=post.id, new_post_id=new_id(), role=Role.CITY_OFFICER, area_code=HANTING,
            on=clock.today(), reason="任命",
        )  # fmt: skip
    post.refresh_from_db()
    assert (post.until_on, state()) == (None, before)


@pytest.mark.parametrize(("days", "text", "reason"), [(-1, "调走", "post.past"), (0, " ", "post.reason")])
def test_post_that_may_not_be_ended(days: int, text: str, reason: str) -> None:
    admin = sysadmin()
    post = Post.objects.get(user=create(admin).user)
    with pytest.raises(DomainError) as refusal:
        users.end_post(actor=admin, post_id=post.id, until_on=clock.today() + timedelta(days=days), reason=text)
    post.refresh_from_db()
    assert (refusal.value.reason, post.until_on) == (reason, None)


def test_ended_post_stays_ended() -> None:
    admin = sysadmin()
    post = Post.objects.get(user=create(admin).user)
    users.end_post(actor=admin, post_id=post.id, until_on=clock.today(), reason="调走")
    with pytest.raises(DomainError) as refusal:
        users.end_post(actor=admin, post_id=post.id, until_on=clock.today() + timedelta(days=9), reason="再用")
    assert refusal.value.reason == "post.ended"


ON_ONESELF: list[Callable[[Actor, Actor], object]] = [
    lambda actor, target: users.reset_password(actor=actor, user_id=target.user_id),  # type: ignore[arg-type]
    lambda actor, target: users.unlock_user(actor=actor, user_id=target.user_id),  # type: ignore[arg-type]
    lambda actor, target: users.end_post(
        actor=actor,
        post_id=target.post_id,
        until_on=clock.today(),
        reason="试",  # type: ignore[arg-type]
    ),
]


@pytest.mark.parametrize("act", ON_ONESELF)
def test_administrator_does_nothing_to_themselves(act: Callable[[Actor, Actor], object]) -> None:
    admin = sysadmin()
    before = state()
    with pytest.raises(DomainError) as refusal:
        act(admin, admin)
    assert (refusal.value.reason, state()) == ("accounts.own_account", before)


@pytest.mark.parametrize("act", ON_ONESELF)
def test_neighbours_user_is_not_there(act: Callable[[Actor, Actor], object]) -> None:
    target, admin = make_actor(Role.COUNTY_OFFICER, FANGZI), sysadmin(HANTING)
    before = state()
    with pytest.raises(DomainError) as refusal:
        act(admin, target)
    assert (refusal.value.code, state()) == ("not_found", before)


def test_account_held_elsewhere_too_is_not_taken_over() -> None:
    target = make_actor(Role.COUNTY_OFFICER, HANTING)
    Post.objects.create(
        user_id=target.user_id, role=Role.CITY_OFFICER, area_code=WEIFANG, from_on=date(2019, 1, 1),
        recorded_at=clock.now(),
    )  # fmt: skip
    assert target.user_id is not None
    with pytest.raises(DomainError) as refusal:
        users.reset_password(actor=sysadmin(HANTING), user_id=target.user_id)
    assert refusal.value.reason == "user.held_elsewhere"
    assert users.reset_password(actor=sysadmin(WEIFANG), user_id=target.user_id).password is not None


def test_administrators_connection_shows_no_row_of_the_served() -> None:
    """Every table with a policy, the audit included, is empty under the administrator's scope."""
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_policies where schemaname = 'public'")
        tables = sorted({row[0] for row in cursor.fetchall()})
    assert {model._meta.db_table for model in apps.get_models() if model.__name__ in ("Person", "Household")} <= set(
        tables
    )
    with use_scope(sysadmin().scope), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"select count(*) from {table}")
            assert (table, cursor.fetchone()) == (table, (0,))


# ---- pages ----


def test_county_officer_sees_no_users() -> None:
    client = client_of(make_actor(Role.COUNTY_OFFICER, HANTING))
    user_id = create(sysadmin()).user.id
    for url in (reverse("user_list"), reverse("user_new"), reverse("user_detail", args=[user_id]), reverse("workdays")):
        answer = client.get(url)
        assert (url, answer.status_code, "李四" in answer.content.decode()) == (url, 403, False)


def test_list_shows_the_users_of_the_administrators_area_only() -> None:
    create(sysadmin(), name="本区人")
    make_actor(Role.COUNTY_OFFICER, FANGZI, name="邻区人")
    client = client_of(sysadmin(HANTING))
    page = client.get(reverse("user_list")).content.decode()
    assert ("本区人" in page, "邻区人" in page) == (True, False)
    assert "邻区人" not in client.get(reverse("user_list"), {"q": "邻区"}).content.decode()
    assert (
        "本区人"
        in client.get(reverse("user_list"), {"role": "township_assistant", "state": "serving"}).content.decode()
    )
    assert "本区人" not in client.get(reverse("user_list"), {"state": "no_post"}).content.decode()


def test_list_takes_the_same_queries_for_one_user_and_for_many() -> None:
    client = client_of(sysadmin(HANTING))
    few = queries_of_page(client, reverse("user_list"))
    for number in range(3):
        create(sysadmin(), username=f"user-{number}", area_code=GUDI)
    assert queries_of_page(client, reverse("user_list")) == few


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_list_is_exported(file_format: str) -> None:
    create(sysadmin())
    answer = client_of(sysadmin(HANTING)).get(reverse("user_list"), {"format": file_format})
    body = b"".join(answer)  # type: ignore[arg-type]
    assert answer.status_code == 200
    if file_format == "csv":
        assert "李四,lisi,山东省潍坊市寒亭区固堤街道乡镇民政助理员" in body.decode("utf-8-sig")


def test_page_creates_a_user_and_shows_the_password_once() -> None:
    client = client_of(sysadmin())
    form = {
        "request_id": str(new_id()), "username": "wangwu", "name": "王五", "role": "grid_worker",
        "area": str(GUDI_VILLAGE)[:12], "on": "2020-03-18",
    }  # fmt: skip
    page = client.post(reverse("user_new"), form).content.decode()
    password = page.split('first-password">')[1].split("<")[0]
    user = User.objects.get(username="wangwu")
    assert user.check_password(password)
    again = client.post(reverse("user_new"), form, follow=True)
    assert (password in again.content.decode(), User.objects.filter(username="wangwu").count()) == (False, 1)
    assert "初始密码只显示一次" in again.content.decode()


def test_page_opens_the_dialog_again_with_what_was_refused() -> None:
    admin = sysadmin()
    user = create(admin).user
    post = Post.objects.get(user=user)
    form = {
        "add-request_id": str(new_id()), "add-role": "township_head", "add-area": "370703003", "add-on": "2020-03-18",
    }  # fmt: skip
    client = client_of(admin)
    answer = client.post(reverse("post_add", args=[user.id]), form)
    page = answer.content.decode()
    assert (answer.status_code, page.count("data-dialog-open-now"), "不能同时任" in page) == (422, 1, True)
    url = reverse("post_end", args=[user.id, post.id])
    answer = client.post(url, {f"end-{post.id}-until_on": "2020-03-18", f"end-{post.id}-reason": "退休"}, follow=True)
    assert "岗位已终止" in answer.content.decode()
    assert not Post.objects.filter(user=user, until_on=None).exists()


def test_page_of_a_user_elsewhere_is_not_found() -> None:
    neighbour = make_actor(Role.COUNTY_OFFICER, FANGZI, name="邻区人")
    client = client_of(sysadmin(HANTING))
    answer = client.get(reverse("user_detail", args=[neighbour.user_id]))
    assert (answer.status_code, "邻区人" in answer.content.decode()) == (404, False)
    for name in ("user_reset_password", "user_unlock"):
        assert client.post(reverse(name, args=[neighbour.user_id])).status_code == 404
    end = reverse("post_end", args=[neighbour.user_id, neighbour.post_id])
    prefix = f"end-{neighbour.post_id}"
    answer = client.post(end, {f"{prefix}-until_on": "2020-03-18", f"{prefix}-reason": "试"})
    assert (answer.status_code, Post.objects.get(id=neighbour.post_id).until_on) == (404, None)
