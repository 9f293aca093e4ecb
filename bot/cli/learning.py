"""`xueji content questions`, `draft`, `join`, `dismiss`: what people asked in vain, and what becomes of it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import typer

from bot.bootstrap import Stores, knowledge_of
from bot.cli.office import with_stores
from bot.cli.words import words
from bot.learning import gathered
from bot.settings import content_folder, read
from knowledge.clustering import Cluster, Clustering
from knowledge.importing.joining import draft as drafted
from knowledge.importing.joining import joined
from knowledge.importing.placing import place
from knowledge.importing.refusals import Refusal
from knowledge.loading import Content, load
from scheduler.calendar import ZONE
from scheduler.clocks import SystemClock

_EXAMPLES = 3
_NUMBER = typer.Argument(..., min=1, help="The cluster's number in `xueji content questions`.")


def questions(
    now: bool = typer.Option(False, "--now", help="Put them together now, not as of last night."),
    most: int = typer.Option(20, min=1, help="How many clusters to show."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
) -> None:
    """Show what nobody could answer and whose answer did not help, put together by what is asked."""
    folder = content_folder()
    content = load(folder)

    async def work(kept: Stores) -> Clustering | None:
        if not now:
            return await kept.clusterings.last()
        clustering = await gathered(kept.questions, knowledge_of(content, folder).searcher, SystemClock().now())
        await kept.clusterings.put(clustering)
        return clustering

    clustering = with_stores(work)
    if as_json:
        typer.echo(json.dumps(asdict(clustering) if clustering else None, ensure_ascii=False, default=str))
    elif clustering is None:
        typer.echo(words("questions")["never"])
    else:
        for line in _shown(clustering, content, most):
            typer.echo(line)


def draft(
    number: int = _NUMBER,
    out: Path = typer.Option(None, "--out", help="Folder for the draft, otherwise one in the data folder."),
) -> None:
    """Write a cluster down as the draft of a topic, to be completed by hand; nothing goes into service."""
    cluster = _cluster(number)
    path = (out or read().data / "drafts" / "asked") / f"draft-{number:03}.yaml"
    if path.exists():
        typer.echo(words("questions")["exists"].format(path=path), err=True)
        raise typer.Exit(1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(drafted(cluster, load(content_folder()).topics), "utf-8")
    typer.echo(words("questions")["drafted"].format(path=path, number=number))


def join(
    number: int = _NUMBER,
    topic: str = typer.Argument(..., help="The topic these questions ask about."),
    folder: Path = typer.Option(
        content_folder, "--content", exists=True, file_okay=False, show_default=False, help="Otherwise XUEJI_CONTENT."
    ),
) -> None:
    """Put a cluster's questions under a topic: all of them, or none and what stands against it."""
    cluster = _cluster(number)
    file = folder / "asked" / f"{topic}.yaml"
    files = _taken(joined(load(folder), cluster.texts, topic, file.read_text("utf-8") if file.is_file() else None))
    if files:
        _taken(place(files, folder))
    with_stores(lambda kept: _forget(kept, number))
    said = words("questions")["joined" if files else "known"]
    typer.echo(said.format(count=len(cluster.questions), topic=topic))


def dismiss(number: int = _NUMBER) -> None:
    """Forget a cluster: its questions need no answer, or have one by now."""
    _cluster(number)
    with_stores(lambda kept: _forget(kept, number))
    typer.echo(words("questions")["dismissed"].format(number=number))


def _cluster(number: int) -> Cluster:
    """The cluster of that number; one line and exit 1 where there is none."""
    last = with_stores(lambda kept: kept.clusterings.last())
    cluster = last.cluster(number) if last else None
    if cluster is None:
        typer.echo(words("questions")["gone"].format(number=number), err=True)
        raise typer.Exit(1)
    return cluster


async def _forget(kept: Stores, number: int) -> None:
    """Questions asked again meanwhile go too: they ask the same."""
    last = await kept.clusterings.last()
    cluster = last.cluster(number) if last else None
    if last is not None and cluster is not None:
        await kept.questions.forget(cluster.texts)
        await kept.clusterings.put(last.without(number))


def _taken(found: Mapping[str, str] | Refusal | None) -> Mapping[str, str]:
    """What is to be written; a refusal ends the command with its lines on the error stream."""
    if isinstance(found, Refusal):
        typer.echo(str(found), err=True)
        raise typer.Exit(1)
    return found or {}


def _shown(clustering: Clustering, content: Content, most: int) -> Iterator[str]:
    said = words("questions")
    if not clustering.clusters:
        yield said["none"]
        return
    times = sum(cluster.times for cluster in clustering.clusters)
    at = f"{clustering.at.astimezone(ZONE):%Y-%m-%d %H:%M}"
    yield said["head"].format(at=at, clusters=len(clustering.clusters), times=times)
    for cluster in clustering.clusters[:most]:
        yield from _shown_cluster(said, cluster, content)


def _shown_cluster(said: Mapping[str, str], cluster: Cluster, content: Content) -> Iterator[str]:
    first, *others = cluster.texts
    numbers = {"number": cluster.number, "times": cluster.times, "questions": len(cluster.questions)}
    yield said["cluster"].format(first=first, **numbers)
    yield from (said["example"].format(text=text) for text in others[:_EXAMPLES])
    near = [
        said["near_one"].format(topic=each.topic, title=content.topics[each.topic].title, confidence=each.confidence)
        for each in cluster.nearest
        if each.topic in content.topics
    ]
    if near:
        yield said["near"].format(topics=said["near_join"].join(near))
    unsolved = sorted({topic for question in cluster.questions for topic in question.unsolved})
    if unsolved:
        yield said["unsolved"].format(topics=said["near_join"].join(unsolved))
