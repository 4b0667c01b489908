"""Server time of the demo city's pages, for the village grid worker and for the city's officer alike.

Each page is asked for over one kept connection from a real server process on this machine, and in this process, where
its queries are counted. Every figure of the bulletin was asked for once before, as by the first reader of a day.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from shouwang.accounts.public import Post, Role, as_system
from shouwang.cli import children
from shouwang.cli.demo import _free_port

from . import databases
from .results import Bar, Line, percentile

TITLE = "Pages of the demo city"
LIMIT_MS = 150
REQUESTS = 40
HOST = "127.0.0.1"
START_TIMEOUT_SECONDS = 60
VILLAGE_WORKER, CITY_OFFICER = "village grid worker", "city officer"
CLOSED = (403, 404)
CUT = {"from": "2020-01-01", "as_of": "2020-03-18T00:00:00+08:00"}

LARGEST_LIST = """
    select batch_id from assistance_paymentattempt where area_code >= %s and area_code < %s and batch_id is not null
     group by batch_id order by count(*) desc limit 1
"""
BUSIEST_ACCOUNT = """
    select account.id from ledger_account account join ledger_posting posting on posting.account_id = account.id
     where account.area_code >= %s and account.area_code < %s group by account.id order by count(*) desc limit 1
"""
LISTS_OF_ONE_STATE = """
    select id, line_count from assistance_paymentbatch batch where not is_history and line_count > 0 and state = (
        select state from assistance_paymentbatch where not is_history group by state order by count(*) desc limit 1)
"""
"""A list's page also asks for what its state allows: who may take the next step, whether the sums agree."""
ROWS_OF_FIGURE = """
    select covered.area_code, count(*) from assistance_payableperson covered
      join assistance_payable payable on payable.id = covered.payable_id where payable.programme = 'dibao' group by 1
"""


@dataclass(frozen=True, slots=True)
class Reader:
    """A signed-in user: a session in this process, whose cookie holds in the server as well."""

    name: str
    area_code: int
    span: tuple[int, int]
    client: Client

    @property
    def cookie(self) -> str:
        return f"{settings.SESSION_COOKIE_NAME}={self.client.cookies[settings.SESSION_COOKIE_NAME].value}"


@dataclass(frozen=True, slots=True)
class Sizes:
    """A list as short and as long as the city has it: two addresses and how many rows each leads to."""

    name: str
    short_url: str
    short_rows: int
    long_url: str
    long_rows: int


def run(dsn: str, requests: int = REQUESTS) -> Iterator[Line]:
    logging.getLogger("django.request").setLevel(logging.ERROR)  # a page closed to a role is no news here
    with databases.city(dsn) as url, _served(url) as port:
        city = _signed_in(CITY_OFFICER, Role.CITY_OFFICER)
        for reader in (_signed_in(VILLAGE_WORKER, Role.GRID_WORKER), city):
            for page, address in _addresses(reader):
                yield from _time_page(reader, page, address, port, requests)
        for sizes in _lists(city):
            yield _compare_queries(city, sizes)


def _time_page(reader: Reader, page: str, address: str, port: int, requests: int) -> Iterator[Line]:
    """Nothing for a page that is closed to the reader's role."""
    if reader.client.get(address).status_code in CLOSED:
        return
    answered, queries = _count_queries(reader, address)
    if answered != 200:
        raise RuntimeError(f"{page} answers {answered} to the {reader.name}: {address}")
    served = _served_ms(reader, address, port, requests)
    inside = _inside_ms(reader, address, requests)
    note = f"p50 {percentile(served, 0.5):.0f}; in process p50 {percentile(inside, 0.5):.0f}, "
    note += f"p95 {percentile(inside, 0.95):.0f}; {queries} queries"
    yield Line(f"{page}, {reader.name}", percentile(served, 0.95), "ms p95", LIMIT_MS, note=note)


def _compare_queries(reader: Reader, sizes: Sizes) -> Line:
    for address in (sizes.short_url, sizes.long_url):
        reader.client.get(address)  # what is kept for later readers is kept now
    _, few = _count_queries(reader, sizes.short_url)
    _, many = _count_queries(reader, sizes.long_url)
    note = f"{sizes.long_rows:,} rows beside {sizes.short_rows:,}"
    return Line(f"{sizes.name}, queries", many, "", few, Bar.LIMIT, note)


def _addresses(reader: Reader) -> Iterator[tuple[str, str]]:
    for name in ("home", "household_list", "person_list", "relief_list", "grant_list", "run_list"):
        yield name, reverse(name)
    batch_id, account_id = _first(LARGEST_LIST, reader.span), _first(BUSIEST_ACCOUNT, reader.span)
    if batch_id:
        yield "batch_page", reverse("batch_page", args=[batch_id])
    yield "ledger_accounts", reverse("ledger_accounts")
    if account_id:
        yield "ledger_statement", reverse("ledger_statement", args=[account_id])
    yield "bulletin", reverse("bulletin")
    yield "figure_rows", _figure_rows(reader.area_code)


def _lists(reader: Reader) -> Iterator[Sizes]:
    """Filtered by area alike: to the village with the fewest rows, and to the whole city."""
    for name, table in (
        ("household_list", "registry_household"),
        ("person_list", "registry_person"),
        ("relief_list", "assistance_reliefcase"),
        ("grant_list", "assistance_grant"),
    ):
        (village, few), _ = _extremes(f"select area_code, count(*) from {table} group by 1")
        short, long = (f"{reverse(name)}?area={area}" for area in (village, reader.area_code))
        yield Sizes(name, short, few, long, _count(table))
    (small, few), (large, many) = _extremes(LISTS_OF_ONE_STATE)
    yield Sizes("batch_page", reverse("batch_page", args=[small]), few, reverse("batch_page", args=[large]), many)
    (small, few), (large, many) = _extremes("select account_id, count(*) from ledger_posting group by 1")
    short, long = (reverse("ledger_statement", args=[account]) for account in (small, large))
    yield Sizes("ledger_statement", short, few, long, many)
    (small, few), (large, many) = _extremes(ROWS_OF_FIGURE)
    yield Sizes("figure_rows", _figure_rows(small), few, _figure_rows(large), many)


def _figure_rows(area_code: int) -> str:
    return f"{reverse('figure_rows', args=['dibao.people'])}?{urlencode({'area': area_code, **CUT})}"


def _signed_in(name: str, role: str) -> Reader:
    with as_system("测速"):
        post = Post.objects.filter(role=role).order_by("area_code").first()
    assert post is not None
    client = Client(SERVER_NAME=HOST)
    client.post(reverse("sign_in_demo"), {"user": str(post.user_id)})
    with connection.cursor() as cursor:
        cursor.execute("select lower(span), upper(span) from areas_area where code = %s", [post.area_code])
        low, high = cursor.fetchone()
    return Reader(name, post.area_code, (low, high), client)


def _served_ms(reader: Reader, address: str, port: int, requests: int) -> list[float]:
    server = HTTPConnection(HOST, port, timeout=60)
    spent = []
    for _ in range(requests + 1):
        started = perf_counter()
        server.request("GET", address, headers={"Cookie": reader.cookie})
        answer = server.getresponse()
        answer.read()
        spent.append((perf_counter() - started) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{address} answers {answer.status}")
    server.close()
    return spent[1:]  # the first one warmed the process up


def _inside_ms(reader: Reader, address: str, requests: int) -> list[float]:
    spent = []
    for _ in range(requests):
        started = perf_counter()
        reader.client.get(address)
        spent.append((perf_counter() - started) * 1000)
    return spent


def _count_queries(reader: Reader, address: str) -> tuple[int, int]:
    """The status of the answer and the number of statements it took."""
    count = 0

    def counting(execute: Any, *arguments: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*arguments)

    with connection.execute_wrapper(counting):
        status = reader.client.get(address).status_code
    return status, count


@contextmanager
def _served(url: str) -> Iterator[int]:
    """The port of a web server with one process on the database of `url`."""
    before = {name: os.environ.get(name) for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    os.environ["DATABASE_URL"] = url
    os.environ.pop("DATABASE_OWNER_URL", None)
    port = _free_port()
    try:
        with children.shouwang("serve", "--port", str(port), "--workers", "1") as server:
            children.wait_for_page(f"http://{HOST}:{port}/health", {"web server": server}, START_TIMEOUT_SECONDS)
            yield port
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _extremes(sql: str) -> tuple[tuple[Any, int], tuple[Any, int]]:
    """The key with the fewest rows and the one with the most."""
    rows = _rows(f"select * from ({sql}) counted order by 2, 1::text")
    return rows[0], rows[-1]


def _count(table: str) -> int:
    return int(_rows(f"select count(*) from {table}")[0][0])


def _first(sql: str, values: tuple[int, int]) -> Any:
    rows = _rows(sql, values)
    return rows[0][0] if rows else None


def _rows(sql: str, values: tuple[int, ...] = ()) -> list[Any]:
    with as_system("测速"), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
