"""Step-by-step walks as data, and the pure rule that moves a person through one."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from knowledge.topics import Citation

END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way on from a step: its label and the id of the next step, or `end`."""

    label: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do. A detour is not counted in the progress and leads back."""

    id: str
    text: str
    choices: tuple[Choice, ...]
    figure: str | None = None
    detour: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A walk; the first step is where it begins. It is offered to askers of `scope` and below."""

    id: str
    title: str
    scope: str
    steps: tuple[Step, ...]
    end: str
    as_of: str
    reviewed: date
    review_by: date
    sources: tuple[Citation, ...]

    def step(self, step_id: str) -> Step | None:
        return next((step for step in self.steps if step.id == step_id), None)

    def progress(self, position: "Position") -> tuple[int, int]:
        """How far a person is: (the counted step they are on, or left for a detour, from 1; how many there are)."""
        counted = [step.id for step in self.steps if not step.detour]
        road = [step for step in (*position.trail, position.step) if step in counted]
        return (counted.index(road[-1]) + 1 if road else 1), len(counted)


class Control(StrEnum):
    """What can be said at every step besides the step's own choices."""

    BACK = "back"
    SKIP = "skip"
    QUIT = "quit"
    DIFFERS = "differs"
    """"和我看到的不一样": the stable exits are named and the step is counted for staff; nobody moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a person stands in a guide: the step and the steps that led there, oldest first."""

    guide: str
    step: str
    trail: tuple[str, ...] = ()


class Left(StrEnum):
    """How a walk came to an end."""

    FINISHED = "finished"
    QUIT = "quit"


def start(guide: Guide) -> Position:
    """The position at the beginning of a guide."""
    return Position(guide=guide.id, step=guide.steps[0].id)


def advance(guide: Guide, position: Position, move: int | Control) -> Position | Left:
    """Where `move` leads: the number of a choice (0 the first) or a control.

    A position whose step has gone from the guide starts anew; a choice that does not exist leaves
    the person where they are.
    """
    step = guide.step(position.step)
    if step is None:
        return start(guide)
    match move:
        case Control.QUIT:
            return Left.QUIT
        case Control.DIFFERS:
            return position
        case Control.BACK:
            return _back(guide, position)
        case Control.SKIP:
            return _to(position, step.choices[0].to)
        case int() if 0 <= move < len(step.choices):
            return _to(position, step.choices[move].to)
    return position


def _to(position: Position, target: str) -> Position | Left:
    if target == END:
        return Left.FINISHED
    if target in position.trail:  # a detour led back: forget the way round, so that "back" does not circle
        trail = position.trail[: position.trail.index(target)]
    else:
        trail = (*position.trail, position.step)
    return replace(position, step=target, trail=trail)


def _back(guide: Guide, position: Position) -> Position:
    known = [step for step in position.trail if guide.step(step) is not None]
    if not known:
        return start(guide)
    return replace(position, step=known[-1], trail=tuple(known[:-1]))
