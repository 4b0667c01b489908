"""What the worker does for assistance by itself: workbooks of county lists that nobody came back for."""

from __future__ import annotations

from procrastinate.contrib.django import app

from shouwang.accounts.public import as_system
from shouwang.kernel import deployment

from .commands.county_lists import purge_expired_lists


@app.periodic(cron="23 * * * *", periodic_id="purge_county_lists")
@app.task(queue="system", name="assistance.purge_county_lists", queueing_lock="assistance.purge_county_lists")
def purge_county_lists(timestamp: int) -> int:  # noqa: ARG001  # the worker says for which hour it asks
    """Every hour."""
    deployment.load()
    with as_system("清除过期的名单表格"):
        return purge_expired_lists()
