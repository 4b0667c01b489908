"""From the environment to the two aliases."""

import os

import psycopg
import pytest
from psycopg import sql

from shouwang.config import database, embedded
from tests import databases

URL = "postgresql://web:secret@db.example:5433/city?sslmode=require"
OWNER_URL = "postgresql://owner:other@db.example:5433/city"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "SHOUWANG_INSTANCE"):
        monkeypatch.delenv(name, raising=False)


def test_aliases_without_a_url_are_the_embedded_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_INSTANCE", "other")
    found = database.aliases()
    host = str(embedded.locate("other").socket_dir)
    assert {(alias["HOST"], alias["PORT"], alias["USER"], alias["NAME"]) for alias in found.values()} == {
        (host, "5432", "shouwang_owner", "shouwang")
    }
    assert found["default"]["OPTIONS"]["options"] == "-c role=shouwang_app"
    assert "options" not in found["owner"]["OPTIONS"]


def test_aliases_of_two_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("DATABASE_OWNER_URL", OWNER_URL)
    found = database.aliases()
    assert (found["default"]["USER"], found["default"]["PASSWORD"]) == ("web", "secret")
    assert (found["owner"]["USER"], found["owner"]["PASSWORD"]) == ("owner", "other")
    assert found["default"]["OPTIONS"] == {"sslmode": "require", "options": "-c role=shouwang_app"}


def test_aliases_of_one_url_differ_in_the_role_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    found = database.aliases()
    assert found["default"]["OPTIONS"].pop("options") == "-c role=shouwang_app"
    assert found["default"] == found["owner"]


def test_options_of_the_url_are_kept_beside_the_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL + "&options=-c%20statement_timeout%3D5000")
    assert database.aliases()["default"]["OPTIONS"]["options"] == "-c statement_timeout=5000 -c role=shouwang_app"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://x/y", "DATABASE_URL is not a PostgreSQL address"),
        ("postgresql://web@db.example", "DATABASE_URL names no database"),
    ],
)
def test_a_url_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, url: str, message: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(database.ConfigurationError, match=message):
        database.aliases()


def test_an_owner_url_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", OWNER_URL)
    with pytest.raises(database.ConfigurationError, match="set both or neither"):
        database.aliases()


def test_a_server_that_does_not_answer_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://web:secret@127.0.0.1:1/city")
    with pytest.raises(database.ConfigurationError, match="does not answer") as refusal:
        database.ensure_available()
    assert "secret" not in str(refusal.value)


def test_database_is_dropped_whoever_of_its_owner_is_in_it(server_dsn: str) -> None:
    name = f"dropped_{os.getpid()}"
    with psycopg.connect(server_dsn, autocommit=True) as server:
        server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        with psycopg.connect(databases.dsn_of(server_dsn, name)) as inside:
            inside.execute("select 1")
            database.drop_database(server, name)
            with pytest.raises(psycopg.OperationalError):
                inside.execute("select 1")
        database.drop_database(server, name)  # once more: there is nothing to do
        assert server.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None
