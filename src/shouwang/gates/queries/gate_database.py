"""Connections as `shouwang_gate`: the role that takes in scans, may call its few functions and touches no table.

They lie beside Django's, because a phone's call holds no actor and no scope, and because many phones wait for one
commit. They lead where Django's `default` leads. A process opens its own at the first use.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connections
from psycopg import Connection, conninfo
from psycopg_pool import ConnectionPool

LOOK_UP_CONNECTIONS_MAX = 2
CONNECT_SECONDS = 10

_lock = threading.Lock()
_pools: dict[str, ConnectionPool[Connection[Any]]] = {}


def gate_dsn() -> str:
    """Where Django's `default` leads, as the gate's role."""
    facts = connections["default"].settings_dict
    return _dsn(facts["NAME"], facts["USER"], facts["PASSWORD"], facts["HOST"], facts["PORT"])


@lru_cache(maxsize=8)
def _dsn(name: str, user: str, password: str, host: str, port: str) -> str:
    """Put together once: it is asked for at every call of a phone, and libpq takes its time over it."""
    options = connections["default"].settings_dict["OPTIONS"]
    kept = {key: options[key] for key in ("sslmode", "sslrootcert", "channel_binding") if key in options}
    return conninfo.make_conninfo(
        **kept,
        dbname=name,
        user=user or None,
        password=password or None,
        host=host or None,
        port=port or None,
        connect_timeout=CONNECT_SECONDS,
        options=settings.SHOUWANG_GATE_OPTIONS,
    )


def pool() -> ConnectionPool[Connection[Any]]:
    """For what is asked now and then: keys of phones, alarms. Each statement is a transaction of its own."""
    dsn = gate_dsn()
    with _lock:
        if dsn not in _pools:
            _pools[dsn] = ConnectionPool(
                dsn,
                min_size=1,
                max_size=LOOK_UP_CONNECTIONS_MAX,
                kwargs={"autocommit": True},
                check=ConnectionPool.check_connection,
                timeout=CONNECT_SECONDS,
                open=True,
            )
        return _pools[dsn]


def close_pools() -> None:
    """Before a database is dropped under this process."""
    with _lock:
        for one in _pools.values():
            one.close()
        _pools.clear()
