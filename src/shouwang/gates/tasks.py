"""What the worker does for gates by itself: days made ahead, and what was kept long enough deleted."""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from shouwang.accounts.public import as_system, system_actor
from shouwang.kernel import deployment
from shouwang.kernel.scope import FULL, use_scope

from .commands.days import make_days_ahead, purge_scans
from .commands.distant_uses import flag_distant_uses


@app.periodic(cron="37 * * * *", periodic_id="make_gate_days")
@app.task(queue="system", name="gates.make_days", queueing_lock="gates.make_days")
def make_gate_days(timestamp: int) -> int:  # noqa: ARG001  # the worker says for which hour it asks
    """Every hour: midnight finds its partition. A writer makes the ones it misses."""
    deployment.load()
    return make_days_ahead()


@app.periodic(cron="12 3 * * *", periodic_id="purge_gate_scans")
@app.task(queue="system", name="gates.purge_scans", queueing_lock="gates.purge_scans")
def purge_gate_scans(timestamp: int) -> int:  # noqa: ARG001  # the worker says for which day it asks
    """Every night."""
    deployment.load()
    with as_system("清除到期的通行记录") as system:
        return len(purge_scans(actor=system).days)


@app.periodic(cron="*/5 * * * *", periodic_id="flag_distant_uses")
@app.task(queue="system", name="gates.flag_distant_uses", queueing_lock="gates.flag_distant_uses")
def flag_distant_gate_uses(timestamp: int) -> int:  # noqa: ARG001  # the worker says for which minute it asks
    """Every five minutes, of what came in since, with a margin: raised twice an alarm is one."""
    deployment.load()
    with use_scope(FULL):
        return flag_distant_uses(actor=system_actor("核对通行证异地使用"), since=timedelta(minutes=15))
