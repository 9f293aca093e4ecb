"""`xueji campaign waves`: what became of each reminder, and when the next ones come."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import typer

from bot.bootstrap import Stores
from bot.cli import papers
from bot.cli.office import content_and_words, with_stores
from bot.dialogue.wording import ContentWording
from scheduler.campaigns import Campaign
from scheduler.letters import moment_words
from scheduler.planner import Wave, plan


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """What became of a campaign's slots, and how many students were spared, each by slot."""

    claimed: Mapping[str, str]
    spared: Mapping[str, int]


def waves(campaign_id: str = typer.Argument(..., help="The campaign's id.")) -> None:
    """List every reminder: when it goes out, what moved it, in how many classes it went out or did not, and why."""
    _, wording = content_and_words()

    async def work(kept: Stores) -> tuple[Campaign, _Past]:
        campaign = await papers.known(kept, campaign_id, wording)
        claimed, spared = await kept.outbox.claimed(campaign.id), await kept.outbox.spared(campaign.id)
        return campaign, _Past(claimed=claimed, spared=spared)

    campaign, past = with_stores(work)
    for line in _lines(campaign, past, datetime.now(UTC), wording):
        typer.echo(line)


def _lines(campaign: Campaign, past: _Past, now: datetime, wording: ContentWording) -> Iterator[str]:
    planned = plan(campaign, now)
    for wave in sorted((*planned.missed, *planned.due, *planned.coming), key=lambda wave: wave.at):
        yield _head(campaign, wave, wording)
        became = Counter(what for slot, what in past.claimed.items() if _is_of(wave, slot))
        if not became:
            yield wording.label("waves.past" if wave in planned.missed else "waves.coming")
        for what, classes in sorted(became.items()):
            yield wording.label(f"waves.became.{what}", classes=classes)
        spared = sum(number for slot, number in past.spared.items() if _is_of(wave, slot))
        if spared:
            yield wording.label("waves.spared", students=spared)
    for wave in planned.merged:
        yield _head(campaign, wave, wording)
        yield wording.label("waves.merged")
    if not planned.holidays_known:
        yield wording.label("waves.holidays-unknown")


def _head(campaign: Campaign, wave: Wave, wording: ContentWording) -> str:
    owner = wording.label(f"owner.{campaign.stage(wave.stage).owner}")
    at = wording.render(moment_words(wave.at))
    why = wording.label(f"rehearsal.why.{wave.moved}") if wave.moved else ""
    key = "waves.moved" if wave.moved else "waves.head"
    return wording.label(key, at=at, owner=owner, wave=f"{wave.stage}:{wave.id}", why=why)


def _is_of(wave: Wave, slot: str) -> bool:
    _, stage, name, _ = slot.split(":", 3)
    return (stage, name) == (wave.stage, wave.id)
