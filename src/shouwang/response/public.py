"""What other apps may use of the response: documents, the measures they obey, events, groups and tasks."""

from .commands.documents import register_document
from .commands.events import NewEvent, change_level, end_event, open_event
from .commands.groups import NewPlace, add_member, assign_line, end_member, form_groups
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
from .commands.tasks import NewTask, Recipient, Said, give_task, take_step
from .events import EventEnded, EventLevelChanged, EventOpened, MeasureIssued, MeasureLifted
from .files import IncomingFile
from .kinds import Effect, MeasureKind, Parameter, Rehearse, Target, Values, all_kinds, get_kind, register_kind
from .models import Document, Event, Group, GroupMember, Measure, Task
from .queries.documents import get_document, list_documents
from .queries.events import events_open, get_event, list_events_for
from .queries.home import CommandPanel, command_panel_for
from .queries.measures import EffectiveMeasure, MeasureInForce, effective, effective_in, measures_in_force
from .states import WorkField

__all__ = [
    "CommandPanel",
    "Document",
    "Effect",
    "EffectiveMeasure",
    "Event",
    "EventEnded",
    "EventLevelChanged",
    "EventOpened",
    "Group",
    "GroupMember",
    "IncomingFile",
    "Measure",
    "MeasureInForce",
    "MeasureIssued",
    "MeasureKind",
    "MeasureLifted",
    "NewEvent",
    "NewPlace",
    "NewTask",
    "OrderDetails",
    "Parameter",
    "PlannedMeasure",
    "Recipient",
    "Rehearse",
    "Said",
    "Target",
    "Task",
    "Values",
    "WorkField",
    "add_member",
    "all_kinds",
    "assign_line",
    "change_level",
    "change_order",
    "command_panel_for",
    "confirm_measure",
    "draft_order",
    "drop_order",
    "effective",
    "effective_in",
    "end_event",
    "end_member",
    "events_open",
    "form_groups",
    "get_document",
    "get_event",
    "get_kind",
    "give_task",
    "lift_measure",
    "list_documents",
    "list_events_for",
    "measures_in_force",
    "open_event",
    "receive_measure",
    "register_document",
    "register_kind",
    "rehearse_order",
    "sign_order",
    "take_step",
]
