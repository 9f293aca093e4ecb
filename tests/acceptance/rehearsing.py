"""The sample college's campaign on paper, read by tests the way a clerk's `--json` is."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.rehearsing import rehearsal, school_of, underway
from scheduler.campaigns import Campaign
from scheduler.deliveries import Kind
from scheduler.rehearsed import Line, Why
from tests.acceptance.college import College


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """Every line of a rehearsal, in order."""

    lines: Sequence[Line]

    def waves(self) -> list[str]:
        """The waves that send something, in order."""
        return list(dict.fromkeys(line.wave for line in self.lines if line.text))

    def sent(self, wave: str, kind: Kind | None = None) -> dict[str, str]:
        """What a wave says, by chat."""
        return {
            line.to.chat: line.text
            for line in self.lines
            if line.to and line.text and line.wave == wave and kind in {None, line.kind}
        }

    def because(self, why: Why) -> list[Line]:
        """The lines of which this is said."""
        return [line for line in self.lines if why in line.why]


async def rehearsed(college: College, campaign: Campaign, *, confirming: float = 0.0) -> Rehearsed:
    """The campaign from the moment the college's clock shows."""
    service = college.demo.service
    tree, now = service.known.content.tree, college.clock.now()
    school = await school_of(service.kept, campaign, tree, now)
    lines = rehearsal(
        await underway(service.kept, campaign, school.members),
        school,
        now,
        wording=service.known.wording,
        tree=tree,
        confirming=confirming,
        most_a_week=5,
    )
    return Rehearsed(tuple(lines))
