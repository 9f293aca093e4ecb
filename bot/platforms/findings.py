"""What a look at a configured route found: nothing wrong, or what is and who mends it."""

from dataclasses import dataclass

from scheduler.messages import Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line about one route. `route` names it (`telegram`, `wecom-robot`, `wecom-app`, `wecom-hook`), `name` tells
    one webhook from another. `said` is the line in words of the content; `wrong`: somebody has to mend something.
    """

    route: str
    said: Phrase
    wrong: bool = False
    name: str = ""


def works(route: str, said: str = "platforms.works", *, name: str = "") -> Finding:
    """Nothing is wrong, as far as it can be seen from here."""
    return Finding(route=route, said=Phrase(key=said), name=name)


def wrong(route: str, said: str, *, name: str = "") -> Finding:
    """What is wrong is said by a phrase."""
    return Finding(route=route, said=Phrase(key=said), wrong=True, name=name)
