"""Steps of a relief case, each one command; `moving` is the only place where a case changes state."""

from .checking import end_notice, publish_notice, send_back, verify_case
from .deciding import approve_case, confirm_relief_first, propose_relief_first, refuse_case, township_limit
from .opening import ReliefApplication, accept_case, open_case, withdraw_case
from .paying import close_case, create_relief_batch, pay_cash, receive_papers, settle_bank_payments
from .revealing import reveal_applicant

__all__ = [
    "ReliefApplication",
    "accept_case",
    "approve_case",
    "close_case",
    "confirm_relief_first",
    "create_relief_batch",
    "end_notice",
    "open_case",
    "pay_cash",
    "propose_relief_first",
    "publish_notice",
    "receive_papers",
    "refuse_case",
    "reveal_applicant",
    "send_back",
    "settle_bank_payments",
    "township_limit",
    "verify_case",
    "withdraw_case",
]
