"""The 自建应用: writes to any member in its visible range, with buttons, and to the groups it made.

A message is a picture or files, where it has some, its text in one or more parts, and a card with its buttons. WeCom
takes up to a thousand members at once and says yes although some of them get nothing: those are brought back one by
one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.platforms.wecom import payloads, refs
from bot.platforms.wecom.api import Answer, Answered, instead, outcome_of
from bot.platforms.wecom.appchat import Appchats
from bot.platforms.wecom.appmedia import AppMedia
from bot.platforms.wecom.cards import Cards
from bot.platforms.wecom.payloads import Payload
from bot.platforms.wecom.presses import pressed_card
from bot.platforms.wecom.tokens import AppCalls
from bot.ports import AnswerWays, StoreAway, Way, WayKind
from scheduler.messages import (
    OUTCOMES,
    Accepted,
    Address,
    OutboundMessage,
    Outcome,
    Phrase,
    Purpose,
    Refused,
    RefusedWhy,
    Unknown,
)
from scheduler.ports import Clock

MEMBERS_AT_ONCE = 1_000

RECALLED_WITHIN = timedelta(hours=24)
"""What was written to a member can be taken back for so long."""

_BROADCAST = frozenset({Purpose.DEADLINE, Purpose.NOTICE})
"""What must not reach a member twice within `_REPEAT_CHECK`. An answer may: who asks twice is answered twice."""

_REPEAT_CHECK = timedelta(minutes=30)
"""For how long WeCom looks out for the same where that is asked for, unless it is told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The route of one application; implements `routes.Route`. `hears`: its callbacks are configured."""

    calls: AppCalls
    agent_id: int
    appchats: Appchats
    media: AppMedia
    ways: AnswerWays
    cards: Cards
    clock: Clock
    hears: bool

    def reaches(self, to: Address) -> bool:
        """Any member, and the groups it made."""
        route = refs.route_of(to)
        return _is_one_member(refs.id_of(to)) if route is None else route is refs.GroupRoute.APPCHAT

    async def answer(self, message: OutboundMessage, text: str) -> Outcome | None:
        """Change the pressed card for who pressed it; None for anything else, which `send` answers as well."""
        try:
            way = await pressed_card(self.ways, message, WayKind.CARD_CODE, self.clock.now())
        except StoreAway:
            return None
        return None if way is None else await self._change(way, message, text)

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        """Write to a member or to a group that this application made."""
        if refs.route_of(message.to) is refs.GroupRoute.APPCHAT:
            return await self.appchats.send(message, text)
        userid = refs.id_of(message.to)
        return (await self.send_to_many([userid], message, text))[userid]

    async def send_to_many(self, userids: Sequence[str], message: OutboundMessage, text: str) -> Mapping[str, Outcome]:
        """Write the same to many members, whomever `message.to` names; what came of it for each.

        A member who got a part and not the rest has an unknown outcome: all again would repeat the first.
        """
        found: dict[str, Outcome] = {
            userid: Refused(why=RefusedWhy.UNREACHABLE) for userid in userids if not _is_one_member(userid)
        }
        reached = [userid for userid in dict.fromkeys(userids) if userid not in found]
        if message.picture is not None:
            await self._show(reached, message.picture)
        files = await self.media.payloads(message.files, self.clock.now())
        if isinstance(files, OUTCOMES):
            return {**dict.fromkeys(reached, files), **found}
        sent: dict[str, list[str]] = {}
        for payload in (*files, *self._payloads(message, text)):
            for userid, outcome in (await self._post(reached, payload, message.purpose)).items():
                if isinstance(outcome, Accepted):
                    sent.setdefault(userid, []).append(outcome.message_id)
                else:
                    found[userid] = outcome if userid not in sent else Unknown(why="partly-sent")
            reached = [userid for userid in reached if userid not in found]
        nothing = Refused(why=RefusedWhy.BAD_CONTENT)
        return {
            **{userid: Accepted(message_id=_ref(sent[userid])) if userid in sent else nothing for userid in reached},
            **found,
        }

    def troubles(self) -> Sequence[Phrase]:
        """What the last call said that somebody has to mend."""
        return (Phrase(key=f"wecom.trouble.{self.calls.trouble}"),) if self.calls.trouble else ()

    def drops_repeats(self, message: OutboundMessage) -> timedelta:
        """For how long WeCom does not show the same message to a member again."""
        return _REPEAT_CHECK if message.purpose in _BROADCAST else timedelta()

    async def recall(self, message_id: str) -> Outcome:
        """Take back what was sent within the last 24 hours, by the id under which it was accepted."""
        outcome: Outcome | None = Refused(why=RefusedWhy.NO_RIGHT)
        for msgid in _msgids(message_id):
            outcome = outcome_of(await self.calls.post("message/recall", {"msgid": msgid}), self.clock.now())
            if outcome is not None:
                return outcome
        return outcome or Accepted(message_id=message_id)

    def _payloads(self, message: OutboundMessage, text: str) -> Iterator[Payload]:
        words, card = self.cards.under(text, message.choices, message.key) if self.hears else (text, None)
        yield from payloads.texts(words)
        if card is not None:
            yield payloads.card(card)

    async def _post(self, userids: Sequence[str], payload: Payload, purpose: Purpose) -> dict[str, Outcome]:
        found: dict[str, Outcome] = {}
        for start in range(0, len(userids), MEMBERS_AT_ONCE):
            batch = userids[start : start + MEMBERS_AT_ONCE]
            answer = await self.calls.post("message/send", self._body(batch, payload, purpose))
            found |= brought_back(batch, answer, self.clock.now())
        return found

    def _body(self, userids: Sequence[str], payload: Payload, purpose: Purpose) -> Mapping[str, Any]:
        return {
            "touser": "|".join(userids),
            "agentid": self.agent_id,
            "enable_duplicate_check": int(purpose in _BROADCAST),
            **payload,
        }

    async def _show(self, userids: Sequence[str], figure: str) -> None:
        """Show a picture before its words, which have to do where that fails."""
        for start in range(0, len(userids), MEMBERS_AT_ONCE):
            batch = userids[start : start + MEMBERS_AT_ONCE]

            async def put(payload: Payload, batch: Sequence[str] = batch) -> Answer:
                return await self.calls.post("message/send", self._body(batch, payload, Purpose.ANSWER))

            await self.media.show(figure, put)

    async def _change(self, way: Way, message: OutboundMessage, text: str) -> Outcome:
        """Put the message on the card, or, where it has no place there, in a message of its own under a card that
        says so."""
        fits = message.replaces and not message.picture
        whole = self.cards.whole(text, message.choices, way.card) if fits else None
        card = payloads.app_card(whole or self.cards.taken(way.card))
        presser = refs.id_of(message.to)  # the application is only ever spoken to in private
        body = {"userids": [presser], "agentid": self.agent_id, "response_code": way.token, "template_card": card}
        changed = outcome_of(await self.calls.post("message/update_template_card", body), self.clock.now())
        if whole is not None and changed is None:
            return Accepted(message_id=_ref([]))
        if whole is not None and isinstance(changed, Unknown):
            return changed
        return await self.send(message, text)


def brought_back(userids: Sequence[str], answer: Answer, now: datetime) -> dict[str, Outcome]:
    """What an answer to `message/send` means for each of the members: a yes may be a no for some of them.

    WeCom writes the ids of those in lower case, whatever case they were given in.
    """
    if not isinstance(answer, Answered) or answer.code:
        return dict.fromkeys(userids, instead(answer, now))
    accepted = Accepted(message_id=str(answer.body.get("msgid", "")))
    no: dict[str, Outcome] = {
        **dict.fromkeys(_listed(answer, "unlicenseduser"), Refused(why=RefusedWhy.NO_RIGHT)),
        **dict.fromkeys(_listed(answer, "invaliduser"), Refused(why=RefusedWhy.UNREACHABLE)),
    }
    return {userid: no.get(userid.lower(), accepted) for userid in userids}


def _listed(answer: Answered, name: str) -> list[str]:
    listed = answer.body.get(name)
    return listed.lower().split("|") if isinstance(listed, str) else []


def _is_one_member(userid: str) -> bool:
    """Whether WeCom would take it for a single member: `@all` is everybody, `a|b` are two."""
    return bool(userid) and userid != "@all" and "|" not in userid


def can_be_recalled(message_id: str) -> bool:
    """Whether it is the id of something that was written to a member."""
    return bool(_msgids(message_id))


def _ref(msgids: Sequence[str]) -> str:
    """The id of a message: those of its parts, so that all of it can be recalled."""
    return f"app/{','.join(msgids)}"


def _msgids(message_id: str) -> list[str]:
    route, _, msgids = message_id.partition("/")
    return [msgid for msgid in msgids.split(",") if msgid] if route == "app" else []
