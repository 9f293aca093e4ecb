"""The office's own file, opened by what it is."""

import warnings
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from docx.opc.exceptions import OpcError

from scheduler.forms.template import Template, TemplateFault
from scheduler.forms.template_docx import DocxTemplate
from scheduler.forms.template_xlsx import XlsxTemplate

_DAMAGED = (BadZipFile, OpcError, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OSError)
"""What the libraries raise over a file that is not what it seems; faulty XML is a SyntaxError."""


class NotATemplate(Exception):
    """The file is neither a workbook nor a Word document that can be opened."""


def open_template(data: bytes) -> Template | tuple[TemplateFault, ...]:
    """The template, or all that is wrong with it: one that has any fault is not filled. NotATemplate if it is none."""
    try:
        with ZipFile(BytesIO(data)) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a library does not keep
            kind = XlsxTemplate if "xl/workbook.xml" in archive.namelist() else DocxTemplate
            template = kind(data)
            faults = template.faults()
    except _DAMAGED as why:
        raise NotATemplate from why
    return tuple(faults) or template
