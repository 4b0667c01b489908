"""Only a demo's clock can be shifted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from shouwang.kernel import clock, deployment
from shouwang.kernel.models import Deployment


@pytest.fixture(autouse=True)
def own_clock() -> Iterator[None]:
    yield
    clock.set_offset(timedelta(0))
    clock.set_skew(timedelta(0))
    deployment.forget()


def test_demo_opens_at_the_wanted_moment_and_ticks(committed_db: str) -> None:
    wanted = clock.instant(2020, 3, 18, 8)
    deployment.open_demo_at(wanted)
    offset = Deployment.objects.get().clock_offset
    assert abs(datetime.now(UTC) + offset - wanted) < timedelta(seconds=5)


def test_another_process_notices_the_offset_with_its_next_connection(committed_db: str) -> None:
    deployment.load()
    with psycopg.connect(committed_db, autocommit=True) as owner:
        owner.execute("update kernel_deployment set clock_offset = interval '-3 days'")
    deployment.load()
    assert clock._offset == timedelta(0)
    connection.close()
    connection.ensure_connection()
    deployment.load()
    assert clock._offset == timedelta(days=-3)


def test_real_database_refuses_an_offset(committed_db: str) -> None:
    with psycopg.connect(committed_db, autocommit=True, options="-c session_replication_role=replica") as owner:
        owner.execute("update kernel_deployment set is_demo = false")
    deployment.forget()
    assert not deployment.is_demo()
    with pytest.raises(RuntimeError, match="demo"):
        deployment.open_demo_at(clock.instant(2020, 3, 18))
    with pytest.raises(DatabaseError, match="deployment_only_demo_shifts_clock"), transaction.atomic():
        Deployment.objects.update(clock_offset=timedelta(days=1))


@pytest.mark.django_db
def test_database_is_never_marked_twice_nor_turned_into_a_demo() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        deployment.mark_new_database(is_demo=True)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Deployment.objects.update(is_demo=False)


def skewed(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """This machine's clock goes wrong."""
    monkeypatch.setattr(clock, "machine_now", lambda: datetime.now(clock.TZ) + by)
    deployment.forget()
    deployment.load()


@pytest.mark.django_db
@pytest.mark.parametrize("by", [timedelta(seconds=-90), timedelta(hours=8), timedelta(seconds=0.3)])
def test_machine_whose_clock_is_wrong_stamps_by_the_database_servers(
    monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    skewed(monkeypatch, by)
    unfixed = clock._fixed.set(None)
    try:
        assert abs(clock.now() - datetime.now(UTC)) < clock.SKEW_TOLERATED
    finally:
        clock._fixed.reset(unfixed)
    assert abs(deployment.skew() + by) < timedelta(seconds=0.2)
