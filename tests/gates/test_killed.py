"""The server dies by kill -9 while phones send: each scan is there once in the end."""

from __future__ import annotations

import pytest
from scripts.bench import gate_cases, gates

from shouwang.gates.models import IngestAlarm
from shouwang.kernel.scope import FULL, use_scope

SIZES = gates.Sizes((), outage_phones=8, outage_scans_each=1_000, kills=10, burst_requests=0, passages=0)


@pytest.mark.long
def test_outage_is_caught_up_while_the_server_dies_ten_times(committed_db: str) -> None:
    """The bench's own replay: random order, a fifth sent twice; it raises when a scan is lost or doubled."""
    gate = gate_cases.make_gate()
    (line,) = gates.outage(committed_db, gate, SIZES)
    assert "each scan once" in line.note
    with use_scope(FULL):
        assert IngestAlarm.objects.exclude(kind__in=["clock", "gap", "far_day"]).count() == 0
