"""A student's own state in the open campaign: the check list, two taps, a receipt, and what is not right."""

from datetime import datetime, time, timedelta

from bot.dialogue.campaign_buttons import campaign_buttons
from bot.dialogue.guiding import Guiding
from bot.dialogue.switching import NOT_FOUND_GUIDE
from bot.dialogue.turns import Reply, Turn, preceded
from bot.dialogue.wording import ContentWording
from scheduler.acts import Act
from scheduler.calendar import ZONE
from scheduler.campaigns import DONE, OWING, WITH_OFFICE, Campaign, CampaignStatus, State, StudentState
from scheduler.deliveries import Delivery, Kind
from scheduler.letters import TOMORROW, deadline_words, moment_words
from scheduler.messages import Action, Choice, OutboundMessage, Phrase, Purpose, Verb
from scheduler.ports import CampaignStore, Outbox
from scheduler.roster import Student
from scheduler.stating import Stating

_EVENING = time(19, 30)
"""When "tomorrow" is: after dinner, before the quiet hours."""

_EVENING_LASTS = timedelta(hours=3)
"""After this the words "today, as you asked" are no longer true, and nothing is said."""

_ACTS = {
    Verb.CONFIRM: Act.CONFIRM,
    Verb.WRONG: Act.REPORT_WRONG,
    Verb.NOT_FOUND: Act.NOT_FOUND,
    Verb.NO_LOGIN: Act.NO_LOGIN,
    Verb.WITHDRAW: Act.WITHDRAW,
}


class Confirming:
    """Takes statements of students who are bound, and says what was recorded."""

    def __init__(
        self,
        campaigns: CampaignStore,
        outbox: Outbox,
        guiding: Guiding,
        wording: ContentWording,
        stating: Stating,
    ) -> None:
        self._campaigns = campaigns
        self._outbox = outbox
        self._guiding = guiding
        self._wording = wording
        self._stating = stating

    async def act(self, turn: Turn, action: Action) -> Reply:
        """The reply to a campaign's button; the person is bound."""
        campaign = await self._campaigns.get(action.subject)
        student = turn.asker.student
        if campaign is None or campaign.status is not CampaignStatus.OPEN:
            return turn.reply("campaign.over")
        if student is None or student.class_id not in campaign.classes:
            return turn.reply("button.not-yours")
        match action.verb:
            case Verb.OPEN:
                return self._check_list(turn, campaign)
            case Verb.TROUBLE:
                return self._trouble(turn, campaign)
            case Verb.TOMORROW:
                return await self._tomorrow(turn, campaign, student)
            case Verb.WRONG if action.detail not in {item.id for item in campaign.checklist}:
                return self._which_item(turn, campaign)
            case _:
                return await self._state(turn, campaign, student, _ACTS[action.verb], action.detail)

    async def status(self, turn: Turn) -> Reply:
        """Where the student stands, with the way on."""
        campaign, student = turn.asker.campaign, turn.asker.student
        if campaign is None or student is None:
            return turn.reply("status.no-campaign")
        state = await self._campaigns.state(campaign.id, student.class_id, student.sid)
        body = turn.phrase(
            f"status.{state.state}",
            title=campaign.title,
            deadline=self._deadline(campaign),
            **self._values(campaign, state),
        )
        spared = turn.asker.binding is not None and turn.asker.binding.last_day_only and state.state in OWING
        said = preceded(turn, "status.fewer", body) if spared else body
        return turn.reply(said, self._after(campaign, state, turn.now))

    async def _state(self, turn: Turn, campaign: Campaign, student: Student, what: Act, item: str = "") -> Reply:
        stated = await self._stating.state(campaign, student, what, by=student.sid, now=turn.now, item=item)
        if stated.refused is not None:
            body = turn.phrase(f"not-allowed.{stated.refused}", **self._values(campaign, stated.state))
            return turn.reply(body, self._after(campaign, stated.state, turn.now))
        return self._receipt(turn, campaign, stated.state, what)

    def _receipt(self, turn: Turn, campaign: Campaign, state: StudentState, what: Act) -> Reply:
        late = self._wording.label("receipt.late") if state.late and what is not Act.WITHDRAW else ""
        body = turn.phrase(f"receipt.{what}", late=late, **self._values(campaign, state))
        receipt = turn.reply(body, self._after(campaign, state, turn.now), purpose=Purpose.RECEIPT, in_place=True)
        if what is Act.NOT_FOUND:
            return receipt.then(self._guiding.begin(turn, NOT_FOUND_GUIDE))
        return receipt

    def _check_list(self, turn: Turn, campaign: Campaign) -> Reply:
        items = self._wording.label("list.comma").join(item.label for item in campaign.to_check)
        remarks = "\n".join(campaign.remarks)
        body = turn.phrase(
            "check.list", title=campaign.title, items=items, status=campaign.expected_status, remarks=remarks
        )
        return turn.reply(
            body, self._choices(campaign, (Verb.CONFIRM, Verb.WRONG, Verb.NOT_FOUND, Verb.NO_LOGIN), turn.now)
        )

    def _trouble(self, turn: Turn, campaign: Campaign) -> Reply:
        return turn.reply(
            "check.trouble", self._choices(campaign, (Verb.WRONG, Verb.NOT_FOUND, Verb.NO_LOGIN), turn.now)
        )

    def _which_item(self, turn: Turn, campaign: Campaign) -> Reply:
        items = [
            Choice(label=item.label, action=Action(verb=Verb.WRONG, subject=campaign.id, detail=item.id))
            for item in campaign.checklist
        ]
        all_right = self._choices(campaign, (Verb.OPEN,), turn.now)
        return turn.reply(turn.phrase("check.which-item", remarks="\n".join(campaign.remarks)), [*items, *all_right])

    async def _tomorrow(self, turn: Turn, campaign: Campaign, student: Student) -> Reply:
        """One more private reminder tomorrow evening, once a campaign: its id allows no second."""
        local = turn.now.astimezone(ZONE)
        at = datetime.combine(local.date() + timedelta(days=1), _EVENING, ZONE)
        stage = campaign.stages[0]
        if at >= stage.deadline.instant:
            return turn.reply(turn.phrase("tomorrow.too-late", deadline=self._deadline(campaign)))
        to = turn.message.private_address
        delivery = Delivery(
            id=f"{campaign.id}:{stage.id}:tomorrow:{student.sid}@{to}",
            kind=Kind.PRIVATE_WAVE,
            message=OutboundMessage(
                to=to,
                body=Phrase(key="wave.private.tomorrow"),
                purpose=Purpose.DEADLINE,
                expires_at=campaign.quiet.last_before(at + _EVENING_LASTS),
            ),
            campaign=campaign.id,
            stage=stage.id,
            wave=TOMORROW,
            classes=(student.class_id,),
            sid=student.sid,
            not_before=at,
        )
        queued = await self._outbox.queue(delivery, turn.now)
        key = "tomorrow.noted" if queued else "tomorrow.again"
        return turn.reply(turn.phrase(key, deadline=self._deadline(campaign)))

    def _after(self, campaign: Campaign, state: StudentState, now: datetime) -> list[Choice]:
        """The buttons that make sense in a state."""
        if state.state is State.NO_LOGIN:
            return self._choices(campaign, (Verb.OPEN, Verb.NO_LOGIN, Verb.WITHDRAW), now)
        if state.state in WITH_OFFICE:
            return self._choices(campaign, (Verb.WITHDRAW, Verb.WRONG), now)
        if state.state in DONE:
            return self._choices(campaign, (Verb.WITHDRAW, Verb.TROUBLE), now)
        return self._choices(campaign, (Verb.OPEN, Verb.TROUBLE), now)

    def _choices(self, campaign: Campaign, verbs: tuple[Verb, ...], now: datetime) -> list[Choice]:
        return campaign_buttons(self._wording, campaign, verbs, now)

    def _deadline(self, campaign: Campaign) -> Phrase:
        return deadline_words(campaign.stages[0].deadline)

    def _values(self, campaign: Campaign, state: StudentState) -> dict[str, str | int | Phrase]:
        labels = [found.label for item in state.items if (found := campaign.item(item))]
        item = self._wording.label("list.comma").join(labels)
        at = moment_words(state.at) if state.at else ""
        return {"at": at, "receipt": state.receipt, "item": item, "status": campaign.expected_status}
