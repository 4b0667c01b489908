"""The same request twice at once, and two users who want one name."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from shouwang.accounts.commands import users
from shouwang.accounts.models import Post, User
from shouwang.accounts.public import Role
from shouwang.kernel import clock
from shouwang.kernel.errors import Conflict
from shouwang.kernel.ids import new_id
from tests.conftest import OPENING
from tests.factories import GUDI, GUDI_VILLAGE, WEIFANG, make_actor

pytestmark = pytest.mark.usefixtures("committed_db")


def at_once(work: Callable[[], object], times: int) -> list[object]:
    def run(_number: int) -> object:
        try:
            with clock.at(OPENING):
                return work()
        except Exception as error:  # noqa: BLE001 - the tests compare what was raised
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def test_one_request_at_once_is_one_user_and_one_password() -> None:
    admin, user_id = make_actor(Role.SYSADMIN, WEIFANG), new_id()

    def create() -> users.FirstPassword:
        return users.create_user(
            actor=admin, user_id=user_id, username="lisi", name="李四", role=Role.TOWNSHIP_ASSISTANT, area_code=GUDI,
            from_on=clock.today(),
        )  # fmt: skip

    results = at_once(create, 3)
    assert [type(result) for result in results] == [users.FirstPassword] * 3, results
    assert sum(result.password is not None for result in results if isinstance(result, users.FirstPassword)) == 1
    assert User.objects.filter(username="lisi").count() == 1


def test_two_users_at_once_do_not_get_one_name() -> None:
    admin = make_actor(Role.SYSADMIN, WEIFANG)

    def create() -> users.FirstPassword:
        return users.create_user(
            actor=admin, user_id=new_id(), username="lisi", name="李四", role=Role.TOWNSHIP_ASSISTANT, area_code=GUDI,
            from_on=clock.today(),
        )  # fmt: skip

    results = at_once(create, 3)
    assert sorted(getattr(result, "reason", "made") for result in results) == ["made", *["user.username_taken"] * 2]


def test_one_post_at_once_for_two_users_is_one_post_and_one_refusal() -> None:
    admin = make_actor(Role.SYSADMIN, WEIFANG)
    waiting = [make_actor(Role.GRID_WORKER, GUDI_VILLAGE).user_id for _ in range(2)]
    people, post_id = list(waiting), new_id()

    def add() -> Post:
        user_id = waiting.pop()
        assert user_id is not None
        return users.add_post(
            actor=admin, user_id=user_id, post_id=post_id, role=Role.GRID_WORKER, area_code=GUDI_VILLAGE + 1000,
            from_on=clock.today(),
        )  # fmt: skip

    results = at_once(add, 2)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Post"], results
    assert Post.objects.get(id=post_id).user_id in people
    assert next(result.reason for result in results if isinstance(result, Conflict)) == "post.differs"
