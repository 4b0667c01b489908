"""A small city loads by the same diary, and its book and audit hold."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connections

from shouwang.accounts.public import as_system
from shouwang.kernel import audit, deployment
from shouwang.ledger.public import verify_ledger
from shouwang.reporting.queries import figures_for
from shouwang.web.demo.load import OPENING, load_demo
from tests.factories import WEIFANG


@pytest.mark.long
def test_small_city_loads_with_progress_and_opens_sealed(committed_db: str) -> None:
    told: dict[str, tuple[int, int]] = {}
    load_demo(lambda label, done, total: told.update({label: (done, total)}), scale=0.02)
    assert [label for label, (done, total) in told.items() if done != total] == []
    assert audit.verify().unsealed == 0
    with as_system("测试") as system:
        assert verify_ledger().findings == []
        table = figures_for(system, area_code=WEIFANG, since=date(2020, 1, 1), as_of=OPENING)
    values = {value.figure.key: value.value for value in table.figures}
    assert values["dibao.people"] == 1_757
    assert values["relief.person_times"] == 44


def test_database_that_is_no_demo_is_refused(committed_db: str) -> None:
    with connections["owner"].cursor() as owner:  # what no command can do
        owner.execute("set session_replication_role to replica")
        owner.execute("update kernel_deployment set is_demo = false")
    deployment.forget()
    with pytest.raises(RuntimeError, match="only a database marked as demo"):
        load_demo(lambda _label, _done, _total: None)
