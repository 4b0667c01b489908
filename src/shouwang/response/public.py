"""What other apps may use of the response: documents, and the measures they obey."""

from .commands.documents import register_document
from .commands.measures import issue_measure, lift_measure
from .events import MeasureIssued, MeasureLifted
from .files import IncomingFile
from .kinds import MeasureKind, Parameter, Values, all_kinds, get_kind, register_kind
from .models import Document, Measure
from .queries.documents import get_document, list_documents
from .queries.measures import EffectiveMeasure, MeasureInForce, effective, measures_in_force

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
