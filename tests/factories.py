"""Small true objects for tests, made through the ordinary commands where there is one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from shouwang.accounts.public import Post, Role, User, actor_of, as_system
from shouwang.areas import source
from shouwang.areas.public import load_areas, load_zones
from shouwang.kernel import clock, workdays
from shouwang.kernel.actor import Actor
from shouwang.kernel.models import WorkingDay
from shouwang.kernel.scope import use_scope

WEIFANG = 370700_000_000_000
HANTING = 370703_000_000_000
FANGZI = 370704_000_000_000
GUDI = 370703_003_000_000
"""固堤街道 of 寒亭区."""
GUDI_VILLAGE = 370703003200000

_numbers = itertools.count(1)


def load_reference_rows() -> None:
    with clock.at(clock.instant(2020, 1, 1)), as_system("测试数据") as system:
        load_areas(actor=system, rows=source.read_national())
        load_areas(actor=system, rows=source.read_weifang_villages())
        load_zones(actor=system, zones=source.read_zones())
        WorkingDay.objects.bulk_create(workdays.seed_rows(), ignore_conflicts=True)


def make_actor(role: str = Role.COUNTY_OFFICER, area_code: int = HANTING, *, name: str = "") -> Actor:
    """A user with one post since 2019, as the actor of commands."""
    number = next(_numbers)
    user = User(
        username=f"user{number}", name=name or f"测试{number}", created_at=clock.now(), must_change_password=False
    )
    user.set_unusable_password()
    user.save()
    Post.objects.create(
        user=user, role=role, area_code=area_code, from_on=date(2019, 1, 1), until_on=None, recorded_at=clock.now()
    )
    actor = actor_of(user_id=user.id)
    assert actor is not None
    return actor


@contextmanager
def acting(role: str = Role.COUNTY_OFFICER, area_code: int = HANTING) -> Iterator[Actor]:
    """A new actor, with its scope on the connection inside the block."""
    actor = make_actor(role, area_code)
    with use_scope(actor.scope):
        yield actor


def id_number(birth_on: date = date(1960, 5, 1), sequence: int = 12, area: str = "379999") -> str:
    """A number with a right checksum whose area part no division has; an odd sequence is male."""
    body = f"{area}{birth_on:%Y%m%d}{sequence:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
