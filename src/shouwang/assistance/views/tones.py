"""How the states of lists and lines feel on a page: see docs/pages.md."""

from __future__ import annotations

from ..states import AttemptState, BatchState

BATCH_TONES: dict[str, str] = {
    BatchState.DRAFTED: "waiting",
    BatchState.TOWNSHIP_CONFIRMED: "waiting",
    BatchState.COUNTY_APPROVED: "waiting",
    BatchState.FINANCE_APPROVED: "waiting",
    BatchState.SENT: "progress",
    BatchState.RETURNED: "progress",
    BatchState.RECONCILED: "done",
    BatchState.VOIDED: "stopped",
}
ATTEMPT_TONES: dict[str, str] = {
    AttemptState.OPEN: "progress",
    AttemptState.SUCCEEDED: "done",
    AttemptState.RETURNED: "overdue",
    AttemptState.REVERSED: "stopped",
    AttemptState.CANCELLED: "stopped",
}
