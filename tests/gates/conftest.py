"""Phones commit by connections of their own, so these tests have a database of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .gate_world import FakePhone, GateWorld, enrol, make_world, own_connections


@pytest.fixture
def world(committed_db: str) -> Iterator[GateWorld]:
    with own_connections():
        yield make_world()


@pytest.fixture
def phone(world: GateWorld) -> FakePhone:
    return enrol(world)
