"""The list of those in a campaign who are not done, for staff: who, of which class, and where it stands."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from scheduler.campaigns import DONE, NOTHING_YET, Campaign, StudentState, is_exempt
from scheduler.evidence import Head
from scheduler.forms.listing import Listing
from scheduler.forms.writing import as_of, moment_values, starts_a_formula, words_of
from scheduler.roster import SchoolClass, Student

_WIDTHS = (26, 18, 20, 22)


def unconfirmed(
    campaign: Campaign,
    classes: Mapping[str, SchoolClass],
    members: Iterable[Student],
    states: Mapping[str, StudentState],
    *,
    made_at: datetime,
) -> Listing:
    """The list by class and student number; `classes` by id, `states` by sid. The exempt are not in it."""
    words = words_of("unconfirmed")
    return Listing(
        sheet=words["sheet"],
        title=words["title"].format(title=campaign.title, **moment_values(made_at)),
        columns=tuple(words["columns"]),
        widths=_WIDTHS,
        rows=tuple(_lines(campaign, classes, members, states)),
    )


def listing_csv(listing: Listing, *, made_at: datetime, head: Head | None = None) -> bytes:
    """A list as CSV in UTF-8 with a mark that Excel needs; what begins like a formula gets an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for line in ((listing.title,), listing.columns, *listing.rows, (as_of(made_at, head),)):
        writer.writerow([f"'{text}" if starts_a_formula(text) else text for text in line])
    return out.getvalue().encode("utf-8-sig", errors="replace")


def _lines(
    campaign: Campaign,
    classes: Mapping[str, SchoolClass],
    members: Iterable[Student],
    states: Mapping[str, StudentState],
) -> Iterator[tuple[str, ...]]:
    words = words_of("unconfirmed")
    says, signed = words["states"], words["signed"]
    for student in sorted(members, key=lambda one: (classes[one.class_id].order, one.number)):
        state = states.get(student.sid, NOTHING_YET)
        if state.counted not in DONE and not is_exempt(campaign, student.status, state):
            stands = says[state.counted] + (signed if state.signed_at is not None else "")
            stands += words["claimed"] if state.counted is not state.state else ""
            yield classes[student.class_id].name, student.number, student.name, stands
