"""What the worker does for the gates by itself: keys and days made ahead, what was kept long enough deleted."""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from shouwang.accounts.public import as_system, system_actor
from shouwang.kernel import deployment
from shouwang.kernel.scope import FULL, use_scope

from .commands.days import make_days_ahead, purge_scans
from .commands.distant_uses import flag_distant_uses
from .commands.forgetting import forget_registrations
from .commands.keys import rotate_keys as make_keys
from .commands.sheets import purge_refused_rows


@app.periodic(cron="7 3 * * *", periodic_id="gates_rotate_keys")
@app.task(queue="system", name="gates.rotate_keys", queueing_lock="gates.rotate_keys")
def rotate_keys(timestamp: int) -> int:  # noqa: ARG001  # the worker says for which hour it asks
    """Every night; it makes a key about twice a year. Returns how many were made."""
    deployment.load()
    with as_system("签发密钥轮换") as system:
        return len(make_keys(actor=system).made)


@app.periodic(cron="17 3 * * *", periodic_id="gates_forget_registrations")
@app.task(queue="system", name="gates.forget_registrations", queueing_lock="gates.forget_registrations")
def forget(timestamp: int) -> int:  # noqa: ARG001
    """Every night."""
    deployment.load()
    with as_system("删除到期的居民登记") as system:
        return forget_registrations(actor=system)


@app.periodic(cron="29 * * * *", periodic_id="gates_purge_refused_rows")
@app.task(queue="system", name="gates.purge_refused_rows", queueing_lock="gates.purge_refused_rows")
def purge_refused(timestamp: int) -> int:  # noqa: ARG001
    """Every hour."""
    deployment.load()
    with as_system("清除过期的退回行"):
        return purge_refused_rows()


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
