"""Connections as `shouwang_gate`: the role that takes in scans, may call its few functions and touches no table.

They lie beside Django's, because a phone's call holds no actor and no scope, and because many phones wait for one
commit. They lead where Django's `default` leads. A process opens its own at the first use.
"""

from __future__ import annotations

import threading
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
    return conninfo.make_conninfo(
        **{
            key: value
            for key, value in facts["OPTIONS"].items()
            if key in ("sslmode", "sslrootcert", "channel_binding")
        },
        dbname=facts["NAME"],
        user=facts["USER"] or None,
        password=facts["PASSWORD"] or None,
        host=facts["HOST"] or None,
        port=facts["PORT"] or None,
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
