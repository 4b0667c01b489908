"""The demo city in a real browser: one server for the session, on a database of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from shouwang.kernel import deployment
from tests import databases
from tests.web.serving import served

from .seats import City


@pytest.fixture(scope="session")
def city_database(server_dsn: str, demo_template: str) -> Iterator[str]:
    """A clone of the demo city that the journeys write into; each keeps to records of its own."""
    name = f"browser_{os.getpid()}"
    databases.drop(server_dsn, name)
    databases.clone(server_dsn, name, demo_template)
    yield name
    databases.drop(server_dsn, name)


@pytest.fixture
def city(
    server_dsn: str,
    city_database: str,
    browser: Browser,
    django_db_blocker: pytest.FixtureRequest,
    settings: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[City]:
    """The city, served. After the journey: no breach of the policy was reported, and no page broke."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]  # type: ignore[attr-defined]
    with django_db_blocker.unblock(), databases.using(server_dsn, city_database):  # type: ignore[attr-defined]
        deployment.forget()
        with served() as address:
            city = City(browser, address)
            yield city
            city.close()
    deployment.forget()
    assert [record.message for record in caplog.records if record.name == "shouwang.csp"] == []
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
