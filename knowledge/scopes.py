"""Whom an answer holds for: a tree of scopes, from one cohort of one school up to the whole country."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

NATIONAL = "national"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One node of the tree.

    `parent` is None for `national` alone. `address` is how people of this scope are spoken to
    (你 on a campus, 您 at an open university); `office` is whom to ask when no answer is in reach.
    """

    id: str
    name: str
    parent: str | None
    address: str
    office: str


class ScopeTree:
    """The scopes by id; an asker of a scope may be told what holds for it or for any scope above it."""

    def __init__(self, scopes: Mapping[str, Scope]) -> None:
        self._scopes = dict(scopes)

    def __contains__(self, scope: object) -> bool:
        return scope in self._scopes

    def __getitem__(self, scope: str) -> Scope:
        return self._scopes[scope]

    def __iter__(self) -> Iterator[str]:
        return iter(self._scopes)

    def __len__(self) -> int:
        return len(self._scopes)

    def lineage(self, scope: str) -> tuple[str, ...]:
        """The scope itself, then each one above it, up to `national`."""
        steps: list[str] = []
        at: str | None = scope
        while at is not None:
            steps.append(at)
            at = self._scopes[at].parent
        return tuple(steps)

    def common(self, scopes: Iterable[str]) -> str:
        """The nearest scope that holds for all of them (a group of several classes); `national` for none."""
        lineages = [self.lineage(scope) for scope in scopes]
        if not lineages:
            return NATIONAL
        return next(at for at in lineages[0] if all(at in other for other in lineages))
