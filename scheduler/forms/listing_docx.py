"""A list as a Word document."""

from datetime import datetime

from scheduler.evidence import Head
from scheduler.forms.listing import Listing
from scheduler.forms.word import Box, Line, Page, Run, Table, document
from scheduler.forms.writing import as_of


def listing_docx(listing: Listing, *, made_at: datetime, head: Head | None = None) -> bytes:
    """The list as DOCX, ready for A4, with 内部 on every page."""
    rows = [[Box(runs=(Run(text=text, bold=True),)) for text in listing.columns]]
    rows += [[Box(runs=(Run(text=text),), centred=False) for text in cells] for cells in listing.rows]
    small = Line(runs=(Run(text=as_of(made_at, head), size=9),))
    page = Page(
        blocks=(
            Line(runs=(Run(text=listing.title, size=16),), centred=True),
            *(Line(runs=(Run(text=line),)) for line in listing.above),
            Table(widths=listing.widths, rows=rows, heads=1, height_mm=10 if listing.tall else 6),
            *(Line(runs=(Run(text=line),)) for line in listing.below),
            small,
        )
    )
    return document([page], landscape=listing.landscape, made_at=made_at)
