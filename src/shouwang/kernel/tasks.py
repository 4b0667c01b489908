"""Work of the kernel that repeats: sealing the audit."""

from __future__ import annotations

from procrastinate.contrib.django import app

from . import audit, deployment


@app.periodic(cron="* * * * *", periodic_id="seal_audit")
@app.task(queue="system", name="kernel.seal_audit", queueing_lock="kernel.seal_audit")
def seal_audit(timestamp: int) -> int:  # noqa: ARG001  # the worker says for which minute it asks
    """Every minute. Leaves no audit entry of its own: the block is its record, and an entry would want a seal again."""
    deployment.load()
    return audit.seal()
