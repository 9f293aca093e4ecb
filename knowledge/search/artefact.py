"""What training leaves behind, in two files: the arrays, and a page about them that people can read."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.loading import CONTENT, Content
from knowledge.search.confidence import Confidence
from knowledge.search.corpus import fingerprint
from knowledge.search.index import Index
from knowledge.search.meaning import Meaning
from knowledge.search.ranker import Ranker
from knowledge.search.sounds import Sounds
from knowledge.search.stored import Stored

ARTEFACT = Path(__file__).parent / "artefact"
"""The artefact that comes with the package, trained on the content that comes with it."""

_ARRAYS, _ABOUT = "model.npz", "about.json"
_MARK = "fingerprint"
"""Stands in both files: they belong together if it is the same."""


def folder_of(content_folder: Path) -> Path:
    """Where the artefact of a content folder lies: in it; that of the packaged content beside this module."""
    return ARTEFACT if content_folder == CONTENT else content_folder / "artefact"


class NoArtefact(Exception):
    """There is none, it cannot be read, or it was trained on other content; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """From which confidence on a finding is sure, sure though nobody called the bot, or maybe."""

    sure: float
    ambient: float
    maybe: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A ranker with its confidence and its levels: one with the embedding, one without."""

    ranker: Ranker
    confidence: Confidence
    levels: Levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """`owners` (lines,) are the lines' topics; the number behind the last is chatter."""

    fingerprint: str
    owners: NDArray[np.int32]
    stored: Stored
    sounds: Sounds
    index: Index
    meaning: Meaning
    semantic: Model
    lexical: Model


def artefact_is_fresh(content: Content, folder: Path = ARTEFACT) -> bool:
    """Whether the artefact in the folder was trained on this content; else `make train` is due."""
    try:
        return str(_about(folder)["fingerprint"]) == fingerprint(content)
    except NoArtefact:
        return False


def load(folder: Path, content: Content) -> Artefact:
    """The artefact of a folder; raises `NoArtefact` where it does not belong to the content."""
    if not artefact_is_fresh(content, folder):
        _about(folder)
        raise NoArtefact("the search artefact was trained on other content; `xueji content train` builds it anew")
    try:
        with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
            mark = fingerprint(content)
            if not np.array_equal(arrays[_MARK], _marked(mark)):
                raise NoArtefact("the two files of the search artefact do not belong together")
            return _unpacked(mark, dict(arrays))
    except (OSError, ValueError, KeyError) as error:
        raise NoArtefact(f"the search artefact cannot be read: {error}") from error


def save(folder: Path, artefact: Artefact, about: dict[str, object]) -> None:
    """Write the artefact and, beside its fingerprint, what is to be known about it."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[np.generic]] = {
        _MARK: _marked(artefact.fingerprint),
        "owners": artefact.owners.astype(np.uint16),
        "stored": artefact.stored.digests,
        "stored_owners": artefact.stored.owners.astype(np.uint16),
        "syllables": artefact.sounds.syllables,
        "sounds": artefact.sounds.numbers,
        "rows": artefact.index.rows.astype(np.uint16 if artefact.index.lines < 1 << 16 else np.uint32),
        "counts": artefact.index.counts.astype(np.uint16 if artefact.index.lines < 1 << 16 else np.uint32),
        "middle": artefact.meaning.middle,
        "turn": artefact.meaning.turn,
        "vectors": artefact.meaning.lines,
    }
    for name, model in (("semantic", artefact.semantic), ("lexical", artefact.lexical)):
        arrays |= {
            f"{name}_weights": model.ranker.weights.astype(np.float16),
            f"{name}_mean": model.confidence.mean,
            f"{name}_spread": model.confidence.spread,
            f"{name}_evidence": model.confidence.weights,
            f"{name}_levels": np.array([model.levels.sure, model.levels.ambient, model.levels.maybe]),
        }
    page = json.dumps({"fingerprint": artefact.fingerprint, **about}, ensure_ascii=False, indent=2)
    with tempfile.TemporaryDirectory(dir=folder) as fresh:  # who loads meanwhile finds the old ones or the new
        np.savez_compressed(Path(fresh) / _ARRAYS, **arrays)  # type: ignore[arg-type]
        (Path(fresh) / _ABOUT).write_text(page + "\n", "utf-8")
        for name in (_ARRAYS, _ABOUT):
            (Path(fresh) / name).replace(folder / name)


def _marked(mark: str) -> NDArray[np.uint8]:
    return np.frombuffer(bytes.fromhex(mark), dtype=np.uint8)


def _about(folder: Path) -> dict[str, object]:
    try:
        page = json.loads((folder / _ABOUT).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise NoArtefact(f"there is no search artefact: {error}") from error
    if not isinstance(page, dict) or "fingerprint" not in page:
        raise NoArtefact("there is no search artefact: its page names no fingerprint")
    return page


def _unpacked(mark: str, arrays: dict[str, NDArray[np.generic]]) -> Artefact:
    owners = arrays["owners"].astype(np.int32)
    index = Index(arrays["rows"].astype(np.int32), arrays["counts"].astype(np.int32), len(owners))
    models = {name: _model(name, arrays) for name in ("semantic", "lexical")}
    return Artefact(
        fingerprint=mark,
        owners=owners,
        stored=Stored(arrays["stored"].astype(np.uint64), arrays["stored_owners"].astype(np.int32)),
        sounds=Sounds(arrays["syllables"].astype(np.str_), arrays["sounds"].astype(np.uint16)),
        index=index,
        meaning=Meaning(
            arrays["middle"].astype(np.float32), arrays["turn"].astype(np.float32), arrays["vectors"].astype(np.int8)
        ),
        semantic=models["semantic"],
        lexical=models["lexical"],
    )


def _model(name: str, arrays: dict[str, NDArray[np.generic]]) -> Model:
    numbers = {key: arrays[f"{name}_{key}"].astype(np.float64) for key in ("mean", "spread", "evidence", "levels")}
    sure, ambient, maybe = (float(level) for level in numbers["levels"])
    return Model(
        ranker=Ranker(arrays[f"{name}_weights"].astype(np.float16)),
        confidence=Confidence(numbers["mean"], numbers["spread"], numbers["evidence"]),
        levels=Levels(sure=sure, ambient=ambient, maybe=maybe),
    )
