"""How many statements a page or a call asks."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def queries_of(look: Callable[[], Any]) -> int:
    """Statements of `look`, without what a process asks once and then remembers."""
    look()
    with CaptureQueriesContext(connection) as captured:
        look()
    return len(captured)


def queries_of_page(client: Client, address: str) -> int:
    """Statements of a page that is shown."""
    codes: list[int] = []
    asked = queries_of(lambda: codes.append(client.get(address).status_code))
    assert codes == [200, 200]
    return asked
