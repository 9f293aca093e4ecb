"""`xueji content feedback`: steps that look different to people, and answers that helped or did not."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping

import typer

from bot.bootstrap import Stores
from bot.cli.office import with_stores
from bot.cli.words import words
from bot.ports import Verdict
from bot.settings import content_folder
from knowledge.loading import Content, load

_Differs = Mapping[tuple[str, str], int]
_Ratings = Mapping[tuple[str, Verdict], int]


def feedback(
    seen: str = typer.Option("", "--seen", help="GUIDE/STEP was compared with the page: count it anew."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
) -> None:
    """Show at which steps the page looked different, and how the answers were rated, the worst first."""
    if seen:
        _looked_into(*seen.partition("/")[::2])
        return

    async def work(kept: Stores) -> tuple[_Differs, _Ratings]:
        return await kept.questions.differs(), await kept.ratings.counts()

    differs, ratings = with_stores(work)
    if as_json:
        rated = {topic: {str(verdict): times for verdict, times in found.items()} for topic, found in _worst(ratings)}
        typer.echo(json.dumps({"differs": {"/".join(at): times for at, times in _most(differs)}, "ratings": rated}))
        return
    for line in _shown(differs, ratings, load(content_folder())):
        typer.echo(line)


def _looked_into(guide: str, step: str) -> None:
    counted = with_stores(lambda kept: kept.questions.looked_into(guide, step))
    typer.echo(words("feedback")["seen" if counted else "unknown"].format(guide=guide, step=step), err=not counted)
    if not counted:
        raise typer.Exit(1)


def _shown(differs: _Differs, ratings: _Ratings, content: Content) -> Iterator[str]:
    said = words("feedback")
    if not differs and not ratings:
        yield said["none"]
    for (guide, step), times in _most(differs):
        title = content.guides[guide].title if guide in content.guides else guide
        yield said["differs"].format(guide=guide, step=step, times=times, title=title)
    for topic, found in _worst(ratings):
        title = content.topics[topic].title if topic in content.topics else topic
        counts = {str(verdict): found.get(verdict, 0) for verdict in Verdict}
        yield said["rated"].format(topic=topic, title=title, **counts)


def _most(differs: _Differs) -> list[tuple[tuple[str, str], int]]:
    return sorted(differs.items(), key=lambda counted: (-counted[1], counted[0]))


def _worst(ratings: _Ratings) -> list[tuple[str, dict[Verdict, int]]]:
    by_topic: defaultdict[str, dict[Verdict, int]] = defaultdict(dict)
    for (topic, verdict), times in ratings.items():
        by_topic[topic][verdict] = times
    return sorted(by_topic.items(), key=lambda rated: (-rated[1].get(Verdict.UNSOLVED, 0), rated[0]))
