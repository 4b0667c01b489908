"""Refusals of assistance that other code tells apart."""

from __future__ import annotations

from shouwang.kernel.errors import Conflict


class AlreadyPayable(Conflict):
    """The subject is owed this programme, month and reason already; `payable_id` names the row."""

    code = "payable.exists"


class AlreadyPaying(Conflict):
    """The payable has an attempt that is open or succeeded; a second would pay twice."""

    code = "attempt.exists"


class DuplicateCause(Conflict):
    """The applicant was helped for the same cause within the period of the rule; `case_id` names that case."""

    code = "relief.duplicate_cause"


class ReliefChanged(Conflict):
    """The case moved on since it was shown: who, when and what stand in the data."""

    code = "relief.changed"


class NotInForce(Conflict):
    """The step rests on a measure that is not in force here today."""

    code = "relief.not_in_force"
