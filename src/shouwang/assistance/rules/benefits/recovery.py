"""What was paid too much after a death: months whose first day came after it. Pure; the decision to recover is an officer's.

A month is owed to whoever lived on its first day. So an advance payment of February made in January is too much when the
person died on 28 January, and not when on 1 February.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date


def overpaid_after_death(paid_fen: Mapping[date, int], died_on: date) -> dict[date, int]:
    """Of what was paid for one person, by benefit month (its first day): the months after the death, the oldest first."""
    return {month: fen for month, fen in sorted(paid_fen.items()) if died_on < month and fen > 0}
