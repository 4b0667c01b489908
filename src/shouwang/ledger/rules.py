"""What an entry and a fund must be, before the database is asked. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.kernel import money

from .errors import EntryInvalid, FundRefuses

QUANTITY_MAX = money.FEN_MAX


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry: fen (or the unit's smallest part), debit positive."""

    account_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry to be posted. `source` names the record that causes it as "prefix:id"; `entry_id` may be client-made."""

    area_code: int
    occurred_on: date
    source: str
    memo: str
    lines: tuple[Line, ...]
    entry_id: UUID | None = None


def check_draft(draft: EntryDraft, *, today: date) -> None:
    """Raises EntryInvalid unless the draft has balanced lines on different accounts, a source, and a day that has come.

    The database goes further: it balances per fund and unit, and holds the entry to its accounts' areas.
    """
    accounts = {line.account_id for line in draft.lines}
    if len(draft.lines) < 2 or len(accounts) != len(draft.lines):
        raise EntryInvalid(_("一笔分录至少要有两个科目，每个科目只能出现一次"), source=draft.source)
    if any(line.quantity == 0 or abs(line.quantity) > QUANTITY_MAX for line in draft.lines):
        raise EntryInvalid(_("分录金额不能为零，也不能超出范围"), source=draft.source)
    if sum(line.quantity for line in draft.lines):
        raise EntryInvalid(_("分录借贷不平，未记账"), source=draft.source)
    prefix, separator, subject = draft.source.partition(":")
    if not (prefix and separator and subject) or len(draft.source) > 80:
        raise EntryInvalid(_("分录没有写明来源，未记账"), source=draft.source)
    if draft.occurred_on > today:
        raise EntryInvalid(
            _("业务日期 %(day)s 还没有到，不能记账") % {"day": draft.occurred_on.isoformat()}, source=draft.source
        )


@dataclass(frozen=True, slots=True)
class FundRules:
    """What may be paid from a fund: the programmes, and the highest single payment (None: no limit of its own)."""

    programmes: tuple[str, ...]
    single_limit_fen: int | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> FundRules:
        """Raises EntryInvalid on an unknown key, no programme, or a limit that is no positive amount."""
        programmes = stored.get("programmes")
        limit = stored.get("single_limit_fen")
        if (
            set(stored) - {"programmes", "single_limit_fen"}
            or not isinstance(programmes, list | tuple)
            or not programmes
        ):
            raise EntryInvalid(_("资金规则要写明可以用于哪些救助项目"))
        if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit <= 0):
            raise EntryInvalid(_("资金的单笔限额必须是正数"))
        return cls(programmes=tuple(str(programme) for programme in programmes), single_limit_fen=limit)

    def as_json(self) -> dict[str, object]:
        return {"programmes": list(self.programmes), "single_limit_fen": self.single_limit_fen}

    def allows(self, programme: str) -> bool:
        return programme in self.programmes

    def check(self, *, fund_name: str, programme: str, amount_fen: int) -> None:
        """Raises FundRefuses when the fund may not pay this."""
        if not self.allows(programme):
            raise FundRefuses(
                _("资金“%(fund)s”不能用于这个救助项目，请换一项资金") % {"fund": fund_name},
                reason="ledger.fund_programme",
                programme=programme,
            )
        if self.single_limit_fen is not None and amount_fen > self.single_limit_fen:
            raise FundRefuses(
                _("%(amount)s 元超过资金“%(fund)s”的单笔限额 %(limit)s 元，请调整金额或换一项资金")
                % {"amount": money.yuan(amount_fen), "fund": fund_name, "limit": money.yuan(self.single_limit_fen)},
                reason="ledger.fund_single_limit",
                amount_fen=amount_fen,
                limit_fen=self.single_limit_fen,
            )
