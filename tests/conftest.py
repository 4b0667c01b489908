"""Fixtures that every test may use: the database, a clock, actors, areas."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import override_settings
from playwright.sync_api import Browser, sync_playwright
from psycopg import conninfo

from shouwang.kernel import clock, deployment
from tests import databases, factories

OPENING = clock.instant(2020, 3, 18, 8)
"""Where the clock of every test stands unless it moves it: the morning on which the demo opens."""


DEMO_TEMPLATE = "shouwang_demo_"


def _build_empty() -> None:
    databases.migrate()
    factories.load_reference_rows()


@pytest.fixture(scope="session")
def server_dsn() -> str:
    return databases.server_dsn()


@pytest.fixture(scope="session")
def empty_template(server_dsn: str, django_db_blocker: pytest.FixtureRequest) -> str:
    """A migrated database with the area tree, Weifang's villages and zones, and the working days."""
    name = "shouwang_empty_" + databases.fingerprint(
        "*/migrations/*.py", "areas/**/*.*", "kernel/workdays.py", "kernel/schema.py"
    )
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        return databases.template(server_dsn, name, _build_empty)


@pytest.fixture(scope="session")
def django_db_setup(server_dsn: str, empty_template: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The database of the tests that roll back."""
    name = f"test_{os.getpid()}"
    databases.drop(server_dsn, name)
    databases.clone(server_dsn, name, empty_template)
    with django_db_blocker.unblock(), databases.using(server_dsn, name):  # type: ignore[attr-defined]
        yield
    databases.drop(server_dsn, name)


@pytest.fixture
def committed_db(
    server_dsn: str,
    empty_template: str,
    django_db_blocker: pytest.FixtureRequest,
    request: pytest.FixtureRequest,
) -> Iterator[str]:
    """A database of its own for a test that commits; yields its DATABASE_URL for child processes."""
    name = f"commit_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**8}"
    databases.drop(server_dsn, name)
    databases.clone(server_dsn, name, empty_template)
    deployment.forget()
    with django_db_blocker.unblock(), databases.using(server_dsn, name):  # type: ignore[attr-defined]
        yield _url(databases.dsn_of(server_dsn, name))
    deployment.forget()
    databases.drop(server_dsn, name)


@pytest.fixture(scope="session")
def demo_template(server_dsn: str, empty_template: str, django_db_blocker: pytest.FixtureRequest) -> str:
    """The demo city, loaded once for each state of what loads it."""
    sources = ("*/migrations/*.py", "*/commands/**/*.py", "*/queries/**/*.py", "*/rules/**/*.*", "*/*.py")
    name = DEMO_TEMPLATE + databases.fingerprint("areas/data/*", "web/demo/**/*.*", *sources)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        databases.template(server_dsn, name, _build_demo, source=empty_template)
    databases.drop_others(server_dsn, DEMO_TEMPLATE, keep=name)
    return name


def _build_demo() -> None:
    from shouwang.web.demo.load import load_demo

    deployment.forget()
    load_demo(lambda _label, _done, _total: None)


@pytest.fixture(scope="session")
def demo_database(server_dsn: str, demo_template: str) -> Iterator[str]:
    """The name of a clone of the demo city that the session's tests read, each in a transaction of its own."""
    name = f"demo_{os.getpid()}"
    databases.drop(server_dsn, name)
    databases.clone(server_dsn, name, demo_template)
    yield name
    databases.drop(server_dsn, name)


@pytest.fixture
def demo_db(server_dsn: str, demo_database: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """The demo city on its opening morning; what the test changes is rolled back. Yields its DATABASE_URL, for child
    processes that only read."""
    with django_db_blocker.unblock(), databases.using(server_dsn, demo_database):  # type: ignore[attr-defined]
        deployment.forget()
        with transaction.atomic():
            yield _url(databases.dsn_of(server_dsn, demo_database))
            transaction.set_rollback(True)
    deployment.forget()


def _url(dsn: str) -> str:
    parts = conninfo.conninfo_to_dict(dsn)
    user = quote(str(parts.get("user") or ""))
    password = f":{quote(str(parts['password']))}" if parts.get("password") else ""
    return (
        f"postgresql://{user}{password}@/{parts['dbname']}"
        f"?host={quote(str(parts.get('host') or ''), safe='')}&port={parts.get('port') or 5432}"
    )


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Argon2 at its proper cost is for guessers, not for tests."""
    with override_settings(PASSWORD_HASHERS=["tests.accounts.hashers.QuickHasher"]):
        yield


@pytest.fixture(autouse=True)
def opening_hour(request: pytest.FixtureRequest) -> Iterator[datetime | None]:
    """Every test stands on the demo's opening morning; `at_clock(moment)` of a test moves it."""
    with clock.at(OPENING):
        yield OPENING


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. One a module: Playwright's event loop must be gone before other tests run."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread; our database calls here are synchronous all the same.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        yield browser
        browser.close()
