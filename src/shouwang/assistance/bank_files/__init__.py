"""What goes to the bank and what comes back: one file per bank profile, and the table of them.

The file of a batch is made from its lines and their accounts only, which never change; the fingerprint of the lines is
kept with the batch (`lines_fingerprint`), whichever profile carried them.
"""

from __future__ import annotations

from typing import BinaryIO

from django.utils.translation import gettext as _

from shouwang.kernel.errors import Invalid

from .base import BankProfile, LineAnswer, OutLine, OutList, Payer, ReceivedFile, ReturnFile, fingerprint
from .counter_csv import CounterCsv
from .generic_csv import GenericCsv
from .generic_xlsx import GenericXlsx
from .iso20022 import Iso20022
from .sheets import BACK_COLUMNS, OUT_COLUMNS, answer_rows, csv_bytes

__all__ = [
    "BACK_COLUMNS",
    "DEFAULT_PROFILE",
    "OUT_COLUMNS",
    "PROFILES",
    "BankProfile",
    "LineAnswer",
    "OutLine",
    "OutList",
    "Payer",
    "ReceivedFile",
    "ReturnFile",
    "answer_rows",
    "fingerprint",
    "generic_csv",
    "lines_fingerprint",
    "profile_choices",
    "profile_of",
    "read_return",
]

PROFILES: dict[str, BankProfile] = {
    profile.key: profile for profile in (GenericXlsx(), GenericCsv(), CounterCsv(), Iso20022())
}
DEFAULT_PROFILE = GenericXlsx.key


def profile_of(key: str) -> BankProfile:
    """Raises Invalid for a profile that nobody wrote."""
    if key not in PROFILES:
        raise Invalid(_("没有这种代发文件格式：%(key)s") % {"key": key[:40]}, reason="bank_file.profile")
    return PROFILES[key]


def profile_choices() -> list[tuple[str, str]]:
    return [(profile.key, profile.label) for profile in PROFILES.values()]


def generic_csv(out: OutList) -> bytes:
    """The lines in the plainest form, whatever the unit's bank takes."""
    return csv_bytes(out)


def lines_fingerprint(out: OutList) -> bytes:
    """Of the list's lines, whatever file they travel in: a workbook carries the hour it was written, its rows do not."""
    return fingerprint(generic_csv(out))


def read_return(file: BinaryIO, file_name: str, *, profile: str = DEFAULT_PROFILE) -> ReturnFile:
    """The bank's answers of a file. `profile` is what the list left in; a bank that answers in another form is read
    by the profile that knows that form. Raises Invalid, and then nothing has been taken."""
    received = ReceivedFile(file_name, file.read())
    preferred = profile_of(profile)
    candidates = [PROFILES[Iso20022.key], preferred, *PROFILES.values()]
    reader = next((one for one in candidates if one.recognises(received)), preferred)
    return reader.read(received)
