"""A list as a file: xlsx or csv, streamed, with a name in Chinese that every browser keeps."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from . import clock
from .errors import Invalid
from .spreadsheets import Column, write_csv, write_xlsx
from .spreadsheets.reading import Value


def table_download(
    title: str, columns: Sequence[Column], rows: Iterable[Mapping[str, Value]], file_format: str
) -> HttpResponseBase:
    """The rows as `title_YYYYMMDD.xlsx` or `.csv`. Raises Invalid for any other format.

    The rows are read while the request's scope is on the connection; a csv of a whole city is written to disk first for
    the same reason.
    """
    name = f"{title}_{clock.today():%Y%m%d}.{file_format}"
    if file_format not in ("xlsx", "csv"):
        raise Invalid(_("只能导出 xlsx 或 csv"), reason="export.format", format=file_format)
    with ExitStack() as if_it_fails:
        file = if_it_fails.enter_context(tempfile.TemporaryFile())
        if file_format == "xlsx":
            write_xlsx(file, columns, rows, sheet_name=title[:31])
        else:
            for piece in write_csv(columns, rows):
                file.write(piece)
        file.seek(0)
        if_it_fails.pop_all()  # from here on the response closes it
    return FileResponse(file, as_attachment=True, filename=name)
