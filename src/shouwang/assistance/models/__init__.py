"""Assistance 救助: grants, runs, payables and their payment, relief cases.

Three doors lead into payment, and no fourth: taken-over recipients, history before go-live, a case.
"""

from .banking import BankArrangement, CardAgreement, MonthClosing
from .death_lists import DeathList
from .doors import CountyList
from .grants import AreaGoLive, Grant, GrantAmount, GrantPerson, PostponedReview, ReviewSettlement
from .group_lists import GroupList, GroupListPerson
from .overpayments import Overpayment, OverpaymentStep
from .parameters import ParameterDecision, ParameterNotice, ParameterValue
from .payments import (
    BatchMove,
    BatchPart,
    BenefitRun,
    Payable,
    PayablePerson,
    PaymentAttempt,
    PaymentBatch,
    PaymentOutcome,
)
from .publications import Publication
from .recalculations import Recalculation, RecalculationLine, RecalculationOmission
from .relief import CaseMove, ReliefCase, ReliefPerson
from .runs import RunFile, RunLine, RunRecord

__all__ = [
    "AreaGoLive",
    "BankArrangement",
    "BatchMove",
    "BatchPart",
    "BenefitRun",
    "CardAgreement",
    "CaseMove",
    "CountyList",
    "DeathList",
    "Grant",
    "GrantAmount",
    "GrantPerson",
    "GroupList",
    "GroupListPerson",
    "MonthClosing",
    "Overpayment",
    "OverpaymentStep",
    "ParameterDecision",
    "ParameterNotice",
    "ParameterValue",
    "Payable",
    "PayablePerson",
    "PaymentAttempt",
    "PaymentBatch",
    "PaymentOutcome",
    "PostponedReview",
    "Publication",
    "Recalculation",
    "RecalculationLine",
    "RecalculationOmission",
    "ReliefCase",
    "ReliefPerson",
    "ReviewSettlement",
    "RunFile",
    "RunLine",
    "RunRecord",
]
