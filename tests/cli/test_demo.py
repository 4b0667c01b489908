"""The demo opens in an empty database only, and never drops anything else."""

from collections.abc import Iterator

import psycopg
import pytest

from shouwang.cli import demo
from tests import databases


@pytest.fixture
def database_url(server_dsn: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """DATABASE_URL of an empty database."""
    name = "demo_case"
    databases.drop(server_dsn, name)
    databases.clone(server_dsn, name, None)
    dsn = databases.dsn_of(server_dsn, name)
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    yield dsn
    databases.drop(server_dsn, name)


@pytest.mark.parametrize("reset", [False, True])
def test_prepare_leaves_a_database_that_holds_something_else_alone(database_url: str, reset: bool) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE precious AS SELECT 42 AS answer")
    with pytest.raises(demo.DemoRefusedError, match="holds 1 tables, not a demo"):
        demo.prepare(reset=reset)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT answer FROM precious").fetchall() == [(42,)]


def test_state_follows_the_mark(database_url: str) -> None:
    found = [demo._state()]
    for mark in (demo.LOADING, demo.READY):
        demo._mark(mark)
        found.append(demo._state())
    assert found == [None, demo.LOADING, demo.READY]
