from .documents import Document, DocumentFile
from .events import Event, EventMove
from .groups import Group, GroupLine, GroupMember
from .measures import Measure, MeasureEnd
from .tasks import Assignment, AssignmentFile, AssignmentMove, Task

__all__ = [
    "Assignment",
    "AssignmentFile",
    "AssignmentMove",
    "Document",
    "DocumentFile",
    "Event",
    "EventMove",
    "Group",
    "GroupLine",
    "GroupMember",
    "Measure",
    "MeasureEnd",
    "Task",
]
