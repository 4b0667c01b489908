"""What other apps may use of the response: documents, and the measures they obey."""

from .commands import issue_measure, lift_measure, register_document
from .events import MeasureIssued, MeasureLifted
from .files import IncomingFile
from .kinds import MeasureKind, Parameter, Values, all_kinds, get_kind, register_kind
from .models import Document, Measure
from .queries import EffectiveMeasure, MeasureInForce, effective, get_document, list_documents, measures_in_force

__all__ = [
    "Document",
    "EffectiveMeasure",
    "IncomingFile",
    "Measure",
    "MeasureInForce",
    "MeasureIssued",
    "MeasureKind",
    "MeasureLifted",
    "Parameter",
    "Values",
    "all_kinds",
    "effective",
    "get_document",
    "get_kind",
    "issue_measure",
    "lift_measure",
    "list_documents",
    "measures_in_force",
    "register_document",
    "register_kind",
]
