"""Files of the content into frozen values; faults go to the sheet of the file that has them."""

import re
from collections.abc import Mapping
from datetime import time, timedelta

from knowledge.campaign_templates import ALWAYS, CampaignTemplate, CheckItem, FalseAlarm, Owner, StageTemplate
from knowledge.guides import Choice, Guide, Step
from knowledge.scopes import NATIONAL, Scope
from knowledge.strictyaml import Spot
from knowledge.topics import (
    Answer,
    Audience,
    CampaignFact,
    Citation,
    Family,
    Kind,
    Lookalike,
    Option,
    Part,
    Source,
    Topic,
)

_DAY = re.compile(r"(\d\d)-(\d\d)")
_HOUR = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_STRETCH = re.compile(rf"({_HOUR.pattern})-({_HOUR.pattern})")
_BEFORE = re.compile(r"(\d+)([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def scopes(root: Spot) -> dict[str, Scope]:
    found: dict[str, Scope] = {}
    for scope_id, spot in root.entries().items():
        fields = spot.fields(("name", "address", "office"), ("parent",))
        if ("parent" in fields) == (scope_id == NATIONAL):
            spot.fault(f"every scope but '{NATIONAL}' has a parent")
        found[scope_id] = Scope(
            id=scope_id,
            name=fields["name"].text(),
            parent=fields["parent"].text() if "parent" in fields else None,
            address=fields["address"].text(),
            office=fields["office"].text(),
        )
    _check_tree(root, found)
    return found


def _check_tree(root: Spot, found: Mapping[str, Scope]) -> None:
    if root.value is not None and NATIONAL not in found:
        root.fault(f"there is no scope '{NATIONAL}'")
    for scope_id, spot in root.entries().items():
        seen: set[str] = set()
        at: str | None = scope_id
        while at is not None and at not in seen:
            seen.add(at)
            if at not in found:
                spot.fault(f"unknown parent scope '{at}'")
                break
            at = found[at].parent
        else:
            if at is not None:
                spot.fault(f"scope '{scope_id}' is its own ancestor")


def sources(root: Spot) -> dict[str, Source]:
    found = {}
    for source_id, spot in root.entries().items():
        fields = spot.fields(("title", "publisher", "year", "dated", "scope"))
        texts = {key: fields[key].text() for key in ("title", "publisher", "year", "dated", "scope")}
        found[source_id] = Source(id=source_id, **texts)
    return found


def families(root: Spot) -> dict[str, Family]:
    found = {}
    for family_id, spot in root.entries().items():
        fields = spot.fields(("ask", "options"))
        options = []
        for option in fields["options"].items():
            keys = option.fields(("label", "topic"))
            options.append(Option(label=keys["label"].text(), topic=keys["topic"].text()))
        found[family_id] = Family(id=family_id, ask=fields["ask"].text(), options=tuple(options))
    return found


def topic(topic_id: str, root: Spot) -> Topic:
    fields = root.fields(
        ("title", "question", "similar", "answers"), ("not_this", "see", "guide", "family", "from_campaign")
    )
    return Topic(
        id=topic_id,
        title=fields["title"].text(),
        question=fields["question"].text(),
        similar=fields["similar"].texts(),
        answers=tuple(_answer(spot) for spot in fields["answers"].items()),
        not_this=tuple(_lookalike(spot) for spot in fields["not_this"].items()),
        see=fields["see"].texts(),
        guide=fields["guide"].text() if "guide" in fields else None,
        family=fields["family"].text() if "family" in fields else None,
        from_campaign=fields["from_campaign"].one_of(CampaignFact) if "from_campaign" in fields else None,
    )


def _lookalike(spot: Spot) -> Lookalike:
    fields = spot.fields(("ask", "goes_to"))
    return Lookalike(ask=fields["ask"].text(), goes_to=fields["goes_to"].text())


def _answer(spot: Spot) -> Answer:
    fields = spot.fields(
        ("scope", "kind", "parts", "sources", "as_of", "reviewed", "review_by"),
        ("audience", "ends", "with_wider"),
    )
    return Answer(
        scope=fields["scope"].text(),
        kind=fields["kind"].one_of(Kind),
        audience=fields["audience"].one_of(Audience) if "audience" in fields else Audience.STUDENT,
        parts=tuple(_part(number, part) for number, part in enumerate(fields["parts"].items())),
        sources=citations(fields["sources"]),
        as_of=fields["as_of"].text(),
        reviewed=fields["reviewed"].day(),
        review_by=fields["review_by"].day(),
        ends=fields["ends"].day() if "ends" in fields else None,
        with_wider="with_wider" in fields and fields["with_wider"].truth(),
    )


def _part(number: int, spot: Spot) -> Part:
    fields = spot.fields(("text",), ("label",))
    if number and "label" not in fields:
        spot.fault("every part but the first has a label")
    return Part(text=fields["text"].text(), label=fields["label"].text() if "label" in fields else None)


def citations(spot: Spot) -> tuple[Citation, ...]:
    """The cited items of a `sources` list."""
    found = []
    for cited in spot.items():
        fields = cited.fields(("doc", "item"))
        found.append(Citation(doc=fields["doc"].text(), item=fields["item"].text()))
    return tuple(found)


def guide(guide_id: str, root: Spot) -> Guide:
    fields = root.fields(("title", "scope", "as_of", "reviewed", "review_by", "sources", "steps", "end"))
    return Guide(
        id=guide_id,
        title=fields["title"].text(),
        scope=fields["scope"].text(),
        steps=tuple(_step(spot) for spot in fields["steps"].items()),
        end=fields["end"].text(),
        as_of=fields["as_of"].text(),
        reviewed=fields["reviewed"].day(),
        review_by=fields["review_by"].day(),
        sources=citations(fields["sources"]),
    )


def _step(spot: Spot) -> Step:
    fields = spot.fields(("id", "text", "choices"), ("figure", "detour"))
    choices = []
    for choice in fields["choices"].items():
        keys = choice.fields(("label", "to"))
        choices.append(Choice(label=keys["label"].text(), to=keys["to"].text()))
    return Step(
        id=fields["id"].text(),
        text=fields["text"].text(),
        choices=tuple(choices),
        figure=fields["figure"].text() if "figure" in fields else None,
        detour="detour" in fields and fields["detour"].truth(),
    )


def campaign(campaign_id: str, root: Spot) -> CampaignTemplate:
    lists = ("exempt", "remarks")
    fields = root.fields(
        ("title", "scope", "sources", "stages", "quiet", "expected_status", "checklist", *lists),
        ("seasons", "for_entrants", "calls_everybody"),
    )
    seasons = fields["seasons"].texts() if "seasons" in fields else ()
    quiet = fields["quiet"].fields(("from", "to"), ("breaks", "preferred"))
    return CampaignTemplate(
        id=campaign_id,
        title=fields["title"].text(),
        scope=fields["scope"].text(),
        stages=tuple(_stage(spot, seasons) for spot in fields["stages"].items()),
        quiet_from=_hour(quiet["from"]) or time(),
        quiet_to=_hour(quiet["to"]) or time(),
        expected_status=fields["expected_status"].text(),
        checklist=tuple(_check_item(spot) for spot in fields["checklist"].items()),
        exempt=fields["exempt"].texts(),
        remarks=fields["remarks"].texts(),
        sources=citations(fields["sources"]),
        seasons=seasons,
        for_entrants="for_entrants" in fields and fields["for_entrants"].truth(),
        calls_everybody="calls_everybody" in fields and fields["calls_everybody"].truth(),
        breaks=_stretches(quiet["breaks"]) if "breaks" in quiet else (),
        preferred=_stretches(quiet["preferred"]) if "preferred" in quiet else (),
    )


def _stretches(spot: Spot) -> tuple[tuple[time, time], ...]:
    """Stretches of the day as `12:00-14:00`."""
    found = []
    for item in spot.items():
        text = item.text()
        if _STRETCH.fullmatch(text):
            start, end = map(time.fromisoformat, text.split("-"))
            found.append((start, end))
        elif item.value is not None:
            item.fault(f"'{text}' is no stretch of the day (write 12:00-14:00)")
    return tuple(found)


def _check_item(spot: Spot) -> CheckItem:
    fields = spot.fields(("id", "label", "value"), ("alarms", "office_only"))
    value = fields["value"].text()
    if value not in {"text", "none"} and fields["value"].value is not None:
        fields["value"].fault(f"'value' is '{value}', not text or none")
    return CheckItem(
        id=fields["id"].text(),
        label=fields["label"].text(),
        takes_value=value == "text",
        alarms=tuple(_false_alarm(alarm) for alarm in fields["alarms"].items()) if "alarms" in fields else (),
        office_only="office_only" in fields and fields["office_only"].truth(),
    )


def _false_alarm(spot: Spot) -> FalseAlarm:
    fields = spot.fields(("say", "answer"))
    return FalseAlarm(label=fields["say"].text(), answer=fields["answer"].text())


def _stage(spot: Spot, seasons: tuple[str, ...]) -> StageTemplate:
    fields = spot.fields(("id", "owner", "words", "time", "waves"), ("day", "before_day"))
    days = _by_season(fields["day"], seasons) if "day" in fields else {}
    return StageTemplate(
        id=fields["id"].text(),
        owner=fields["owner"].one_of(Owner),
        words={season: words.text() for season, words in _by_season(fields["words"], seasons).items()},
        days={season: _month_and_day(day) for season, day in days.items()},
        time=_hour(fields["time"]),
        waves=tuple(_before(wave) for wave in fields["waves"].items()),
        before_day="before_day" in fields and fields["before_day"].truth(),
    )


def _by_season(spot: Spot, seasons: tuple[str, ...]) -> Mapping[str, Spot]:
    """What stands there by season; one text is for always."""
    if not isinstance(spot.value, dict):
        return {ALWAYS: spot}
    fields = spot.fields(seasons)
    return {season: fields[season] for season in seasons}


def _month_and_day(spot: Spot) -> tuple[int, int]:
    match = _DAY.fullmatch(spot.text())
    if match:
        month, day = int(match[1]), int(match[2])
        if 1 <= month <= len(_LONGEST_MONTHS) and 1 <= day <= _LONGEST_MONTHS[month - 1]:
            return month, day
    if spot.value is not None:
        spot.fault("'day' is no month and day (write 12-22)")
    return 1, 1


def _hour(spot: Spot) -> time | None:
    """An hour of the day; None for 24:00, the end of the day."""
    text = spot.text()
    match = _HOUR.fullmatch(text)
    if match:
        return time(int(match[1]), int(match[2]))
    if text != "24:00" and spot.value is not None:
        spot.fault(f"'{text}' is no hour (write 08:00 or 24:00)")
    return None


def _before(spot: Spot) -> timedelta:
    text = spot.text()
    match = _BEFORE.fullmatch(text)
    if match:
        return timedelta(**{_UNITS[match[2]]: int(match[1])})
    if spot.value is not None:
        spot.fault(f"'{text}' is no time before a deadline (write 7d, 3h or 30m)")
    return timedelta()
