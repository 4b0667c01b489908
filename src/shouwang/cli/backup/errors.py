"""What keeps a backup from being made, read or restored."""


class BackupError(RuntimeError):
    """Refused or broken; nothing was changed. The message says what, and what to do next, in one line."""
