"""What an owner of the database changed behind a run is found when the run is replayed."""

from __future__ import annotations

import pytest
from django.db import connections

from shouwang.assistance.engine.kept import replay
from shouwang.kernel.errors import Conflict
from tests.assistance.payments.setting import acting_as, everywhere

from .test_runs_by_rules import make, run


@pytest.mark.long
def test_replay_finds_what_an_owner_changed(committed_db: str) -> None:
    """A line's amount, then the snapshot itself."""
    county = make()
    result = run(county)
    with connections["owner"].cursor() as owner:  # what no command can do
        owner.execute("set session_replication_role to replica")
        owner.execute(
            "update assistance_runline set amount_fen = amount_fen + 1 where subject_id = %s",
            [county.families[1].household.id],
        )
    with acting_as(everywhere()):
        found = replay(result.run)
        assert [(one.kept_fen, one.computed_fen) for one in found.differences] == [(460_01, 460_00)]
    with connections["owner"].cursor() as owner:
        owner.execute("update assistance_runfile set content = 'x' where \"table\" = 'persons'")
    with acting_as(everywhere()), pytest.raises(Conflict, match="校验值不符"):
        replay(result.run)
