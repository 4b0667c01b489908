"""What the gates refuse, beyond the kernel's own errors."""

from __future__ import annotations

from typing import ClassVar

from shouwang.kernel.errors import DomainError, Invalid


class PassRefused(Invalid):
    """A text is no pass of ours, or not one that holds now; `reason` is `pass.<why>` (see rules.codec)."""

    code = "pass_refused"


class DeviceRefused(DomainError):
    """The device is not known, revoked, told to wipe itself, or has no right to this call."""

    code: ClassVar[str] = "device_refused"
    status: ClassVar[int] = 401


class Busy(DomainError):
    """The queue is full: send again after `retry_after_s` seconds; nothing of this batch was taken."""

    code: ClassVar[str] = "busy"
    status: ClassVar[int] = 503


class NotReady(DomainError):
    """The server cannot do it yet; somebody has to do something else first, as the message says."""

    code: ClassVar[str] = "not_ready"
    status: ClassVar[int] = 503


class TooMany(DomainError):
    """A public page was asked too often from one address, or about one thing; `hour` is when it counts anew."""

    code: ClassVar[str] = "too_many"
    status: ClassVar[int] = 429
