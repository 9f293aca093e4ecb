"""The office's own file, filled in: what may stand in double braces, what is wrong with it, what takes its place.

`{{班级}}` is one thing for the whole paper. `{{学号}}` is one student's: its row is repeated for everybody.
`{{学号17}}` is the student of the seventeenth place, where a file has its places printed. The words are in
`template.toml`; the readers of the two kinds of file are `template_xlsx` and `template_docx`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Protocol

from scheduler.campaigns import NOTHING_YET, Campaign, Owner, StudentState
from scheduler.evidence import Head
from scheduler.forms.sign_off import mark
from scheduler.forms.writing import as_of, words_of
from scheduler.roster import SchoolClass, Student

PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NUMBERED = re.compile(r"(.*?)\s*([0-9]{1,3})")
_HALF = re.compile(r"\{\{|\}\}")


class Why(StrEnum):
    """What is wrong with something in double braces; the words for it are in `template.toml`."""

    UNKNOWN = "unknown"
    UNCLOSED = "unclosed"
    FORMULA = "formula"
    SPLIT = "split"
    NO_ROW = "no_row"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFault:
    """One fault, with where it stands in the file as a person finds it there."""

    where: str
    written: str
    why: Why

    def __str__(self) -> str:
        words = words_of("template")
        known = "".join(f"{{{{{word}}}}}" for word in (*words["once"].values(), *words["each"].values()))
        return str(words["faults"][self.why].format(where=self.where, written=self.written, known=known))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Something in double braces: its word, and the place it is numbered for (0: none)."""

    word: str
    place: int
    written: str

    @property
    def is_one_students(self) -> bool:
        """Whether it stands for something of one student."""
        return self.word in words_of("template")["each"].values()

    @property
    def repeats_its_row(self) -> bool:
        """Whether its row is to be there for every student."""
        return self.is_one_students and self.place == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What takes the place of the braces, by the words in them: for the paper, and for each student in order."""

    once: Mapping[str, str]
    each: Sequence[Mapping[str, str]]

    def value(self, mention: Mention, student: Mapping[str, str] | None) -> str:
        """What stands there; `student` is the one whose row it is. Nothing where there are fewer students."""
        if not mention.is_one_students:
            return self.once[mention.word]
        if mention.place:
            student = self.each[mention.place - 1] if mention.place <= len(self.each) else None
        return student[mention.word] if student is not None else ""

    def filled(self, text: str, student: Mapping[str, str] | None = None) -> str:
        """The text with every placeholder replaced."""
        return PLACEHOLDER.sub(lambda found: self.value(_mention(found), student), text)


class Template(Protocol):
    """A file of the office in which every placeholder is known."""

    suffix: str
    """How the name of a filled file ends: `.xlsx` or `.docx`."""
    places: int
    """For how many students it has numbered places; 0 where rows are repeated for as many as there are."""

    def fill(self, filling: Filling, made_at: datetime) -> bytes:
        """The file, filled. The same filling and moment give the same bytes."""


def mentions(text: str) -> list[Mention]:
    """Everything in double braces."""
    return [_mention(found) for found in PLACEHOLDER.finditer(text)]


def faults_of(text: str, where: str) -> Iterator[TemplateFault]:
    """What of a text cannot be filled: words that are not known, and braces without their other half."""
    known = _known()
    for mention in mentions(text):
        numbers_nobody = mention.place and not mention.is_one_students
        if mention.word not in known or numbers_nobody:
            yield TemplateFault(where=where, written=mention.written, why=Why.UNKNOWN)
    if _HALF.search(PLACEHOLDER.sub("", text)):
        yield TemplateFault(where=where, written=text.strip()[:30], why=Why.UNCLOSED)


def mixed(found: Iterable[tuple[str, Mention]]) -> Iterator[TemplateFault]:
    """The numbered ones as faults, where others repeat their row; `found` are places in the file and what is there."""
    own = [(where, mention) for where, mention in found if mention.is_one_students]
    if any(mention.repeats_its_row for _, mention in own):
        for where, mention in own:
            if mention.place:
                yield TemplateFault(where=where, written=mention.written, why=Why.MIXED)


def filling(
    campaign: Campaign,
    school_class: SchoolClass,
    students: Sequence[Student],
    states: Mapping[str, StudentState],
    *,
    size: int,
    first: int,
    made_at: datetime,
    head: Head | None = None,
) -> Filling:
    """What stands on a class's paper for these of its `size` students, the first of whom has place number `first`.

    Signatures and corrections are for the hand: what stands for them is empty.
    """
    words = words_of("template")
    stage = campaign.stage_of(Owner.STUDENT)
    once = {
        "title": campaign.title,
        "class_name": school_class.name,
        "college": school_class.college,
        "cohort": school_class.cohort,
        "counsellor": school_class.counsellor,
        "deadline": stage.deadline.words if stage else "",
        "count": str(size),
        "as_of": as_of(made_at, None),
        "head": str(head) if head else "",
    }
    return Filling(
        once={words["once"][name]: value for name, value in once.items()},
        each=[
            {words["each"][name]: value for name, value in _of_one(student, states, number).items()}
            for number, student in enumerate(students, start=first)
        ],
    )


def _of_one(student: Student, states: Mapping[str, StudentState], place: int) -> dict[str, str]:
    return {
        "place": str(place),
        "number": student.number,
        "name": student.name,
        "major": student.major,
        "level": student.level,
        "status": student.status,
        "mark": mark(states.get(student.sid, NOTHING_YET)),
        "correction": "",
        "signature": "",
    }


@cache
def _known() -> frozenset[str]:
    words = words_of("template")
    return frozenset((*words["once"].values(), *words["each"].values()))


def _mention(found: re.Match[str]) -> Mention:
    inner = found[1]
    numbered = None if inner in _known() else _NUMBERED.fullmatch(inner)
    word, place = (numbered[1], int(numbered[2])) if numbered else (inner, 0)
    if numbered and place == 0:  # {{学号0}} is nobody's place
        word = inner
    return Mention(word=word, place=place, written=found[0])
