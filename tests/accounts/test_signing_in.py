"""Signing in: no name is given away, guesses are counted, a first password is changed."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shouwang.accounts.commands import signing_in
from shouwang.accounts.models import Post, SignInGuard, User
from shouwang.accounts.public import Role, as_system, create_demo_user
from shouwang.config import settings as product
from shouwang.kernel import clock, deployment
from shouwang.kernel.errors import DomainError, NotAllowed
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import FULL, use_scope
from tests.accounts.clients import client_of
from tests.accounts.hashers import CountingHasher
from tests.factories import HANTING, make_actor

PASSWORD = "correct horse battery"


def make_user(username: str = "zhangsan", *, must_change_password: bool = False) -> User:
    actor = make_actor()
    user = User.objects.get(id=actor.user_id)
    user.username, user.must_change_password = username, must_change_password
    user.set_password(PASSWORD)
    user.save()
    return user


def refusal_of(username: str, password: str = "wrong") -> tuple[str, str]:
    with pytest.raises(NotAllowed) as refusal:
        signing_in.sign_in(username=username, password=password)
    return refusal.value.reason, refusal.value.message


def actions() -> list[tuple[str, UUID | None]]:
    with use_scope(FULL):
        return list(
            AuditEntry.objects.filter(action__startswith="user.").order_by("id").values_list("action", "user_id")
        )


@pytest.mark.django_db
def test_right_password_signs_in_and_is_audited() -> None:
    user = make_user()
    assert signing_in.sign_in(username=" ＺhangSan ", password=PASSWORD, address="10.0.0.1") == user
    assert User.objects.get(id=user.id).last_login == clock.now()
    assert actions() == [("user.sign_in", user.id)]


@pytest.mark.django_db
def test_unknown_name_is_refused_and_locked_like_a_known_one() -> None:
    user = make_user()
    known = [refusal_of("zhangsan") for _ in range(6)]
    unknown = [refusal_of("nobody") for _ in range(6)]
    assert known == unknown
    assert [reason for reason, _message in known] == ["sign_in.refused"] * 4 + ["sign_in.locked"] * 2
    assert "15 分钟" in known[-1][1]
    assert Counter(actions()) == {("user.sign_in_failed", user.id): 5, ("user.sign_in_failed", None): 5}


def test_passwords_are_hashed_with_argon2_at_its_full_cost() -> None:
    assert product.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@pytest.mark.django_db
def test_unknown_name_costs_the_same_hashing_and_the_same_queries(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = ["tests.accounts.hashers.CountingHasher"]
    make_user()

    def work(username: str) -> tuple[list[str], int]:
        CountingHasher.runs.clear()
        with CaptureQueriesContext(connection) as queries:
            refusal_of(username)
        return list(CountingHasher.runs), len(queries)

    assert work("zhangsan") == work("nobody")
    assert CountingHasher.runs == ["argon2"]


@pytest.mark.django_db
def test_lock_holds_for_15_minutes_even_against_the_right_password() -> None:
    user = make_user()
    for _ in range(5):
        refusal_of("zhangsan")
    with clock.at(clock.now() + timedelta(minutes=14, seconds=1)):
        reason, message = refusal_of("zhangsan", PASSWORD)
        assert (reason, "1 分钟" in message) == ("sign_in.locked", True)
    with clock.at(clock.now() + timedelta(minutes=15)):
        assert refusal_of("zhangsan")[0] == "sign_in.refused"  # the count begins anew
        assert signing_in.sign_in(username="zhangsan", password=PASSWORD) == user


@pytest.mark.django_db
def test_success_and_a_day_of_peace_start_the_count_anew() -> None:
    make_user()
    for _ in range(4):
        refusal_of("zhangsan")
    signing_in.sign_in(username="zhangsan", password=PASSWORD)
    assert [refusal_of("zhangsan")[0] for _ in range(4)] == ["sign_in.refused"] * 4
    with clock.at(clock.now() + timedelta(days=1, seconds=1)):
        assert refusal_of("zhangsan")[0] == "sign_in.refused"


@pytest.mark.django_db
def test_rows_of_names_that_nobody_has_go_away() -> None:
    refusal_of("nobody")
    with clock.at(clock.now() + timedelta(days=2)):
        refusal_of("somebody")
    assert [guard.key for guard in SignInGuard.objects.all()] == [signing_in.guard_key("somebody")]


@pytest.mark.django_db
def test_user_without_a_post_in_force_is_told_so_only_after_the_right_password() -> None:
    user = make_user()
    Post.objects.filter(user=user).update(until_on=clock.today())
    assert refusal_of("zhangsan")[0] == "sign_in.refused"
    assert refusal_of("zhangsan", PASSWORD)[0] == "sign_in.no_post"


def test_parallel_guesses_are_counted_one_by_one(committed_db: str) -> None:
    make_user()
    reasons: list[str] = []

    def guess() -> None:
        try:
            with clock.at(clock.instant(2020, 3, 18, 8)):
                signing_in.sign_in(username="zhangsan", password="wrong")
        except DomainError as refusal:
            reasons.append(refusal.reason)
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reasons) == ["sign_in.locked"] * 4 + ["sign_in.refused"] * 4
    assert SignInGuard.objects.get().failed_count == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("current", "new", "reason"),
    [
        ("wrong", "another passphrase", "sign_in.refused"),
        (PASSWORD, PASSWORD, "password.unchanged"),
        (PASSWORD, "short", "password.weak"),
        (PASSWORD, "1234567890123", "password.weak"),
    ],
)
def test_password_that_may_not_be_changed_stays(current: str, new: str, reason: str) -> None:
    user = make_user(must_change_password=True)
    with pytest.raises(DomainError) as refusal:
        signing_in.change_password(user_id=user.id, current=current, new=new)
    assert refusal.value.reason == reason
    user.refresh_from_db()
    assert (user.check_password(PASSWORD), user.must_change_password) == (True, True)
    assert ("user.change_password", user.id) not in actions()


@pytest.mark.django_db
def test_page_signs_in_under_a_new_session_and_goes_where_one_wanted_to() -> None:
    make_user()
    client = Client()
    client.get(reverse("sign_in"))
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted_key = session.session_key
    client.cookies["sessionid"] = planted_key
    answer = client.post(reverse("sign_in"), {"username": "zhangsan", "password": PASSWORD, "next": "/account"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account")
    assert client.session.session_key != planted_key
    assert "planted" not in client.session


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_page_never_leads_to_another_site(wanted: str) -> None:
    make_user()
    answer = Client().post(reverse("sign_in"), {"username": "zhangsan", "password": PASSWORD, "next": wanted})
    assert answer.headers["Location"] == "/"


@pytest.mark.django_db
def test_page_says_what_was_refused_and_keeps_the_name() -> None:
    make_user()
    answer = Client().post(reverse("sign_in"), {"username": "zhangsan", "password": "wrong"})
    page = answer.content.decode()
    assert (answer.status_code, "用户名或密码不正确" in page, 'value="zhangsan"' in page) == (403, True, True)
    assert "wrong" not in page


@pytest.mark.django_db
def test_first_password_is_changed_before_anything_else() -> None:
    user = make_user(must_change_password=True)
    client = Client()
    client.post(reverse("sign_in"), {"username": "zhangsan", "password": PASSWORD})
    assert client.get(reverse("my_account")).headers["Location"] == reverse("change_password")
    new = "my own four words"
    answer = client.post(reverse("change_password"), {"current": PASSWORD, "new": new, "again": new})
    assert answer.headers["Location"] == reverse("my_account")
    assert client.get(reverse("my_account")).status_code == 200
    assert ("user.change_password", user.id) in actions()


@pytest.mark.django_db
def test_sign_out_ends_the_session_and_is_audited() -> None:
    actor = make_actor()
    client = client_of(actor)
    client.post(reverse("sign_out"))
    assert client.get(reverse("my_account")).status_code == 302
    assert actions() == [("user.sign_out", actor.user_id)]


@pytest.mark.django_db
def test_demo_button_signs_in_a_demo_user_and_nobody_else() -> None:
    with as_system("演示") as system:
        demo = create_demo_user(
            actor=system, username="demo-county", name="演示一", role=Role.COUNTY_OFFICER, area_code=HANTING,
            from_on=clock.today(),
        )  # fmt: skip
    page = Client().get(reverse("sign_in")).content.decode()
    assert (str(demo.id) in page, "县区民政经办" in page) == (True, True)
    client = Client()
    assert client.post(reverse("sign_in_demo"), {"user": str(demo.id)}).status_code == 302
    assert client.get(reverse("my_account")).status_code == 200
    other = make_user()
    assert Client().post(reverse("sign_in_demo"), {"user": str(other.id)}).status_code == 403


def test_real_database_has_no_demo_button(committed_db: str) -> None:
    with as_system("演示") as system:
        demo = create_demo_user(
            actor=system, username="demo-county", name="演示一", role=Role.COUNTY_OFFICER, area_code=HANTING,
            from_on=clock.today(),
        )  # fmt: skip
    with psycopg.connect(committed_db, autocommit=True, options="-c session_replication_role=replica") as owner:
        owner.execute("update kernel_deployment set is_demo = false")
    deployment.forget()
    assert str(demo.id) not in Client().get(reverse("sign_in")).content.decode()
    assert Client().post(reverse("sign_in_demo"), {"user": str(demo.id)}).status_code == 403
    with as_system("演示") as system, pytest.raises(NotAllowed):
        create_demo_user(
            actor=system, username="demo-2", name="演示二", role=Role.COUNTY_OFFICER, area_code=HANTING,
            from_on=clock.today(),
        )  # fmt: skip
