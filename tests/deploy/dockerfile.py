"""A Dockerfile as its instructions."""

import json
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Instruction(NamedTuple):
    """One instruction: its word, and what stands after it with continued lines joined."""

    word: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The rest as separate words: of the exec form if it is that, without options such as --from."""
        if self.rest.startswith("["):
            return [str(word) for word in json.loads(self.rest)]
        return [word for word in self.rest.split() if not word.startswith("--")]


def instructions() -> list[Instruction]:
    """The instructions of the image, in order."""
    text = (ROOT / "deploy/Dockerfile").read_text("utf-8")
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [Instruction(*line.split(maxsplit=1)) for line in lines if line.strip()]


def of(word: str) -> list[Instruction]:
    """All instructions of one word."""
    return [instruction for instruction in instructions() if instruction.word == word]


def copied_from_the_project() -> list[str]:
    """What the image is built from: the sources of every COPY that is from no other stage."""
    return [source for copy in of("COPY") if "--from=" not in copy.rest for source in copy.words[:-1]]


def environment() -> dict[str, str]:
    """The variables of the final image."""
    last = instructions()[max(n for n, one in enumerate(instructions()) if one.word == "FROM") :]
    return dict(pair.split("=", 1) for one in last if one.word == "ENV" for pair in one.words)
