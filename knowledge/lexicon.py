"""Words the search knows to be the same, and words that say nothing about what is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from knowledge.strictyaml import Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The word lists of `lexicon.yaml`.

    `aliases`: the plain word -> other ways it is written (initials, homophones, mistakes).
    `calls`: names the bot is called by. `greetings`: openings and closings without content.
    `thanks`: closings; at the beginning they say that all is done. `people`: who is spoken to before a pause.
    `concepts`: an idea -> words people have for it. `anchors`: what the bot is about. `elsewhere`: other
    people's business. `telling`: marks of a message that tells and asks nothing. `trouble`: what goes wrong.
    `undated`: how an answer or a source line says that its document carries no date.
    `fillers`: what people say while they think. `asking`: words that mark a clause as a question.
    """

    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    concepts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    greetings: tuple[str, ...] = ()
    thanks: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    fillers: tuple[str, ...] = ()
    asking: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    telling: tuple[str, ...] = ()
    trouble: tuple[str, ...] = ()
    undated: tuple[str, ...] = ()


EMPTY_LEXICON = Lexicon()
_MAPPINGS = {"aliases", "concepts"}


def parse(root: Spot) -> Lexicon:
    """The lexicon of a file; faults go to its sheet."""
    keys = root.fields([known.name for known in fields(Lexicon)])
    aliases: dict[str, tuple[str, ...]] = {}
    taken: dict[str, str] = {}
    for word, spot in keys["aliases"].entries().items():
        aliases[word] = spot.texts()
        for alias in aliases[word]:
            if taken.setdefault(alias, word) != word:
                spot.fault(f"'{alias}' already stands for '{taken[alias]}'")
    concepts = {idea: spot.texts() for idea, spot in keys["concepts"].entries().items()}
    lists = {known.name: keys[known.name].texts() for known in fields(Lexicon) if known.name not in _MAPPINGS}
    return Lexicon(aliases=aliases, concepts=concepts, **lists)
