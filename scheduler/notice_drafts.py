"""What a draft of a notice may be, and how it is changed. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from scheduler.messages import Link
from scheduler.notices import Form, NotAllowed, Notice, NoticeStatus, Question, ReadLevel

MOST_TITLE = 30
MOST_TEXT = 1_500
MOST_TEXT_WITH_FILE = 800
"""Characters: beside a file Telegram takes 1,024 with everything that stands around the words."""

MOST_QUESTIONS, MOST_OPTIONS, MOST_LABEL, MOST_LINKS = 5, 6, 20, 3
_UNFIT = re.compile(r"[\u3010\u3011\r\n]")
_PAGE = re.compile(r"https://[\w-]+(\.[\w-]+)+(/[!-~]*)?", re.ASCII)
MOST_FILE_BYTES = 10 * 1024 * 1024


class Fault(StrEnum):
    """What is wrong with a draft."""

    NO_TITLE = "no-title"
    LONG_TITLE = "long-title"
    BAD_TITLE = "bad-title"
    """It has brackets, among which it stands itself, or more than one line."""
    NO_TEXT = "no-text"
    LONG_TEXT = "long-text"
    NO_QUESTIONS = "no-questions"
    QUESTIONS_UNASKED = "questions-unasked"
    """There are questions and nobody is asked to answer."""
    BAD_QUESTION = "bad-question"
    BAD_LINK = "bad-link"
    BAD_FILES = "bad-files"
    """More than one picture, or more than one other file."""
    NO_AUDIENCE = "no-audience"


Drafted = Notice | tuple[Fault, ...] | NotAllowed
"""What becomes of a draft: it is kept, all that is wrong with it, or why nothing is done."""

_OWN = {Form.CORRECTION: {"text"}, Form.NUDGE: set[str]()}
"""What of a notice about another one is its own."""


def faults(notice: Notice) -> tuple[Fault, ...]:
    """Everything that is wrong with a draft."""
    most = MOST_TEXT_WITH_FILE if notice.files else MOST_TEXT
    asks = notice.level is ReadLevel.ANSWER
    wrong = {
        Fault.NO_TITLE: not notice.title.strip(),
        Fault.LONG_TITLE: len(notice.title) > MOST_TITLE,
        Fault.BAD_TITLE: _UNFIT.search(notice.title.strip()) is not None,
        Fault.NO_TEXT: not notice.text.strip(),
        Fault.LONG_TEXT: len(notice.text) > most,
        Fault.NO_QUESTIONS: asks and not notice.questions,
        Fault.QUESTIONS_UNASKED: bool(notice.questions) and not asks,
        Fault.BAD_QUESTION: len(notice.questions) > MOST_QUESTIONS or not all(map(_can_be_asked, notice.questions)),
        Fault.BAD_LINK: len(notice.links) > MOST_LINKS or not all(map(_can_be_opened, notice.links)),
        Fault.BAD_FILES: len({file.is_picture for file in notice.files}) < len(notice.files),
        Fault.NO_AUDIENCE: notice.audience.is_nobody,
    }
    return tuple(fault for fault, is_so in wrong.items() if is_so)


def edited(notice: Notice, said: Mapping[str, Any], *, by: str, revision: int) -> Drafted:
    """A draft after `said` (fields of a notice) was changed in it, as it was at `revision`; or all that is wrong then.

    A large one is then released by somebody else than who changed it last.
    """
    if notice.status is not NoticeStatus.DRAFT:
        return NotAllowed.RELEASED
    if notice.revision != revision:
        return NotAllowed.CHANGED
    if not set(said) <= _OWN.get(notice.form, set(said)):
        return NotAllowed.NOT_ITS_OWN
    changed = replace(notice, **said, changed_by=by, revision=revision + 1)
    return faults(changed) or changed


def _can_be_asked(question: Question) -> bool:
    options = question.options
    distinct = len(set(options)) == len(options) and 1 < len(options) <= MOST_OPTIONS
    return bool(question.text.strip()) and distinct and all(0 < len(option.strip()) <= MOST_LABEL for option in options)


def _can_be_opened(link: Link) -> bool:
    return 0 < len(link.label.strip()) <= MOST_LABEL and _PAGE.fullmatch(link.url) is not None
