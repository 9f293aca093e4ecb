"""Groups that the 自建应用 made: it writes to them and knows who is in them, and hears nothing that is said there."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.platforms.wecom import payloads, refs
from bot.platforms.wecom.api import Answer, Answered, instead, outcome_of
from bot.platforms.wecom.appmedia import AppMedia
from bot.platforms.wecom.payloads import Payload
from bot.platforms.wecom.tokens import AppCalls
from bot.ports import GroupLook
from scheduler.messages import (
    OUTCOMES,
    Accepted,
    Address,
    OutboundMessage,
    Outcome,
    Phrase,
    Refused,
    RefusedWhy,
    Unknown,
)
from scheduler.ports import Clock, Wording

_EXISTS = 86215
"""There is a group of that id already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appchats:
    """The groups of one application, which has to be visible to the whole corporation for that."""

    calls: AppCalls
    media: AppMedia
    wording: Wording
    clock: Clock

    async def create(self, chatid: str, name: str, owner: str, userids: Sequence[str]) -> Address | Outcome:
        """Make a group of 2 to 2,000 members, `owner` among them; its address, also where it was made before.

        `chatid` is its id, up to 32 letters and digits. Nobody sees a group before something was written to it.
        """
        members = list(dict.fromkeys([owner, *userids]))
        body = {"chatid": chatid, "name": name, "owner": owner, "userlist": members}
        answer = await self.calls.post("appchat/create", body)
        if isinstance(answer, Answered) and answer.code in {0, _EXISTS}:
            return refs.group(refs.GroupRoute.APPCHAT, chatid)
        return instead(answer, self.clock.now())

    async def members(self, group: Address) -> tuple[str, ...] | Outcome:
        """The userids of who is in a group now."""
        answer = await self.calls.get("appchat/get", {"chatid": refs.id_of(group)})
        match answer:
            case Answered(code=0, body={"chat_info": {"userlist": list(userids)}}):
                return tuple(str(userid) for userid in userids)
        return instead(answer, self.clock.now())

    async def look(self, group: Address) -> GroupLook | None:
        """How many are in a group, and who owns it; None while WeCom does not say."""
        match await self.calls.get("appchat/get", {"chatid": refs.id_of(group)}):
            case Answered(code=0, body={"chat_info": {"owner": str(owner), "userlist": list(userids)}}):
                return GroupLook(size=len(userids), owner=refs.account(owner))
        return None

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        """Write to a group: text without buttons, since nobody can answer there."""
        chatid = refs.id_of(message.to)

        async def put(payload: Payload) -> Answer:
            return await self.calls.post("appchat/send", {"chatid": chatid, "safe": 0, **payload})

        if message.picture is not None:
            await self.media.show(message.picture, put)
        files = await self.media.payloads(message.files, self.clock.now())
        if isinstance(files, OUTCOMES):
            return files
        sent: Outcome | None = None
        texts = payloads.texts(without_buttons(message, text, self.wording))
        for payload in (*files, *texts):
            outcome = outcome_of(await put(payload), self.clock.now())
            if outcome is not None:
                return outcome if sent is None else Unknown(why="partly-sent")
            sent = Accepted(message_id="")
        return sent or Refused(why=RefusedWhy.BAD_CONTENT)


def without_buttons(message: OutboundMessage, text: str, wording: Wording) -> str:
    """The text for a group that can neither press nor be heard; where something was to be chosen it says where."""
    if not message.choices:
        return text
    return wording.render(Phrase(key="wecom.choices.in-private", values={"text": text}))
