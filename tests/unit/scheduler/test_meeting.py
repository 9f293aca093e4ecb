"""Waves of several campaigns to the same people."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendar import Deadline, QuietHours, Stretch
from scheduler.campaigns import Campaign, Owner, Stage
from scheduler.deliveries import Delivery, Kind
from scheduler.meeting import Due, going_along, merged
from scheduler.messages import Address
from scheduler.planner import GAP, plan
from scheduler.recipients import Audience, mailing, outgoing
from scheduler.roster import Group
from scheduler.stages import Pilot
from tests.samples import CAMPAIGN, bindings_of, bound, group, student

CLASSES = ("c-1", "c-2", "c-3", "c-4")
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
NIGHT = QuietHours(start=time(22), end=time(8))
EVENINGS = replace(NIGHT, preferred=(Stretch(start=time(19), end=time(21, 30)),))

MEMBERS = {class_id: [student(number, class_id) for number in range(3)] for class_id in CLASSES}
BINDINGS = bindings_of(*(bound(one.sid, one.sid) for members in MEMBERS.values() for one in members))


def verification(name: str, *classes: str, day: date, at: time | None = None, leads: Sequence[int] = (24,)) -> Campaign:
    """A campaign for students alone, open all the time, with leads in hours."""
    stage = Stage(
        id="student",
        owner=Owner.STUDENT,
        deadline=Deadline(words="", day=day, at=at),
        waves=tuple(timedelta(hours=lead) for lead in sorted(leads, reverse=True)),
    )
    return replace(CAMPAIGN, id=name, stages=(stage,), classes=classes or CLASSES, quiet=NIGHT)


@st.composite
def schools(draw: st.DrawFn) -> tuple[list[Campaign], list[Group]]:
    """Campaigns whose classes and days overlap, and groups of one or several classes."""
    some = st.lists(st.sampled_from(CLASSES), min_size=1, max_size=4, unique=True)
    campaigns = [
        replace(
            verification(
                f"check-{number}",
                *draw(some),
                day=date(2026, 10, 20) + timedelta(days=draw(st.integers(0, 3))),
                at=draw(st.none() | st.integers(9, 23).map(time)),
                leads=draw(st.lists(st.integers(1, 24 * 8), min_size=1, max_size=6, unique=True)),
            ),
            quiet=draw(st.sampled_from([NIGHT, EVENINGS])),
        )
        for number in range(draw(st.integers(2, 4)))
    ]
    rooms = draw(st.lists(some, min_size=1, max_size=4))
    return campaigns, [group(f"g{number}", *classes) for number, classes in enumerate(rooms)]


def live_through(
    campaigns: Sequence[Campaign], groups: Sequence[Group]
) -> Iterator[tuple[datetime, Sequence[Due], Sequence[Delivery]]]:
    """Each moment at which something goes out, until nothing is left; nobody answers."""
    claimed: set[str] = set()

    def free(one: Due) -> Due:
        own = zip(one.classes, one.slots(one.classes), strict=True)
        return replace(one, classes=[class_id for class_id, slot in own if slot not in claimed])

    now: datetime | None = BEGIN
    while now is not None:
        due, coming = [], []
        for campaign in campaigns:
            seen = plan(campaign, now)
            due += [free(Due(campaign=campaign, wave=wave, classes=campaign.classes)) for wave in seen.due]
            coming += [free(Due(campaign=campaign, wave=wave, classes=campaign.classes)) for wave in seen.coming]
        going = [one for one in (*due, *going_along(due, coming, groups, now)) if one.classes]
        if going:
            yield now, going, merged(delivery for one in going for delivery in sent_by(one, groups))
        claimed.update(slot for one in going for slot in one.slots(one.classes))
        now = min((one.wave.at for one in coming if free(one).classes), default=None)


def sent_by(one: Due, groups: Sequence[Group]) -> Sequence[Delivery]:
    """What a wave would send by itself."""
    members = {class_id: MEMBERS[class_id] for class_id in one.classes}
    audience = Audience(members=members, states={}, groups=groups, bindings=BINDINGS)
    return outgoing(one.campaign, one.wave, mailing(one.campaign, one.wave, audience).deliveries, ())


@given(schools())
def test_whatever_campaigns_overlap_no_group_hears_two_messages_within_the_gap(
    school: tuple[list[Campaign], list[Group]],
) -> None:
    heard: defaultdict[Address, list[datetime]] = defaultdict(list)
    for at, _, deliveries in live_through(*school):
        for one in deliveries:
            heard[one.message.to].append(at)
    assert all(after - before >= GAP for moments in heard.values() for before, after in pairwise(moments))


@given(schools())
def test_by_merging_nobody_misses_what_a_wave_would_have_told_them(school: tuple[list[Campaign], list[Group]]) -> None:
    campaigns, groups = school
    claimed: list[str] = []
    for _, going, deliveries in live_through(campaigns, groups):
        alone = [delivery for one in going for delivery in sent_by(one, groups)]
        assert {(one.message.to, one.sections[0]) for one in alone} == {
            (one.message.to, section) for one in deliveries for section in one.sections
        }
        claimed += [slot for one in going for slot in one.slots(one.classes)]
    expected = {
        slot
        for campaign in campaigns
        for wave in plan(campaign, BEGIN).coming
        for slot in Due(campaign=campaign, wave=wave, classes=campaign.classes).slots(campaign.classes)
    }
    assert len(claimed) == len(set(claimed))
    assert set(claimed) == expected, "every wave goes out once to each class"


@given(schools())
def test_nothing_goes_out_later_than_its_wave_or_earlier_than_the_gap(
    school: tuple[list[Campaign], list[Group]],
) -> None:
    for at, going, _ in live_through(*school):
        assert all(at <= one.wave.at < at + GAP for one in going)


def one_day(name: str, *classes: str, at: int) -> Campaign:
    """A campaign with one wave, a day before that hour of 20 October."""
    return verification(name, *classes, day=date(2026, 10, 20), at=time(at))


def test_a_person_and_a_group_of_both_campaigns_get_one_message_with_a_section_of_each() -> None:
    both = [one_day("first", "c-1", at=15), one_day("second", "c-1", at=17)]
    ((_, _, deliveries),) = live_through(both, [group("g", "c-1")])
    assert [one.kind for one in deliveries] == [Kind.GROUP_WAVE, *[Kind.PRIVATE_WAVE] * 3]
    assert {tuple(section.campaign for section in one.sections) for one in deliveries} == {("first", "second")}
    assert deliveries[0].id == "first:student:1d:c-1,second:student:1d:c-1@chatroom:g"


def test_classes_that_share_no_group_with_it_keep_their_own_moment() -> None:
    campaigns = [one_day("first", "c-1", at=15), one_day("second", "c-2", "c-3", at=17)]
    groups = [group("both", "c-1", "c-2"), group("other", "c-3")]
    rounds = [[(one.campaign.id, [*one.classes]) for one in going] for _, going, _ in live_through(campaigns, groups)]
    assert rounds == [[("first", ["c-1"]), ("second", ["c-2"])], [("second", ["c-3"])]]


def test_a_trial_takes_nobody_along_and_goes_with_nobody() -> None:
    campaigns = [one_day("first", "c-1", at=15), one_day("second", "c-1", at=17)]
    for place in (0, 1):
        trial = list(campaigns)
        trial[place] = replace(trial[place], pilot=Pilot(chat=Address(platform="chatroom", chat="staff")))
        assert [len(going) for _, going, _ in live_through(trial, [group("g", "c-1")])] == [1, 1]
