"""What other apps may use of the response: documents, and the measures they obey."""

from .commands.documents import register_document
from .commands.measures import confirm_measure, lift_measure, receive_measure
from .commands.orders import (
    OrderDetails,
    PlannedMeasure,
    change_order,
    draft_order,
    drop_order,
    rehearse_order,
    sign_order,
)
from .events import MeasureIssued, MeasureLifted
from .files import IncomingFile
from .kinds import Effect, MeasureKind, Parameter, Rehearse, Target, Values, all_kinds, get_kind, register_kind
from .models import Document, Measure
from .queries.documents import get_document, list_documents
from .queries.measures import EffectiveMeasure, MeasureInForce, effective, effective_in, measures_in_force
from .states import WorkField

__all__ = [
    "Document",
    "Effect",
    "EffectiveMeasure",
    "IncomingFile",
    "Measure",
    "MeasureInForce",
    "MeasureIssued",
    "MeasureKind",
    "MeasureLifted",
    "OrderDetails",
    "Parameter",
    "PlannedMeasure",
    "Rehearse",
    "Target",
    "Values",
    "WorkField",
    "all_kinds",
    "change_order",
    "confirm_measure",
    "draft_order",
    "drop_order",
    "effective",
    "effective_in",
    "get_document",
    "get_kind",
    "lift_measure",
    "list_documents",
    "measures_in_force",
    "receive_measure",
    "register_document",
    "register_kind",
    "rehearse_order",
    "sign_order",
]
