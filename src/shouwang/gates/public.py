"""What other apps may use of the gates."""

from .commands.declarations import declare_health
from .commands.devices import EnrolmentRequest, create_enrolment_code, enrol_device
from .commands.estates import create_building, create_estate, create_gate, set_gate_status
from .commands.observations import take_observations
from .commands.passes import Named, issue_named_pass, passes_to_print, replace_pass
from .commands.registrations import (
    confirm_registration,
    end_registration,
    refuse_registration,
    register_by_resident,
    register_for_household,
)
from .commands.sent import SentMember, SentRegistration
from .commands.writer import close_phone_connections
from .queries.declarations import declaration_states
from .queries.passes import list_passes_for
from .queries.phones import authorised_phone
from .queries.registrations import resident_ids_for
from .rules.declarations import DeclaredHealth
from .states import (
    DenyReason,
    Direction,
    EstateKind,
    GateState,
    How,
    PassKind,
    Reason,
    RegistrationSource,
    Verdict,
)

__all__ = [
    "DeclaredHealth",
    "DenyReason",
    "Direction",
    "EnrolmentRequest",
    "EstateKind",
    "GateState",
    "How",
    "Named",
    "PassKind",
    "Reason",
    "RegistrationSource",
    "SentMember",
    "SentRegistration",
    "Verdict",
    "authorised_phone",
    "close_phone_connections",
    "confirm_registration",
    "create_building",
    "create_enrolment_code",
    "create_estate",
    "create_gate",
    "declaration_states",
    "declare_health",
    "end_registration",
    "enrol_device",
    "issue_named_pass",
    "list_passes_for",
    "passes_to_print",
    "refuse_registration",
    "register_by_resident",
    "register_for_household",
    "replace_pass",
    "resident_ids_for",
    "set_gate_status",
    "take_observations",
]
