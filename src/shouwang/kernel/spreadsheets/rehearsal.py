"""Opens an .xls file in a process of its own first.

The parser trusts lengths and chains inside this old format; a damaged file can make it ask for endless memory, which
ends the whole process. What a child with bounded memory and time has read to the end, this process can read too.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Final

from .container import broken

_MEMORY_BYTES: Final = 2 << 30
_TIMEOUT_SECONDS: Final = 60
_CHILD: Final = f"""
import io, resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY_BYTES}, {_MEMORY_BYTES}))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from python_calamine import CalamineWorkbook, PasswordError
try:
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
except PasswordError:
    sys.exit(0)
for name in book.sheet_names:
    book.get_sheet_by_name(name)
"""


def rehearse(data: bytes) -> None:
    """Raises Invalid if the child could not read the file; a file with a password passes, its own error comes later."""
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter with our own text
            [sys.executable, "-I", "-c", _CHILD], input=data, capture_output=True, timeout=_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise broken() from None
    if child.returncode != 0:
        raise broken()
