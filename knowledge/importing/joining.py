"""Questions that were asked and not answered well: put under a topic, or drafted as one of their own."""

from collections.abc import Mapping, Sequence

from knowledge.clustering import Cluster
from knowledge.importing.house import draft_yaml, scalar
from knowledge.importing.refusals import Refusal, refusal, wording
from knowledge.loading import Content
from knowledge.topic_rules import key, owners
from knowledge.topics import Topic


def joined(content: Content, questions: Sequence[str], topic: str, before: str | None) -> Mapping[str, str] | Refusal:
    """The files of the content folder by which the questions become questions of the topic; none if all are already.

    `before` is the file of the topic's further questions as it stands. What another topic or its look-alikes lay
    claim to is refused by name; every other rule is the lint's, when the files are put in place.
    """
    if topic not in content.topics:
        return refusal("asked", "no_topic", topic=topic)
    known, elsewhere = owners(content), _lookalikes(content)
    fresh: dict[str, str] = {}
    faults: list[str] = []
    for question in questions:
        line, plain = " ".join(question.split()), key(content, question)
        owner = known.get(plain) or elsewhere.get(plain, topic)
        if owner != topic:
            faults.append(str(wording("asked")["faults"]["taken"]).format(question=line, topic=owner))
        elif plain and plain not in known:
            fresh.setdefault(plain, line)
    if faults:
        return Refusal(tuple(faults))
    return {f"asked/{topic}.yaml": _file(before, list(fresh.values()))} if fresh else {}


def draft(cluster: Cluster, topics: Mapping[str, Topic]) -> str:
    """A topic of its own for the cluster, with gaps: what is asked is there, the answer is staff's."""
    notes = wording("asked")["notes"]
    near = [notes["near"].format(topic=each.topic, title=topics[each.topic].title) for each in cluster.nearest
            if each.topic in topics]  # fmt: skip
    return draft_yaml(
        wording("documents")["notes"]["draft"],
        question=cluster.texts[0],
        similar=cluster.texts[1:],
        warnings=[notes["names"], *near],
    )


def _lookalikes(content: Content) -> dict[str, str]:
    """What reads like one topic and belongs to another, made plain -> the topic it belongs to."""
    return {
        key(content, lookalike.ask): lookalike.goes_to
        for topic in content.topics.values()
        for lookalike in topic.not_this
    }


def _file(before: str | None, lines: Sequence[str]) -> str:
    """The file of a topic's further questions with these behind what stands there."""
    written = before if before and before.strip() else f"# {wording('asked')['notes']['file']}\n"
    return written.rstrip("\n") + "\n" + "".join(f"- {scalar(line)}\n" for line in lines)
