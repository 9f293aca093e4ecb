"""`xueji campaign reach` and `slips`: who can be reached, and a slip of paper for those who cannot."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.bootstrap import Stores
from bot.cli.office import content_and_words, with_stores
from bot.cli.papers import known
from bot.cli.saying import say
from bot.codes import fresh_codes
from bot.dialogue.wording import ContentWording
from knowledge.loading import Content
from scheduler.campaigns import Campaign
from scheduler.life import audience
from scheduler.reach import ClassReach
from scheduler.reach import reach as reached
from scheduler.roster import Roster

_CAMPAIGN = typer.Argument(..., help="The campaign's id.")


def reach(
    campaign_id: str = _CAMPAIGN, as_json: bool = typer.Option(False, "--json", help="One JSON object a class.")
) -> None:
    """Per class, how many can be reached in private, in a group alone, not at all."""
    content, wording = content_and_words()

    async def work(kept: Stores) -> tuple[Roster, Mapping[str, ClassReach]]:
        campaign = await known(kept, campaign_id, wording)
        if not as_json:
            await say_whose(kept, content, campaign, wording)
        roster = await kept.rosters.current()
        classes = campaign.classes or audience(campaign, roster, content.tree.lineage)
        return roster, await _reach(kept, campaign, classes)

    roster, found = with_stores(work)
    if not as_json:
        _say(roster, found, wording)
        return
    for class_id, one in found.items():
        ways = {"private": len(one.private), "group": len(one.group), "nowhere": len(one.nowhere)}
        typer.echo(json.dumps({"class": roster.classes[class_id].name, **ways}, ensure_ascii=False))


def slips(
    campaign_id: str = _CAMPAIGN,
    out: Path = typer.Option(Path("slips"), file_okay=False, help="The folder they are written to."),
    everybody: bool = typer.Option(False, "--all", help="Also for those whom a group reaches."),
) -> None:
    """Write slips with a personal binding code for those who cannot be reached, one file a class, to print on A4."""
    content, wording = content_and_words()

    async def work(kept: Stores) -> None:
        campaign = await known(kept, campaign_id, wording)
        classes = campaign.classes or audience(campaign, await kept.rosters.current(), content.tree.lineage)
        await write_slips(kept, campaign, classes, out, wording, everybody=everybody)

    with_stores(work)


async def say_whose(kept: Stores, content: Content, campaign: Campaign, wording: ContentWording) -> None:
    """Say so if the roster has classes and none of them is of the campaign's school."""
    scopes = {found.scope for found in (await kept.rosters.classes()).values()}
    if scopes and not any(campaign.scope in content.tree.lineage(one) for one in scopes):
        there = wording.label("list.comma").join(content.tree[one].name for one in sorted(scopes))
        name = content.tree[campaign.scope].name
        say(
            wording, "campaign.report.not-this-school", campaign=campaign.id, scope=campaign.scope, name=name,
            there=there,
        )  # fmt: skip


async def say_reach(kept: Stores, campaign: Campaign, classes: Collection[str], wording: ContentWording) -> None:
    """How each of the classes is reached, and all of them together."""
    _say(await kept.rosters.current(), await _reach(kept, campaign, classes), wording)


async def write_slips(
    kept: Stores,
    campaign: Campaign,
    classes: Collection[str],
    out: str | Path,
    wording: ContentWording,
    *,
    everybody: bool = False,
) -> None:
    """Write the slips of these classes into a folder; each person's code stays the same until it is used."""
    from scheduler.forms.slips import slips_docx  # noqa: PLC0415 - Word's library is large, and for this

    roster = await kept.rosters.current()
    found = await _reach(kept, campaign, classes)
    sids = [sid for one in found.values() for sid in (*one.nowhere, *(one.group if everybody else ()))]
    codes = await fresh_codes(kept.bindings, sids)
    students = [roster.students[sid] for sid in sids]
    _write(Path(out), slips_docx(roster, students, codes, made_at=datetime.now(UTC)))
    say(wording, "campaign.report.slips", number=len(sids))


def _write(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files:
        (folder / name).write_bytes(data)
        typer.echo(str(folder / name))


async def _reach(kept: Stores, campaign: Campaign, classes: Collection[str]) -> Mapping[str, ClassReach]:
    """In the order people list classes in."""
    known = (await kept.rosters.current()).classes
    ordered = sorted((known[one] for one in classes if one in known), key=lambda found: found.order)
    members = {found.id: await kept.rosters.members(found.id) for found in ordered}
    bindings = await kept.bindings.of_students([one.sid for students in members.values() for one in students])
    groups, lost = await kept.bindings.groups_of(tuple(classes)), await kept.reach.unreachable()
    return reached(campaign, members, bindings, groups, lost)


def _say(roster: Roster, found: Mapping[str, ClassReach], wording: ContentWording) -> None:
    total = {"private": 0, "group": 0, "nowhere": 0}
    for class_id, one in found.items():
        ways = {"private": len(one.private), "group": len(one.group), "nowhere": len(one.nowhere)}
        total = {way: total[way] + number for way, number in ways.items()}
        say(wording, "campaign.report.class-reach", name=roster.classes[class_id].name, **ways)
    say(wording, "campaign.report.all-reach", **total)
