"""A county sees its own records and nothing of its neighbour's, on any address, by any method.

Every address of the product is walked by its owner, by the same post of the neighbouring county, by an auditor and by a
system administrator. The neighbour has the same records under other names, so that its pages are never merely empty.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import transaction
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.kernel import clock, deployment
from shouwang.kernel.figures import all_figures
from tests import databases
from tests.conftest import OPENING

from .addresses import ADDRESSES, EXEMPT
from .samples import CUTOFF
from .walking import LISTS, RECORDS, ROUTES, WRITES, World, leaks, refusal_of, sent, text_of, url_of, written

REFUSED = frozenset({403, 404})
REFUSED_OR_SHOWN_WHY = REFUSED | {422, 200}
"""A form that starts blank shows the refusal beside what was typed; a search answers that nothing was found."""

POST_ONLY = 405
OFFERS_DOCUMENTS = frozenset({"order_new", "order_edit", "measure_lift", "event_open", "task_new", "document_new"})
"""Documents are for everyone to read, so one more of them is one more to choose."""

AUDITORS_OWN = frozenset({"search", "person_reveal", "relief_reveal"})
"""Posts that only read: a search, and a look at a masked value, which is logged with its reason."""

EXPORTS = sorted(
    {"household_list", "person_list", "organisation_list", "import_list", "ledger_account_list", "ledger_statement"}
    | {"grant_list", "run_list", "problem_list", "batch_page", "relief_list", "petty_reserve_list"}
    | {"parameter_list", "lifted_list", "recalculation_list", "recalculation_page"}
    | {"registration_list", "pass_list", "denial_list"}
    | {"order_list", "receipt_list", "estate_list"}
    | {"petty_reserve_detail", "bulletin", "figure_rows", "user_list"}
    | {"event_list", "group_list", "task_list", "task_detail"}
)


@pytest.fixture(scope="module")
def committed_world(server_dsn: str, empty_template: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    """Built once, committed in a database of its own; each test rolls back what it wrote."""
    name = f"neighbour_walk_{os.getpid()}"
    databases.drop(server_dsn, name)
    databases.clone(server_dsn, name, empty_template)
    deployment.forget()
    with django_db_blocker.unblock(), databases.using(server_dsn, name):  # type: ignore[attr-defined]
        with clock.at(OPENING):
            world = World()
        yield world
    deployment.forget()
    databases.drop(server_dsn, name)


@pytest.fixture
def world(committed_world: World) -> Iterator[World]:
    with transaction.atomic():
        yield committed_world
        transaction.set_rollback(True)


def test_every_address_has_a_sample_or_a_reason() -> None:
    assert sorted(ROUTES) == sorted({*ADDRESSES, *EXEMPT})
    assert set(ADDRESSES) & set(EXEMPT) == set()


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_owner_opens_it_and_sees_it(world: World, name: str) -> None:
    address = ADDRESSES[name]
    answer = world.owner(address.owner).get(url_of(name, world.ours))
    if answer.status_code == POST_ONLY:
        assert address.sends is not None
        return
    assert answer.status_code in (200, 204)
    assert world.ours.shown.get(address.shows, "") in text_of(answer)


@pytest.mark.parametrize("name", WRITES)
def test_owner_may_send_what_the_neighbour_sends(world: World, name: str) -> None:
    """So that the neighbour is refused for being the neighbour, not for a form that nobody could send."""
    answer = world.owner(ADDRESSES[name].owner).post(url_of(name, world.ours), sent(name, world.ours))
    assert answer.status_code in (200, 302), refusal_of(answer)
    answer.close()  # as a server does: a download holds a file


@pytest.mark.parametrize("name", RECORDS)
def test_neighbour_is_told_that_there_is_no_such_record(world: World, name: str) -> None:
    url, client = url_of(name, world.ours), world.neighbour(ADDRESSES[name].owner)
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.get(url, headers=headers)
        assert answer.status_code in (404, POST_ONLY)
        assert leaks(answer, world.ours.markers, asked=url) == []


@pytest.mark.parametrize("name", LISTS)
def test_neighbours_lists_and_forms_show_nothing_of_it(world: World, name: str) -> None:
    url, client = url_of(name, world.theirs), world.neighbour(ADDRESSES[name].owner)
    for query in (
        {},
        {"area": world.ours.place.county},
        {"q": world.ours.shown["head"]},
        {"unit": world.ours.place.county},
    ):
        answer = client.get(url, query)
        assert answer.status_code in (200, 404, 422, POST_ONLY)
        assert leaks(answer, world.ours.markers, asked=str(query)) == []


@pytest.mark.parametrize("name", sorted(set(LISTS) - OFFERS_DOCUMENTS))
def test_neighbours_pages_are_the_same_whether_we_have_anything_or_not(world: World, name: str) -> None:
    """Counts, sums, choices and empty states included."""
    assert world.beside[name] == world.alone[name]


@pytest.mark.parametrize("name", WRITES)
def test_neighbour_changes_nothing(world: World, name: str) -> None:
    url, client = url_of(name, world.ours), world.neighbour(ADDRESSES[name].owner)
    data, before = sent(name, world.ours), written()
    answer = client.post(url, data)
    assert answer.status_code in (REFUSED if name in RECORDS else REFUSED_OR_SHOWN_WHY)
    assert leaks(answer, world.ours.markers, asked=f"{url} {data}") == []
    assert written() == before


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
@pytest.mark.parametrize("name", EXPORTS)
def test_export_holds_the_owners_rows_and_no_others(world: World, name: str, file_format: str) -> None:
    owner, neighbour = (client(ADDRESSES[name].owner) for client in (world.owner, world.neighbour))
    ours, theirs = url_of(name, world.ours), url_of(name, world.theirs)
    if name not in RECORDS:
        assert leaks(neighbour.get(theirs, _export(theirs, file_format)), world.ours.markers) == []
    else:
        assert neighbour.get(ours, _export(ours, file_format)).status_code == 404
    answer = owner.get(ours, _export(ours, file_format))
    assert (answer.status_code, answer.headers["Content-Disposition"][:10]) == (200, "attachment")
    assert leaks(answer, world.theirs.markers) == []


def _export(url: str, file_format: str) -> dict[str, str]:
    """The client's own query replaces the one in the address."""
    return dict(parse_qsl(urlsplit(url).query)) | {"format": file_format}


@pytest.mark.parametrize("role", sorted({address.owner for address in ADDRESSES.values()}))
def test_search_finds_nothing_over_the_border(world: World, role: str) -> None:
    for text in world.ours.markers | {world.ours.place.surname, world.ours.place.name("家")}:
        answer = world.neighbour(role).post("/search/", {"q": text})
        assert (answer.status_code, leaks(answer, world.ours.markers, asked=text)) == (200, [])


@pytest.mark.parametrize("name", ["household_list", "person_list", "organisation_list", "relief_list"])
def test_keywords_of_lists_find_nothing_over_the_border(world: World, name: str) -> None:
    client, url = world.neighbour(ADDRESSES[name].owner), url_of(name, world.theirs)
    for text in world.ours.markers:
        assert leaks(client.get(url, {"q": text}), world.ours.markers, asked=text) == []


def test_search_finds_ones_own(world: World) -> None:
    for key in ("head", "household", "case", "organisation"):
        assert world.ours.shown[key] in text_of(
            world.owner(Role.COUNTY_OFFICER).post("/search/", {"q": world.ours.shown[key]})
        )


@pytest.mark.parametrize("key", sorted(figure.key for figure in all_figures()))
def test_no_figure_opens_for_the_neighbours_area(world: World, key: str) -> None:
    cut = {"area": world.ours.place.county, "from": "2020-01-01", "as_of": CUTOFF}
    url = reverse("figure_rows", args=[key])
    assert world.owner(Role.COUNTY_OFFICER).get(url, cut).status_code == 200
    assert world.neighbour(Role.COUNTY_OFFICER).get(url, cut).status_code == 404
    mine = cut | {"area": world.theirs.place.county, "unit": world.ours.place.township}
    assert leaks(world.neighbour(Role.COUNTY_OFFICER).get(url, mine), world.ours.markers) == []


def test_places_to_choose_are_ones_own(world: World) -> None:
    client = world.neighbour(Role.COUNTY_OFFICER)
    for query in ({"mine": "1"}, {"mine": "1", "parent": "370700"}, {"mine": "1", "parent": "370703"}):
        assert "370703" not in client.get(reverse("area_children"), query).content.decode()
    assert "370703" not in client.get(reverse("area_search"), {"mine": "1", "q": "370703"}).content.decode()


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_system_administrator_sees_no_person(world: World, name: str) -> None:
    url, client = url_of(name, world.ours), world.owner(Role.SYSADMIN)
    for answer in (client.get(url), client.post(url, sent(name, world.ours))):
        assert answer.status_code < 500
        assert leaks(answer, world.ours.personal_markers, asked=f"{url} {sent(name, world.ours)}") == []


@pytest.mark.parametrize("name", sorted(set(WRITES) - AUDITORS_OWN))
def test_auditor_reads_and_changes_nothing(world: World, name: str) -> None:
    url, client, before = url_of(name, world.ours), world.owner(Role.AUDITOR), written()
    answer = client.post(url, sent(name, world.ours))
    assert answer.status_code in REFUSED | {422}
    assert written() == before


@pytest.mark.parametrize("name", sorted(set(ADDRESSES) - set(WRITES)))
def test_auditor_opens_every_page_that_asks_for_nothing(world: World, name: str) -> None:
    answer = world.owner(Role.AUDITOR).get(url_of(name, world.ours))
    expected = (403,) if ADDRESSES[name].owner == Role.SYSADMIN else (200, 204)
    assert answer.status_code in expected
    answer.close()
