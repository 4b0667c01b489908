"""A small city with money in it, one backup of it, and empty databases to restore into."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import transaction

from shouwang.kernel import audit, clock, deployment
from shouwang.kernel.scope import use_scope
from tests import databases
from tests.conftest import OPENING
from tests.factories import WEIFANG, make_actor
from tests.reporting.world import make_family, pay

from .world import Answer, shouwang

PERIOD = ("--area", "370700", "--from", "2020-01-01", "--as-of", "2020-03-17T24:00")


@pytest.fixture(scope="session")
def city(server_dsn: str, empty_template: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """The owner's connection string of a database with two families, their payments, and a sealed audit."""
    name = f"backup_city_{os.getpid()}"
    databases.drop(server_dsn, name)
    databases.clone(server_dsn, name, empty_template)
    with django_db_blocker.unblock(), databases.using(server_dsn, name):  # type: ignore[attr-defined]
        deployment.forget()
        with clock.at(OPENING):
            with transaction.atomic():
                officer = make_actor("city_officer", WEIFANG)
                with use_scope(officer.scope):
                    for number in (1, 2):
                        household, persons = make_family(officer, number)
                        pay(officer, household, persons, fen=30_000 * number)
            audit.seal()
    deployment.forget()
    yield databases.dsn_of(server_dsn, name)
    databases.drop(server_dsn, name)


@pytest.fixture(scope="session")
def made(city: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """A backup of the city and what `backup --json` said."""
    path = tmp_path_factory.mktemp("backups") / "city.tar"
    answer = shouwang(city, "backup", path, *PERIOD, "--json")
    assert answer.code == 0, answer.err
    return path, answer


@pytest.fixture
def backup(made: tuple[Path, Answer]) -> Path:
    return made[0]


@pytest.fixture
def empty_database(server_dsn: str) -> Iterator[Callable[[], str]]:
    """Makes empty databases; dropped afterwards."""
    names = (f"backup_target_{os.getpid()}_{number}" for number in itertools.count())
    used: list[str] = []

    def make() -> str:
        name = next(names)
        databases.drop(server_dsn, name)
        databases.clone(server_dsn, name, None)
        used.append(name)
        return databases.dsn_of(server_dsn, name)

    yield make
    for name in used:
        databases.drop(server_dsn, name)


@pytest.fixture
def target(empty_database: Callable[[], str]) -> str:
    return empty_database()
