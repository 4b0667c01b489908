"""What other apps may use of the gates."""

from .commands.declarations import declare_health
from .commands.estates import create_building, create_estate, create_gate, set_gate_status
from .commands.passes import Named, issue_named_pass, passes_to_print, replace_pass
from .commands.registrations import (
    SentMember,
    SentRegistration,
    confirm_registration,
    end_registration,
    refuse_registration,
    register_by_resident,
    register_for_household,
)
from .queries.declarations import declaration_states
from .queries.passes import list_passes_for
from .queries.registrations import resident_ids_for
from .rules.declarations import DeclaredHealth
from .states import DenyReason, EstateKind, GateState, PassKind, RegistrationSource

__all__ = [
    "DeclaredHealth",
    "DenyReason",
    "EstateKind",
    "GateState",
    "Named",
    "PassKind",
    "RegistrationSource",
    "SentMember",
    "SentRegistration",
    "confirm_registration",
    "create_building",
    "create_estate",
    "create_gate",
    "declaration_states",
    "declare_health",
    "end_registration",
    "issue_named_pass",
    "list_passes_for",
    "passes_to_print",
    "refuse_registration",
    "register_by_resident",
    "register_for_household",
    "replace_pass",
    "resident_ids_for",
    "set_gate_status",
]
