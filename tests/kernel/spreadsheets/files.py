"""Spreadsheet files as tests need them, made on the spot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

import openpyxl
import xlwt

from shouwang.kernel.spreadsheets import Column, Kind

COLUMNS = (
    Column("name", "姓名", ("户主姓名", "户主/姓名"), required=True, kind=Kind.NAME),
    Column("id_number", "身份证号", ("身份证号码", "公民身份号码"), required=True, kind=Kind.ID_NUMBER),
    Column("born_on", "出生日期", ("出生年月日",), kind=Kind.DATE),
    Column("amount", "金额", ("补助金额", "救助金额"), kind=Kind.AMOUNT),
    Column("account", "银行账号", ("一卡通账号",), kind=Kind.CODE),
    Column("is_dibao", "是否低保", kind=Kind.BOOLEAN),
    Column("remark", "备注", kind=Kind.TEXT),
)
HEADER = [column.label for column in COLUMNS]


def xlsx(rows: Iterable[Sequence[object]], *, merged: Iterable[str] = (), sheet: str = "救助名单") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(row)
    for area in merged:
        page.merge_cells(area)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xls(rows: Iterable[Sequence[object]], *, sheet: str = "救助名单") -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet(sheet)
    for row_index, row in enumerate(rows):
        for column_index, value in enumerate(row):
            if value is not None:
                page.write(row_index, column_index, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def ods(rows: Iterable[Sequence[object]], *, sheet: str = "救助名单", tail: str = "") -> bytes:
    """`tail` is XML after the last row."""
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
        f'<office:body><office:spreadsheet><table:table table:name="{sheet}">{body}{tail}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": manifest.encode(),
        }
    )


def _ods_cell(value: object) -> str:
    match value:
        case None:
            return "<table:table-cell/>"
        case int() | float():
            return (
                f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p>'
                "</table:table-cell>"
            )
        case _:
            text = escape(str(value))
            return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def zipped(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            method = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, method)
    return buffer.getvalue()


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    """The same zip with one member replaced or added."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    return zipped({**members, name: content})


def worksheet(rows: str) -> bytes:
    """A worksheet part around raw row XML."""
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    ).encode()
