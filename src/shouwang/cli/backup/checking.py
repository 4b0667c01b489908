"""Reading a backup through without a server: is it whole, and could it be restored here?"""

from dataclasses import dataclass
from pathlib import Path

from shouwang.kernel.terminal import ReportProgress

from . import keys, script
from .archive import Archive, open_archive


@dataclass(frozen=True)
class Checked:
    """A backup whose every byte and row count is what its manifest says."""

    archive: Archive
    missing_keys: list[str]

    def as_data(self) -> dict[str, object]:
        manifest = self.archive.manifest
        return {
            "file": str(self.archive.path),
            "whole": True,
            "fingerprint": self.archive.seal,
            "made_at": manifest["made_at"],
            "shouwang": manifest["shouwang"],
            "server": manifest["server"],
            "tables": len(manifest["tables"]),
            "rows": sum(manifest["tables"].values()),
            "keys": [key["id"] for key in manifest["keys"]["ring"]],
            "missing_keys": self.missing_keys,
            "audit": manifest["audit"],
        }


def check(path: Path, report: ReportProgress) -> Checked:
    """Reads everything. Raises BackupError for the first thing that is not what was written."""
    archive = open_archive(path)
    for _line in script.lines(archive, script.Counted(), report):
        pass
    return Checked(archive, keys.missing(archive.manifest["keys"]))
