"""代登记: monitor or counsellor states for students of a class, for a reason that is named; each of them is told."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.conversations import ForOthers
from bot.dialogue.choosing import Choosing, Chosen
from bot.dialogue.rights import TABLE, Right
from bot.dialogue.turns import Asker, Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.campaigns import NOTHING_YET, OWING, Campaign, StudentState, is_exempt
from scheduler.deliveries import Delivery, Kind
from scheduler.messages import Action, Address, Choice, OutboundMessage, Phrase, Purpose, Verb
from scheduler.ports import BindingStore, CampaignStore, LookStore, Outbox, RosterStore
from scheduler.roster import Student, private_address
from scheduler.staffing import StaffRole
from scheduler.stating import Stated, Stating

MOST_BY_MONITORS = 3
"""For how many of a class its monitors may state in a stage, all of them together: more is the counsellor's."""

_REASONS = "proxy.reason."
_NUMBERS = re.compile(r"\d+(?:[\u53f7,\uff0c\u3001\s]+\d+)*[\u53f7,\uff0c\u3001]*")
_CHOSEN_LASTS = timedelta(minutes=30)
"""How long those who were named are still meant when a reason is picked."""


class Vouching:
    """Shows who still owes by the numbers of the sheet, asks for the reason, records, and tells each of them."""

    def __init__(
        self,
        *,
        rosters: RosterStore,
        campaigns: CampaignStore,
        bindings: BindingStore,
        looks: LookStore,
        outbox: Outbox,
        stating: Stating,
        choosing: Choosing,
        wording: ContentWording,
    ) -> None:
        self._rosters = rosters
        self._campaigns = campaigns
        self._bindings = bindings
        self._looks = looks
        self._outbox = outbox
        self._stating = stating
        self._choosing = choosing
        self._wording = wording

    async def order(self, turn: Turn, words: Sequence[str]) -> Reply:
        """The reply to the command: the list of a class, or the question for the reason where numbers follow: of the
        sheet, or the students' own."""
        named = [word for word in words if not _NUMBERS.fullmatch(word)]
        numbers = [int(one) for word in words if word not in named for one in re.findall(r"\d+", word)]
        chosen = await self._choosing.which(turn, Right.PROXY, Verb.PROXY, named)
        if isinstance(chosen, Reply):
            return chosen
        return await self._ask_reason(turn, chosen, numbers) if numbers else await self._list(turn, chosen)

    async def press(self, turn: Turn, action: Action) -> Reply:
        """The reply to a class or a reason that was picked; the right is asked anew."""
        meant = turn.conversation.for_others
        if not action.detail.startswith(_REASON_SIGN):
            chosen = await self._choosing.pressed(turn, Right.PROXY, action)
            return await self._list(turn, chosen) if chosen else turn.reply("button.not-yours")
        if meant is None or meant.campaign != action.subject or turn.now > meant.until:
            return turn.reply("proxy.again")
        chosen = await self._choosing.pressed(
            turn, Right.PROXY, Action(verb=Verb.PROXY, subject=meant.campaign, detail=meant.class_id)
        )
        reason = action.detail.removeprefix(_REASON_SIGN)
        if chosen is None or reason not in self._wording.labels(_REASONS):
            return turn.reply("button.not-yours")
        return await self._record(turn, chosen, meant.sids, reason)

    async def _list(self, turn: Turn, chosen: Chosen) -> Reply:
        campaign, class_id = chosen.campaign, chosen.found.id
        await self._looks.remember(campaign.id, class_id, turn.message.account, turn.now, press=turn.message.id)
        owing = await self._owing(campaign, class_id)
        if not owing:
            return turn.reply(turn.phrase("proxy.nobody", class_name=chosen.found.name))
        line = self._wording.label("list.comma").join(
            self._wording.label("proxy.numbered", number=number, name=student.name) for number, student in owing.items()
        )
        most = MOST_BY_MONITORS if _only_monitor(turn.asker, class_id) else 0
        limit = Phrase(key="proxy.limit", values={"most": most}) if most else ""
        named = await self._choosing.named(turn, Right.PROXY, chosen)
        return turn.reply(turn.phrase("proxy.list", class_name=chosen.found.name, named=named, names=line, limit=limit))

    async def _ask_reason(self, turn: Turn, chosen: Chosen, numbers: Sequence[int]) -> Reply:
        owing = await self._owing(chosen.campaign, chosen.found.id)
        owing |= {int(one.number): one for one in owing.values() if one.number.isdecimal()}
        if unknown := [number for number in dict.fromkeys(numbers) if number not in owing]:
            listed = self._wording.label("list.comma").join(str(number) for number in unknown)
            return turn.reply(turn.phrase("proxy.no-such", numbers=listed, class_name=chosen.found.name))
        students = [owing[number] for number in dict.fromkeys(numbers)]
        meant = ForOthers(
            campaign=chosen.campaign.id,
            class_id=chosen.found.id,
            sids=tuple(student.sid for student in students),
            until=turn.now + _CHOSEN_LASTS,
        )
        asking = replace(turn, conversation=replace(turn.conversation, for_others=meant))
        reasons = [
            Choice(
                label=label,
                action=Action(verb=Verb.PROXY, subject=chosen.campaign.id, detail=f"{_REASON_SIGN}{reason}"),
            )
            for reason, label in self._wording.labels(_REASONS).items()
        ]
        names = self._wording.label("list.comma").join(student.name for student in students)
        return asking.reply(turn.phrase("proxy.which-reason", names=names), reasons)

    async def _record(self, turn: Turn, chosen: Chosen, sids: Sequence[str], reason: str) -> Reply:
        most = MOST_BY_MONITORS if _only_monitor(turn.asker, chosen.found.id) else 0
        came: dict[str, list[str]] = {}
        untold = 0
        bindings = await self._bindings.of_students(sids)
        for sid in sids:
            student = await self._rosters.student(sid)
            if student is None or student.class_id != chosen.found.id:
                continue
            stated = await self._stating.vouch(
                chosen.campaign, student, by=turn.message.account, now=turn.now, reason=reason, most=most
            )
            came.setdefault(stated.refused or "recorded", []).append(student.name)
            to = private_address(bindings.get(sid, ()))
            if _stands_by(stated, turn.message.account):
                untold += to is None
                await self._tell(turn, chosen.campaign, student, stated.state, to)
        left = replace(turn, conversation=replace(turn.conversation, for_others=None))
        return left.reply(self._said(turn, came, untold), purpose=Purpose.RECEIPT)

    async def _tell(
        self, turn: Turn, campaign: Campaign, student: Student, state: StudentState, to: Address | None
    ) -> None:
        """Say it to the student, with the way to take it back; once for each time it was stated."""
        if to is None:
            return
        by = "monitor" if _only_monitor(turn.asker, student.class_id) else "staff"
        body = turn.phrase(
            "proxy.told",
            by=Phrase(key=f"proxy.by.{by}"),
            title=campaign.title,
            reason=Phrase(key=f"{_REASONS}{state.reason}"),
            receipt=state.receipt,
        )
        undo = Choice(
            label=self._wording.label("button.withdraw"), action=Action(verb=Verb.WITHDRAW, subject=campaign.id)
        )
        note = Delivery(
            id=f"{campaign.id}:proxy:{student.sid}:{state.count}",
            kind=Kind.NOTE,
            message=OutboundMessage(to=to, body=body, purpose=Purpose.NOTICE, choices=(undo,)),
            campaign=campaign.id,
            classes=(student.class_id,),
            sid=student.sid,
            not_before=campaign.quiet.first_after(turn.now),
        )
        await self._outbox.queue(note, turn.now)

    def _said(self, turn: Turn, came: Mapping[str, Sequence[str]], untold: int) -> Phrase:
        comma = self._wording.label("list.comma")
        lines = [
            self._wording.label(f"proxy.came.{what}", names=comma.join(names), most=MOST_BY_MONITORS)
            for what, names in came.items()
        ]
        if untold:
            lines.append(self._wording.label("proxy.untold", count=untold))
        return turn.phrase("proxy.came", lines="\n".join(lines))

    async def _owing(self, campaign: Campaign, class_id: str) -> dict[int, Student]:
        """Who of a class still owes, by the number on the class's sheet."""
        members = sorted(await self._rosters.members(class_id), key=lambda student: student.number)
        states = await self._campaigns.states(campaign.id, class_id)
        return {
            number: student
            for number, student in enumerate(members, start=1)
            if (state := states.get(student.sid, NOTHING_YET)).counted in OWING
            and not is_exempt(campaign, student.status, state)
        }


_REASON_SIGN = "="
"""Before a reason in a button; a class's id begins with a letter."""


def _only_monitor(asker: Asker, class_id: str) -> bool:
    """Whether somebody may do this for a class as its monitor and as nothing else."""
    roles = {member.role for member in asker.staff if class_id in member.classes and Right.PROXY in TABLE[member.role]}
    return roles == {StaffRole.MONITOR}


def _stands_by(stated: Stated, account: str) -> bool:
    """Whether it was recorded, now or by the same press before a broken line."""
    return stated.refused is None or (bool(stated.state.reason) and stated.state.by == account)
