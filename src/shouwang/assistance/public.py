"""What other apps may use of social assistance."""

from .bank_files import LineAnswer
from .commands.batches import approve_batch, approve_funds, confirm_townships, reconcile_batch, send_batch
from .commands.corrections import reverse_payment
from .commands.grants import ChangesMade, GrantChange, TakenOver, change_grants, take_over_grants
from .commands.history import PaidBefore, record_history, set_go_live
from .commands.parameters import decide_parameters, propose_parameters
from .commands.petty_reserve import fill_petty_reserve
from .commands.reissues import reissue_lines
from .commands.relief import (
    ReliefApplication,
    accept_case,
    approve_case,
    close_case,
    confirm_relief_first,
    create_relief_batch,
    end_notice,
    open_case,
    pay_cash,
    propose_relief_first,
    publish_notice,
    receive_papers,
    refuse_case,
    verify_case,
    withdraw_case,
)
from .commands.returns import receive_return
from .commands.runs import RunResult, run_month
from .queries.batches import get_batch_for, list_lines_for, part_states
from .queries.grants import list_grants_for
from .queries.parameter_changes import ProposedNotice, ProposedValue, values_of
from .queries.relief import list_cases_for
from .queries.runs import list_batches_for
from .rules.benefits.parameters import ParameterRow, read_parameters
from .rules.relief import AmountClaim
from .states import ChangeCause, GrantChangeKind, NoticeVerdict, Programme

__all__ = [
    "AmountClaim",
    "ChangeCause",
    "ChangesMade",
    "GrantChange",
    "GrantChangeKind",
    "LineAnswer",
    "NoticeVerdict",
    "PaidBefore",
    "ParameterRow",
    "Programme",
    "ProposedNotice",
    "ProposedValue",
    "ReliefApplication",
    "RunResult",
    "TakenOver",
    "accept_case",
    "approve_batch",
    "approve_case",
    "approve_funds",
    "change_grants",
    "close_case",
    "confirm_relief_first",
    "confirm_townships",
    "create_relief_batch",
    "decide_parameters",
    "end_notice",
    "fill_petty_reserve",
    "get_batch_for",
    "list_batches_for",
    "list_cases_for",
    "list_grants_for",
    "list_lines_for",
    "open_case",
    "part_states",
    "pay_cash",
    "propose_parameters",
    "propose_relief_first",
    "publish_notice",
    "read_parameters",
    "receive_papers",
    "receive_return",
    "reconcile_batch",
    "record_history",
    "refuse_case",
    "reissue_lines",
    "reverse_payment",
    "run_month",
    "send_batch",
    "set_go_live",
    "take_over_grants",
    "values_of",
    "verify_case",
    "withdraw_case",
]
