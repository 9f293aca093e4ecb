"""What a reminder says, decided at the moment it is sent: phrase keys with values, and the buttons under it.

Nobody is shamed: a group hears how many are done, never how many are missing; with fewer than five
missing it hears no number, because the class's size would give the rest away; with two or fewer it
hears nothing. A private reminder follows the person's own history, not the wave's number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.calendar import ZONE, Deadline, LocalMoment, local_moment
from scheduler.campaigns import OWING, Campaign, Owner, Progress, Stage, State, StudentState
from scheduler.messages import Action, Phrase, Verb, joined
from scheduler.stages import announces, wave_id

GUIDE = "chsi-phone"
"""The guide that a reminder offers: most students have a phone at hand and no computer."""

TOMORROW = "tomorrow"
"""The wave a person asked for with the button of that name."""

NUDGE = "nudge"
"""The wave that somebody of the staff sends to a class by hand."""

SILENT_UP_TO = 2
"""With so few still owing a group is told nothing."""

COUNTED_FROM = 5
"""From so many still owing on, a group is told how many are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A reminder in phrases: its body, and its buttons as the label with the action.

    `calls_everybody`: whoever is in the group is to be called, done or not.
    """

    body: Phrase
    choices: tuple[tuple[Phrase, Action], ...]
    calls_everybody: bool = False


def deadline_words(deadline: Deadline) -> Phrase:
    """A deadline as it is said to people: date, weekday and hour."""
    return _moment("deadline.said", deadline.local)


def moment_words(at: datetime, zone: ZoneInfo = ZONE) -> Phrase:
    """An instant as it is said to people, in the local time of `zone`."""
    return _moment("moment.said", local_moment(at, zone))


def day_words(day: date) -> Phrase:
    """A day as it is said to people."""
    return Phrase(key="day.said", values={"year": day.year, "month": day.month, "day": day.day})


def last_day_words(end: datetime) -> Phrase:
    """The last whole day before an instant at which something ends, as it is said to people."""
    return day_words((end - timedelta(seconds=1)).astimezone(ZONE).date())


def _moment(key: str, moment: LocalMoment) -> Phrase:
    weekday = Phrase(key=f"weekday.{moment.weekday}")
    return Phrase(key=key, values={"month": moment.month, "day": moment.day, "weekday": weekday, "hour": moment.hour})


def group_letter(
    campaign: Campaign, stage: str, wave: str, progress: Progress, *, told_before: int, now: datetime
) -> Letter | None:
    """What a wave says to a group whose classes together stand at `progress`, and which got `told_before` waves of
    this campaign; None: nothing is to be said."""
    its_stage = campaign.stage(stage)
    found = _to_a_group(campaign, its_stage, progress, first=told_before == 0, now=now)
    if found is None:
        return None
    said, values = found
    if announces(wave) and said != "late":
        said = "moved"
    body = Phrase(key=f"wave.group.{said}", values=values)
    calls = campaign.calls_everybody and _is_the_last_call(campaign, its_stage, wave)
    return Letter(body=body, choices=_student_choices(campaign, its_stage, now), calls_everybody=calls)


def _is_the_last_call(campaign: Campaign, stage: Stage, wave: str) -> bool:
    """Whether it is the students' last reminder, under the name it has before any move: so there is one at most."""
    return stage == campaign.stage_of(Owner.STUDENT) and wave == wave_id(min(stage.waves))


def paste_text(
    campaign: Campaign, stage: str, progress: Progress, *, bot: str, first: bool, now: datetime
) -> Phrase | None:
    """The same for a group the bot is not in, to be pasted there by hand: without buttons, with how to reach the bot
    by its name `bot`. It keeps the rules of a group; None: nothing is to be said."""
    found = _to_a_group(campaign, campaign.stage(stage), progress, first=first, now=now)
    if found is None:
        return None
    said, values = found
    return Phrase(key=f"paste.{said}", values={**values, "bot": bot})


def _to_a_group(
    campaign: Campaign, stage: Stage, progress: Progress, *, first: bool, now: datetime
) -> tuple[str, dict[str, str | int | Phrase]] | None:
    """Which of a group's messages fits, and its values."""
    if progress.owing <= SILENT_UP_TO:
        return None
    values = _values(campaign, stage, now)
    if now >= stage.deadline.instant:
        return "late", values
    if stage.deadline.days_left(now) <= 0:
        return "last", values
    if first:
        return "first", values
    if progress.owing >= COUNTED_FROM and progress.done > 0:
        return "later", {**values, "done": progress.done}
    return "later-uncounted", values


def private_letter(
    campaign: Campaign, stage: str, wave: str, state: StudentState, *, told_before: int, now: datetime
) -> Letter | None:
    """What a wave says to one person, who got `told_before` reminders of this campaign; None: nothing is owed."""
    if state.counted not in OWING:
        return None
    its_stage = campaign.stage(stage)
    last_day = its_stage.deadline.days_left(now) <= 0
    key = _private_key(its_stage, wave, state, told_before, now, last_day=last_day)
    choices = _student_choices(campaign, its_stage, now)
    if not last_day and wave != TOMORROW:  # tomorrow evening would be too late, or was asked for once already
        choices = (*choices, (Phrase(key="button.tomorrow"), Action(verb=Verb.TOMORROW, subject=campaign.id)))
    values = _values(campaign, its_stage, now)
    if state.at is not None:
        values["at"] = moment_words(state.at)
    return Letter(body=Phrase(key=key, values=values), choices=choices)


def monitor_letter(
    campaign: Campaign, stage: str, progress: Progress, *, class_id: str, class_name: str, now: datetime
) -> Letter:
    """What a wave says to a class's monitor: how many stand where, and the button that opens the names."""
    its_stage = campaign.stage(stage)
    counts = {"done": progress.done, "owing": progress.owing, "with_office": progress.with_office}
    values = {**_values(campaign, its_stage, now), "class_name": class_name, **counts}
    names = (Phrase(key="button.show-names"), Action(verb=Verb.NAMES, subject=campaign.id, detail=class_id))
    if now >= its_stage.deadline.instant:
        key = "wave.monitor.late"
    else:
        key = "wave.monitor.open" if progress.owing else "wave.monitor.all-done"
    return Letter(body=Phrase(key=key, values=values), choices=(names,) if progress.owing else ())


def _private_key(
    stage: Stage, wave: str, state: StudentState, told_before: int, now: datetime, *, last_day: bool
) -> str:
    if state.state not in OWING:  # stated, and not counted yet
        return "wave.private.claimed"
    if now >= stage.deadline.instant:
        return "wave.private.late"
    if announces(wave):
        return "wave.private.moved"
    if state.state is State.NO_LOGIN and state.at is not None:
        return "wave.private.no-login"
    if wave == TOMORROW:
        return "wave.private.tomorrow"
    if wave == NUDGE and not last_day:
        return "wave.private.nudge"
    if last_day:
        return "wave.private.first-on-last-day" if told_before == 0 else "wave.private.last"
    return "wave.private.first" if told_before == 0 else "wave.private.later"


def _student_choices(campaign: Campaign, stage: Stage, now: datetime) -> tuple[tuple[Phrase, Action], ...]:
    late = now >= stage.deadline.instant
    return (
        (Phrase(key="button.open-late" if late else "button.open"), Action(verb=Verb.OPEN, subject=campaign.id)),
        (Phrase(key="button.guide"), Action(verb=Verb.GUIDE, subject=GUIDE)),
        (Phrase(key="button.trouble"), Action(verb=Verb.TROUBLE, subject=campaign.id)),
    )


def together(letters: Sequence[Letter]) -> Letter:
    """Letters of several campaigns (at least one) to the same place as one, each in a short section; a campaign's
    buttons bear its title, the guide is offered once, and being reminded tomorrow is for a letter of one alone."""
    if len(letters) == 1:
        return letters[0]
    _, to, _ = letters[0].body.key.split(".")
    parts = joined("wave.together.line", [_section(letter.body) for letter in letters])
    body = Phrase(key=f"wave.together.{to}", values={"count": len(letters), "parts": parts})
    by_verb = [[_of_its_campaign(one, verb) for one in letters] for verb in (Verb.OPEN, Verb.TROUBLE)]
    guide = next((label, action) for label, action in letters[0].choices if action.verb is Verb.GUIDE)
    choices = (*(choice for choices in by_verb for choice in choices), guide)
    return Letter(body=body, choices=choices, calls_everybody=any(one.calls_everybody for one in letters))


_SHORT = {"first": "open", "later": "open", "later-uncounted": "open", "first-on-last-day": "last"}
"""In a section there is no difference between some messages: what leads to the register stands around them."""


def _section(body: Phrase) -> Phrase:
    said = body.key.rpartition(".")[2]
    short = "counted" if "done" in body.values else _SHORT.get(said, said)
    return Phrase(key=f"wave.section.{short}", values=body.values)


def _of_its_campaign(letter: Letter, verb: Verb) -> tuple[Phrase, Action]:
    label, action = next((label, action) for label, action in letter.choices if action.verb is verb)
    return Phrase(key="button.of-campaign", values={"title": letter.body.values["title"], "label": label}), action


def _values(campaign: Campaign, stage: Stage, now: datetime) -> dict[str, str | int | Phrase]:
    return {
        "title": campaign.title,
        "deadline": deadline_words(stage.deadline),
        "days": max(0, stage.deadline.days_left(now)),
    }
