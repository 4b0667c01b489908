from .devices import Device, DeviceReport, EnrolmentCode
from .estates import Building, Estate, Gate, GateStatus
from .observations import HeldBatch, IngestAlarm, Observation, PassageCount, VisitorEntry
from .passes import DenialProposal, Pass, PassDenial, SigningKey
from .registrations import HealthDeclaration, PublicCount, Registration, Resident
from .sheets import RegistrationSheet

__all__ = [
    "Building",
    "DenialProposal",
    "Device",
    "DeviceReport",
    "EnrolmentCode",
    "Estate",
    "Gate",
    "GateStatus",
    "HealthDeclaration",
    "HeldBatch",
    "IngestAlarm",
    "Observation",
    "Pass",
    "PassDenial",
    "PassageCount",
    "PublicCount",
    "Registration",
    "RegistrationSheet",
    "Resident",
    "SigningKey",
    "VisitorEntry",
]
