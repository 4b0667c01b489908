"""A paper as the answer to a request, with a name in Chinese that every browser keeps."""

from __future__ import annotations

import io
from collections.abc import Callable

from django.http import FileResponse
from django.utils.translation import gettext as _

from .. import clock
from ..errors import Invalid
from .paper import Paper
from .pdf import render_pdf
from .word import render_docx

PAPER_FORMATS: dict[str, tuple[Callable[[Paper], bytes], str]] = {
    "pdf": (render_pdf, "application/pdf"),
    "docx": (render_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


def paper_response(paper: Paper, file_format: str, *, name: str = "") -> FileResponse:
    """The paper as `name_YYYYMMDD.pdf` or `.docx` (its title without a name). Raises Invalid for any other format."""
    if file_format not in PAPER_FORMATS:
        raise Invalid(_("只能导出 PDF 或 Word 文件"), reason="export.format", format=file_format)
    render, content_type = PAPER_FORMATS[file_format]
    file_name = f"{name or paper.title}_{clock.today():%Y%m%d}.{file_format}"
    return FileResponse(io.BytesIO(render(paper)), as_attachment=True, filename=file_name, content_type=content_type)
