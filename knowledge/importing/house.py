"""Topics as the YAML of the house: keys in one order, texts as blocks, quotes only where they are needed."""

import sys
from collections.abc import Iterator, Sequence

import yaml

from knowledge.topics import Answer, Audience, Citation, Lookalike, Part, Topic

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def topic_yaml(topic: Topic) -> str:
    """The whole file of a topic; reading it gives the very same topic."""
    lines = [f"title: {scalar(topic.title)}", f"question: {scalar(topic.question)}"]
    lines += _list("similar", [scalar(line) for line in topic.similar])
    if topic.not_this:
        lines += _list("not_this", [_lookalike(lookalike) for lookalike in topic.not_this])
    if topic.see:
        lines.append(f"see: [{', '.join(scalar(other, flow=True) for other in topic.see)}]")
    for key in ("guide", "family", "from_campaign"):
        if getattr(topic, key) is not None:
            lines.append(f"{key}: {scalar(getattr(topic, key))}")
    lines.append("answers:" if topic.answers else "answers: []")
    for answer in topic.answers:
        lines += _answer(answer)
    return "\n".join(lines) + "\n"


def draft_yaml(
    note: str,
    *,
    question: str,
    similar: Sequence[str] = (),
    answer: str = "",
    item: str = "",
    warnings: Sequence[str] = (),
) -> str:
    """A topic with gaps under a note: the loader refuses it for `draft`, `warnings` and all that is still empty."""
    lines = [f"# {note}", "draft: true"]
    lines += _list("warnings", [scalar(warning) for warning in warnings]) if warnings else []
    lines += ['title: ""', f"question: {scalar(question)}", *_list("similar", [scalar(line) for line in similar])]
    lines += ["answers:", '  - scope: ""', '    kind: ""', "    audience: student", "    parts:"]
    lines += [f"      - text: {block(answer, 10)}"]
    lines += [f'    sources: [{{doc: "", item: {scalar(item, flow=True)}}}]']
    lines += [f'    {key}: ""' for key in ("as_of", "reviewed", "review_by")]
    return "\n".join(lines) + "\n"


def scalar(text: str, *, flow: bool = False) -> str:
    """A text on one line: plain if it reads back as itself and as nothing but text, else in double quotes."""
    plain = f"[{text}]" if flow else f"- {text}"
    return text if _reads_as(plain, text) else _quoted(text)


def block(text: str, indent: int) -> str:
    """A text as an indented block of its own lines, in double quotes where that would change it."""
    body = "\n".join(" " * indent + line if line else "" for line in text.split("\n"))
    written = f"|\n{body}"
    return written if _reads_as(f"- {written}\n", text) else _quoted(text)


def _list(key: str, items: list[str], indent: str = "") -> list[str]:
    return [f"{indent}{key}:", *(f"{indent}  - {item}" for item in items)] if items else [f"{indent}{key}: []"]


def _lookalike(lookalike: Lookalike) -> str:
    return f"{{ask: {scalar(lookalike.ask, flow=True)}, goes_to: {scalar(lookalike.goes_to, flow=True)}}}"


def _answer(answer: Answer) -> Iterator[str]:
    yield f"  - scope: {scalar(answer.scope)}"
    yield f"    kind: {answer.kind}"
    yield f"    audience: {answer.audience or Audience.STUDENT}"
    yield "    parts:" if answer.parts else "    parts: []"
    for part in answer.parts:
        yield from _part(part)
    yield from _sources(answer.sources)
    yield f"    as_of: {scalar(answer.as_of)}"
    if answer.ends is not None:
        yield f'    ends: "{answer.ends}"'
    if answer.with_wider:
        yield "    with_wider: true"
    yield f'    reviewed: "{answer.reviewed}"'
    yield f'    review_by: "{answer.review_by}"'


def _part(part: Part) -> Iterator[str]:
    if part.label is None:
        yield f"      - text: {block(part.text, 10)}"
    else:
        yield f"      - label: {scalar(part.label)}"
        yield f"        text: {block(part.text, 10)}"


def _sources(cited: tuple[Citation, ...]) -> Iterator[str]:
    items = [f"{{doc: {scalar(c.doc, flow=True)}, item: {scalar(c.item, flow=True)}}}" for c in cited]
    if len(items) == 1:
        yield f"    sources: [{items[0]}]"
    else:
        yield from _list("sources", items, "    ")


def _reads_as(written: str, text: str) -> bool:
    """Whether a list of one, as written, holds just this text once surrounding space is off.

    YAML must take it for a text at that: "2025" and "no" are quoted, as in every file of the house.
    """
    try:
        root = yaml.compose(written, _LOADER)
    except (yaml.YAMLError, ValueError):
        return False
    match root:
        case yaml.SequenceNode(value=[yaml.ScalarNode(value=str(value), tag=str(tag))]):
            return value.strip() == text and tag.endswith(":str")
    return False


def _quoted(text: str) -> str:
    return str(yaml.dump(text, default_style='"', allow_unicode=True, width=sys.maxsize)).rstrip("\n")
