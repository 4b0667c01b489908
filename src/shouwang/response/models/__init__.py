from .documents import Document, DocumentFile
from .measures import Measure, MeasureEnd

__all__ = ["Document", "DocumentFile", "Measure", "MeasureEnd"]
