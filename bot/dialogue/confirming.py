"""A student's own state in the open campaign: the check list, two taps, a receipt, and what is not right."""

from datetime import datetime, time, timedelta

from bot.dialogue.campaign_buttons import campaign_buttons, ways_from
from bot.dialogue.guiding import Guiding
from bot.dialogue.own_state import OwnState, out_of_sight, with_claim
from bot.dialogue.reporting import Reporting
from bot.dialogue.suspecting import Suspecting
from bot.dialogue.switching import NOT_FOUND_GUIDE
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.acts import Act
from scheduler.calendar import ZONE
from scheduler.campaigns import Campaign, CampaignStatus, State, StudentState
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
        reporting: Reporting,
        own_state: OwnState,
        suspecting: Suspecting,
    ) -> None:
        self._campaigns = campaigns
        self._outbox = outbox
        self._guiding = guiding
        self._wording = wording
        self._stating = stating
        self._reporting = reporting
        self._own_state = own_state
        self._suspecting = suspecting

    async def act(self, turn: Turn, action: Action) -> Reply:
        """The reply to a campaign's button; the person is bound."""
        campaign = await self._campaigns.get(action.subject)
        student = turn.asker.student
        if campaign is None or campaign.status is not CampaignStatus.OPEN:
            return turn.reply("campaign.over")
        if student is None or student.class_id not in campaign.classes:
            return turn.reply("button.not-yours")
        if turn.asker.unproved:
            state = await self._campaigns.state(campaign.id, student.class_id, student.sid)
            if out_of_sight(state, unproved=True):
                return turn.reply("binding.prove-to-see")
        match action.verb:
            case Verb.OPEN:
                return self._check_list(turn, campaign)
            case Verb.TROUBLE:
                return self._trouble(turn, campaign)
            case Verb.TOMORROW:
                return await self._tomorrow(turn, campaign, student)
            case Verb.STATUS:
                return await self._own_state.show(turn, campaign, student)
            case Verb.WRONG:
                return await self._reporting.press(turn, campaign, student, action.detail)
            case _:
                return await self._state(turn, campaign, student, _ACTS[action.verb])

    async def _state(self, turn: Turn, campaign: Campaign, student: Student, what: Act) -> Reply:
        stated = await self._stating.state(
            campaign, student, what, by=student.sid, now=turn.now, claimed=turn.asker.unproved
        )
        if stated.before.items or stated.refused is not None:  # a broken line may have left them open
            await self._take_back_reports(turn, campaign, student, stated.state)
        if stated.refused is not None:
            body = turn.phrase(f"not-allowed.{stated.refused}", **self._values(campaign, stated.state))
            buttons = self._choices(campaign, ways_from(stated.state), turn.now)
            return turn.reply(with_claim(turn, body, stated.state), buttons)
        if what in {Act.NOT_FOUND, Act.NO_LOGIN}:
            await self._suspecting.reported(campaign, turn.now)
        return self._receipt(turn, campaign, stated.state, what)

    async def _take_back_reports(self, turn: Turn, campaign: Campaign, student: Student, state: StudentState) -> None:
        if not state.items:
            await self._reporting.take_back(campaign, student, turn)

    def _receipt(self, turn: Turn, campaign: Campaign, state: StudentState, what: Act) -> Reply:
        late = self._wording.label("receipt.late") if state.late and what is not Act.WITHDRAW else ""
        key = "receipt.withdraw-exempt" if state.state is State.EXEMPT else f"receipt.{what}"
        body = turn.phrase(key, late=late, **self._values(campaign, state))
        body = with_claim(turn, body, state)
        buttons = self._choices(campaign, ways_from(state), turn.now)
        receipt = turn.reply(body, buttons, purpose=Purpose.RECEIPT, in_place=True)
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

    def _choices(self, campaign: Campaign, verbs: tuple[Verb, ...], now: datetime) -> list[Choice]:
        return campaign_buttons(self._wording, campaign, verbs, now)

    def _deadline(self, campaign: Campaign) -> Phrase:
        return deadline_words(campaign.stages[0].deadline)

    def _values(self, campaign: Campaign, state: StudentState) -> dict[str, str | int | Phrase]:
        at = moment_words(state.at) if state.at else ""
        return {"at": at, "receipt": state.receipt, "status": campaign.expected_status}
