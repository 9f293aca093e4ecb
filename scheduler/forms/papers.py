"""All papers of a campaign: for each class the sheets to sign, for each college what was reported wrong, one list."""

from collections.abc import Collection, Iterator

from scheduler.forms.check_table import check_table
from scheduler.forms.errors import error_summary
from scheduler.forms.listing import Listing
from scheduler.forms.listing_docx import listing_docx
from scheduler.forms.listing_xlsx import listing_xlsx
from scheduler.forms.naming import file_names
from scheduler.forms.sign_off import sign_off_pages
from scheduler.forms.sign_off_docx import sign_off_docx
from scheduler.forms.sign_off_xlsx import sign_off_xlsx
from scheduler.forms.standing import Format, Standing
from scheduler.forms.template import Template, filling
from scheduler.forms.unconfirmed import listing_csv, unconfirmed
from scheduler.forms.writing import words_of
from scheduler.roster import Student


def papers(at: Standing, formats: Collection[Format]) -> Iterator[tuple[str, bytes]]:
    """Every paper with the name of its file; the list of those who are not done also as CSV."""
    named = words_of("paper")["files"]
    labels = at.campaign.paper_labels
    for class_id, class_name in file_names({one: found.name for one, found in at.classes.items()}).items():
        members, its_class = at.members[class_id], at.classes[class_id]
        pages = sign_off_pages(
            at.campaign, its_class, members, at.states, item_labels=labels, made_at=at.made_at, head=at.head
        )
        name = named["sign_off"].format(class_name=class_name)
        if Format.XLSX in formats:
            yield f"{name}.xlsx", sign_off_xlsx(pages, made_at=at.made_at)
        if Format.DOCX in formats:
            yield f"{name}.docx", sign_off_docx(pages, made_at=at.made_at)
        table = check_table(at.campaign, its_class, members, at.states)
        yield from _written(at, table, named["check_table"].format(class_name=class_name), formats)
    yield from _of_colleges(at, formats)
    everybody = [student for own in at.members.values() for student in own]
    owing = unconfirmed(at.campaign, at.classes, everybody, at.states, made_at=at.made_at)
    yield from _written(at, owing, named["unconfirmed"], formats)
    yield f"{named['unconfirmed']}.csv", listing_csv(owing, made_at=at.made_at, head=at.head)


def filled_templates(at: Standing, template: Template, name: str) -> Iterator[tuple[str, bytes]]:
    """The office's own file, `name`, for every class; several files where a class has more students than it places."""
    named = words_of("paper")["files"]
    for class_id, class_name in file_names({one: found.name for one, found in at.classes.items()}).items():
        members = at.members[class_id]
        step = template.places or max(len(members), 1)
        firsts = range(0, max(len(members), 1), step)
        for number, first in enumerate(firsts, start=1):
            values = filling(
                at.campaign,
                at.classes[class_id],
                members[first : first + step],
                at.states,
                size=len(members),
                first=first + 1,
                made_at=at.made_at,
                head=at.head,
            )
            file = named["template"].format(template=name, class_name=class_name)
            file = named["part"].format(name=file, number=number) if len(firsts) > 1 else file
            yield f"{file}{template.suffix}", template.fill(values, at.made_at)


def _of_colleges(at: Standing, formats: Collection[Format]) -> Iterator[tuple[str, bytes]]:
    by_college: dict[str, list[Student]] = {found.college: [] for found in at.classes.values()}
    for class_id, members in at.members.items():
        by_college[at.classes[class_id].college].extend(members)
    for college, label in file_names({college: college for college in by_college}).items():
        summary = error_summary(at.campaign, college, at.classes, by_college[college], at.states)
        name = words_of("paper")["files"]["errors"].format(college=label)
        yield from _written(at, summary, name, formats)


def _written(at: Standing, listing: Listing, name: str, formats: Collection[Format]) -> Iterator[tuple[str, bytes]]:
    if Format.XLSX in formats:
        yield f"{name}.xlsx", listing_xlsx(listing, made_at=at.made_at, head=at.head)
    if Format.DOCX in formats:
        yield f"{name}.docx", listing_docx(listing, made_at=at.made_at, head=at.head)
