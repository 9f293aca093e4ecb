"""One paper of one class, for whoever answers for it."""

from scheduler.forms.listing_xlsx import listing_xlsx
from scheduler.forms.naming import file_names
from scheduler.forms.sign_off import sign_off_pages
from scheduler.forms.sign_off_xlsx import sign_off_xlsx
from scheduler.forms.standing import Paper, Standing
from scheduler.forms.unconfirmed import unconfirmed
from scheduler.forms.writing import words_of


def paper_of_class(at: Standing, paper: Paper) -> tuple[str, bytes]:
    """The paper of the only class of a standing as XLSX, with the name of its file."""
    named = words_of("paper")["files"]
    ((class_id, found),) = at.classes.items()
    ((_, class_name),) = file_names({class_id: found.name}).items()
    if paper is Paper.SIGN_OFF:
        labels = at.campaign.paper_labels
        pages = sign_off_pages(
            at.campaign, found, at.members[class_id], at.states, item_labels=labels, made_at=at.made_at, head=at.head
        )
        return f"{named['sign_off'].format(class_name=class_name)}.xlsx", sign_off_xlsx(pages, made_at=at.made_at)
    owing = unconfirmed(at.campaign, at.classes, at.members[class_id], at.states, made_at=at.made_at)
    name = f"{named['unconfirmed']}-{class_name}.xlsx"
    return name, listing_xlsx(owing, made_at=at.made_at, head=at.head)
