from .documents import Document, DocumentFile, DocumentReceipt
from .events import Event, EventMove
from .groups import Group, GroupLine, GroupMember
from .measures import Measure, MeasureEnd, SiteReceipt
from .orders import Order, OrderItem
from .tasks import Assignment, AssignmentFile, AssignmentMove, Task

__all__ = [
    "Assignment",
    "AssignmentFile",
    "AssignmentMove",
    "Document",
    "DocumentFile",
    "DocumentReceipt",
    "Event",
    "EventMove",
    "Group",
    "GroupLine",
    "GroupMember",
    "Measure",
    "MeasureEnd",
    "Order",
    "OrderItem",
    "SiteReceipt",
    "Task",
]
