"""What other apps may use of the response: documents, the measures they obey, events, groups and tasks."""

from .commands.documents import register_document
from .commands.events import NewEvent, change_level, end_event, open_event
from .commands.groups import NewPlace, add_member, assign_line, end_member, form_groups
from .commands.measures import issue_measure, lift_measure
from .commands.tasks import NewTask, Recipient, Said, give_task, take_step
from .events import EventEnded, EventLevelChanged, EventOpened, MeasureIssued, MeasureLifted
from .files import IncomingFile
from .kinds import MeasureKind, Parameter, Values, all_kinds, get_kind, register_kind
from .models import Document, Event, Group, GroupMember, Measure, Task
from .queries.documents import get_document, list_documents
from .queries.events import events_open, get_event, list_events_for
from .queries.home import CommandPanel, command_panel_for
from .queries.measures import EffectiveMeasure, MeasureInForce, effective, measures_in_force

__all__ = [
    "CommandPanel",
    "Document",
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
    "Parameter",
    "Recipient",
    "Said",
    "Task",
    "Values",
    "add_member",
    "all_kinds",
    "assign_line",
    "change_level",
    "command_panel_for",
    "effective",
    "end_event",
    "end_member",
    "events_open",
    "form_groups",
    "get_document",
    "get_event",
    "get_kind",
    "give_task",
    "issue_measure",
    "lift_measure",
    "list_documents",
    "list_events_for",
    "measures_in_force",
    "open_event",
    "register_document",
    "register_kind",
    "take_step",
]
