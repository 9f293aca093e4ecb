"""Roster, bindings, staff and campaigns in Redis."""

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.storage.connection import close, connect
from scheduler.acts import Act, NotAllowed, act
from scheduler.campaigns import NOTHING_YET, OWING, Campaign, CampaignStatus, Progress, State, StudentState, move
from scheduler.claims import Verdict, Waiting
from scheduler.roster import Binding, BindingStrength, Group
from scheduler.staffing import Deputy, Invitation, MonitorWord, StaffMember, StaffRole, in_force
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.database import Database
from scheduler.storage.keys import PeopleKeys
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.records import to_json
from scheduler.storage.relations import Relations
from scheduler.storage.roster import RedisRosterStore
from scheduler.storage.staff import RedisStaffStore
from tests.conftest import START
from tests.integration.school import campaign, confirmed, group, import_students, open_campaign, roster, student


async def test_an_import_is_seen_whole_and_members_come_by_number(database: Database) -> None:
    rosters = RedisRosterStore(database)
    assert (await rosters.current()).version == 0
    wanted = roster(1, student("s2"), student("s1"), student("s3", "c2"))
    assert await rosters.apply(wanted, now=START)

    for reader in (rosters, RedisRosterStore(database)):
        assert await reader.current() == wanted
    assert await rosters.members("c1") == (student("s1"), student("s2"))
    assert await rosters.by_number("2019s3") == student("s3", "c2")
    assert await rosters.student("s2") == student("s2")
    assert (await rosters.school_class("c2")) == wanted.classes["c2"]
    assert await rosters.members("nowhere") == ()
    assert await rosters.student("nobody") is None


async def test_a_new_import_replaces_the_old_one_whole(database: Database) -> None:
    rosters = RedisRosterStore(database)
    await rosters.apply(roster(1, student("s1"), student("s2")), now=START)
    await rosters.apply(roster(2, student("s2", "c9")), now=START)
    assert await rosters.student("s1") is None
    assert await rosters.by_number("2019s1") is None
    assert await rosters.members("c1") == ()
    assert await rosters.members("c9") == (student("s2", "c9"),)


async def test_many_who_ask_at_once_after_a_start_read_the_classes_once(database: Database) -> None:
    await import_students(RedisRosterStore(database), student("s1"))
    just_started = RedisRosterStore(database)
    first, *others = await asyncio.gather(*(just_started.classes() for _ in range(50)))
    assert set(first) == {"c1"}
    assert all(one is first for one in others)


async def test_the_same_import_again_is_a_yes_and_another_of_the_same_version_a_no(database: Database) -> None:
    rosters = RedisRosterStore(database)
    assert await rosters.apply(roster(1, student("s1")), now=START)
    assert await rosters.apply(roster(1, student("s1")), now=START)
    assert not await rosters.apply(roster(1, student("s2")), now=START)
    assert await rosters.student("s1") == student("s1")


async def test_of_two_imports_at_once_one_wins_whole(database: Database) -> None:
    first = roster(1, *(student(f"a{number}") for number in range(1_500)))
    second = roster(1, *(student(f"b{number}") for number in range(1_500)))
    stores = RedisRosterStore(database), RedisRosterStore(database)
    applied = await asyncio.gather(stores[0].apply(first, now=START), stores[1].apply(second, now=START))
    assert sorted(applied) == [False, True]
    assert await stores[0].current() == (first if applied[0] else second)


async def test_only_the_current_import_and_the_one_before_are_kept(database: Database) -> None:
    rosters = RedisRosterStore(database)
    for version in range(1, 6):
        await rosters.apply(roster(version, student("s1"), student(f"n{version}")), now=START)
    found = [key async for key in database.client.scan_iter(match=f"{database.prefix}:*import:*:students")]
    for_good = [key for key in found if await database.call("TTL", key) == -1]
    assert len(for_good) == 2


async def test_an_account_is_bound_rebound_and_forgotten(database: Database) -> None:
    bindings = RedisBindingStore(database)
    phone = Binding(account="telegram:7", sid="s1", strength=BindingStrength.STRONG, private=group("7"))
    tablet = replace(phone, account="telegram:8", private=group("8"))
    for binding in (tablet, phone, phone):
        await bindings.bind(binding)
    assert await bindings.of_account("telegram:7") == (phone,)
    assert await bindings.of_students(["s1", "s2"]) == {"s1": (phone, tablet)}

    second = replace(phone, sid="s2")
    await bindings.bind(second)
    assert await bindings.of_account("telegram:7") == (phone, second)
    await bindings.release("telegram:7", "s1")
    assert await bindings.of_students(["s1", "s2"]) == {"s1": (tablet,), "s2": (second,)}

    await bindings.unbind("telegram:7")
    await bindings.unbind("telegram:7")
    assert await bindings.of_account("telegram:7") == ()
    assert await bindings.of_students(["s2"]) == {}


async def test_a_claim_that_nobody_decides_is_forgotten_with_the_name_that_was_typed(database: Database) -> None:
    bindings = RedisBindingStore(database)
    old = Waiting(account="telegram:1", private=group("1"), class_id="c1", name="name", at=START)
    new = replace(old, account="telegram:2", at=START + timedelta(days=1))
    await bindings.wait(old)
    await bindings.wait(new)
    assert await bindings.forget_waiting(new.at) == 1
    assert await bindings.waiting_in(["c1"]) == (new,)
    assert await bindings.waiting(old.id) is None


async def test_groups_and_classes_are_found_from_both_sides(database: Database) -> None:
    bindings = RedisBindingStore(database)
    both, one = Group(address=group("both"), classes=("c1", "c2")), Group(address=group("one"), classes=("c1",))
    await bindings.bind_group(both)
    await bindings.bind_group(one)
    assert await bindings.groups_of(["c1", "c2", "c3"]) == (both, one)
    await bindings.bind_group(replace(one, faq_only=True))
    assert await bindings.groups_of(["c1"]) == (both,)
    assert await bindings.groups_of(["c1"], whosever=True) == (both, replace(one, faq_only=True))
    await bindings.bind_group(one)

    await bindings.bind_group(replace(both, classes=("c2",)))
    assert await bindings.groups_of(["c1"]) == (one,)
    assert await bindings.group(one.address) == one

    await bindings.bind_group(replace(one, classes=()))
    assert await bindings.group(one.address) is None
    assert await bindings.groups_of(["c1"]) == ()


async def test_a_binding_code_works_once_and_stays_the_same_until_then(database: Database) -> None:
    bindings = RedisBindingStore(database)
    assert await bindings.codes(["s1", "s2"], {"s1": "AAA", "s2": "BBB"}) == {"s1": "AAA", "s2": "BBB"}
    assert await bindings.codes(["s1"], {"s1": "CCC"}) == {"s1": "AAA"}
    assert await bindings.owner_of("AAA") == "s1"
    assert await bindings.owner_of("CCC") is None
    claim = Binding(account="telegram:7", sid="s1", strength=BindingStrength.STRONG, private=group("7"))
    assert (await bindings.claim(claim, code="AAA")).verdict is Verdict.BOUND
    assert (await bindings.claim(claim, code="AAA")).verdict is Verdict.BOUND, "the first answer may have been lost"
    other = replace(claim, account="telegram:8")
    assert (await bindings.claim(other, code="AAA")).verdict is Verdict.USED
    assert await bindings.of_account("telegram:8") == ()
    assert await bindings.owner_of("AAA") is None


async def test_of_two_who_claim_a_student_at_once_by_number_and_name_one_is_bound(database: Database) -> None:
    bindings = RedisBindingStore(database)
    claims = [
        Binding(account=f"telegram:{one}", sid="s1", strength=BindingStrength.PROVISIONAL, private=group(str(one)))
        for one in range(5)
    ]
    decisions = await asyncio.gather(*(bindings.claim(claim) for claim in claims))
    assert [one.verdict for one in decisions].count(Verdict.BOUND) == 1
    assert len((await bindings.of_students(["s1"]))["s1"]) == 1


async def test_of_two_accounts_that_use_one_slip_at_once_one_is_bound(database: Database) -> None:
    bindings = RedisBindingStore(database)
    await bindings.codes(["s1"], {"s1": "AAA"})
    claims = [
        Binding(account=f"telegram:{one}", sid="s1", strength=BindingStrength.STRONG, private=group(str(one)))
        for one in range(5)
    ]
    decisions = await asyncio.gather(*(bindings.claim(claim, code="AAA") for claim in claims))
    assert sorted(one.verdict for one in decisions) == [Verdict.BOUND, *[Verdict.USED] * 4]
    assert len((await bindings.of_students(["s1"]))["s1"]) == 1


async def test_a_strong_claim_displaces_a_provisional_one_and_what_waited_is_settled_once(database: Database) -> None:
    bindings = RedisBindingStore(database)
    first = Binding(account="telegram:1", sid="s1", strength=BindingStrength.PROVISIONAL, private=group("1"))
    second = replace(first, account="telegram:2", private=group("2"))
    waiting = Waiting(account="telegram:2", private=group("2"), class_id="c1", sid="s1", at=START)
    assert (await bindings.claim(first)).verdict is Verdict.BOUND
    contested = await bindings.claim(second, waiting=waiting)
    assert (contested.verdict, contested.alerted) == (Verdict.CONTESTED, (first,))
    assert await bindings.waiting_in(["c1", "c2"]) == (waiting,)
    sure = replace(second, strength=BindingStrength.STRONG)
    settled = await bindings.claim(sure, settles=waiting.id)
    assert (settled.verdict, settled.displaced) == (Verdict.BOUND, (first,))
    assert await bindings.of_students(["s1"]) == {"s1": (sure,)}
    assert await bindings.of_account("telegram:1") == ()
    assert await bindings.waiting(waiting.id) is None
    late = replace(sure, sid="s2")
    assert (await bindings.claim(late, same_person=["s1"], settles=waiting.id)).verdict is Verdict.USED
    assert not await bindings.unwait(waiting.id)


async def test_a_code_is_never_given_to_two(database: Database) -> None:
    bindings = RedisBindingStore(database)
    assert await bindings.codes(["s1", "s2"], {"s1": "AAA", "s2": "AAA"}) == {"s1": "AAA"}


async def test_a_right_that_was_taken_away_ends_at_once(database: Database) -> None:
    staff = RedisStaffStore(database)
    monitor = StaffMember(account="telegram:9", role=StaffRole.MONITOR, classes=("c1",), private=group("9"))
    await staff.appoint(monitor)
    assert await staff.of_account("telegram:9") == (monitor,)
    await staff.dismiss("telegram:9")
    assert await staff.of_account("telegram:9") == ()
    assert await staff.about("telegram:9") == ()


async def test_a_deputy_is_found_by_their_own_account_until_they_are_named_no_more(database: Database) -> None:
    staff = RedisStaffStore(database)
    deputy = Deputy(account="telegram:8", since=START, until=START + timedelta(days=3))
    away = StaffMember(
        account="telegram:9", role=StaffRole.COUNSELLOR, classes=("c1",), private=group("9"), deputies=(deputy,)
    )
    own = replace(away, account="telegram:8", private=group("8"), deputies=())
    await staff.appoint(away)
    assert await staff.about("telegram:8") == (away,)
    await staff.appoint(own)
    assert await staff.about("telegram:8") == (own, away)
    assert await staff.all() == (own, away)
    await staff.appoint(replace(away, deputies=()))
    assert await staff.about("telegram:8") == (own,)


async def test_an_invitation_makes_staff_of_the_first_who_shows_it_and_of_nobody_else(database: Database) -> None:
    staff = RedisStaffStore(database)
    term = START + timedelta(days=100)
    invitation = Invitation(role=StaffRole.COUNSELLOR, classes=("c1",), expires=START + timedelta(days=3), until=term)
    await staff.invite("CODE", invitation, START)
    accounts = [f"telegram:{number}" for number in range(5)]
    answers = await asyncio.gather(*(staff.accept("CODE", one, group(one), START) for one in accounts))
    ((taken,),) = [answer for answer in answers if answer]
    assert await staff.all() == (taken,)
    assert (taken.classes, taken.until) == (("c1",), term)
    assert await staff.accept("CODE", taken.account, taken.private, START) == (taken,), "the answer may have been lost"
    await staff.dismiss(taken.account)
    assert await staff.accept("CODE", taken.account, taken.private, START) == ()
    assert await staff.all() == ()


async def test_an_invitation_ends_with_its_date_and_the_next_one_clears_it_away(database: Database) -> None:
    staff = RedisStaffStore(database)
    later = START + timedelta(days=3)
    invitation = Invitation(role=StaffRole.COLLEGE, colleges=("college",), expires=later, until=later)
    await staff.invite("CODE", invitation, START)
    assert await staff.accept("CODE", "telegram:1", group("1"), later) == ()
    assert await staff.accept("WRONG", "telegram:1", group("1"), START) == ()
    await staff.invite("OTHER", replace(invitation, expires=later + timedelta(days=3)), later)
    assert len(await database.whole_hash(PeopleKeys(database.prefix).invitations)) == 1


async def test_a_second_invitation_adds_classes_and_a_deputys_one_names_whom_they_stand_in_for(
    database: Database,
) -> None:
    staff = RedisStaffStore(database)
    until = START + timedelta(days=100)
    first = Invitation(role=StaffRole.TEACHER, classes=("c1",), expires=until, until=until)
    await staff.invite("ONE", first, START)
    await staff.invite("TWO", replace(first, classes=("c2",)), START)
    await staff.invite("IN", replace(first, classes=(), stands_in_for="telegram:1"), START)
    await staff.accept("ONE", "telegram:1", group("1"), START)
    (both,) = await staff.accept("TWO", "telegram:1", group("1"), START)
    assert both.classes == ("c1", "c2")
    assert await staff.accept("IN", "telegram:1", group("1"), START) == (), "nobody stands in for themselves"
    principal = await staff.accept("IN", "telegram:2", group("2"), START)
    assert await staff.about("telegram:2") == principal
    assert [one.classes for one in in_force(principal, "telegram:2", START)] == [("c1", "c2")]


async def test_somebody_with_two_roles_loses_one_of_them_and_keeps_the_other(database: Database) -> None:
    staff = RedisStaffStore(database)
    until = START + timedelta(days=100)
    deputy = Deputy(account="telegram:8", since=START, until=until)
    registrar = StaffMember(account="telegram:1", role=StaffRole.REGISTRAR, private=group("1"))
    teacher = StaffMember(account="telegram:1", role=StaffRole.TEACHER, private=group("1"), classes=("c1",))
    away = StaffMember(
        account="telegram:9",
        role=StaffRole.COUNSELLOR,
        private=group("9"),
        deputies=(replace(deputy, account="telegram:1"),),
    )
    for one in (registrar, teacher, away, replace(teacher, classes=("c2",), deputies=(deputy,))):
        await staff.appoint(one)
    assert [(one.role, one.classes) for one in await staff.of_account("telegram:1")] == [
        (StaffRole.REGISTRAR, ()),
        (StaffRole.TEACHER, ("c2",)),
    ]
    await staff.dismiss("telegram:1", StaffRole.TEACHER)
    assert await staff.about("telegram:1") == (registrar, away)
    assert await staff.about("telegram:8") == ()
    await staff.dismiss("telegram:1", StaffRole.REGISTRAR)
    assert await staff.about("telegram:1") == ()


async def test_who_was_appointed_when_an_account_had_but_one_role_still_has_it(database: Database) -> None:
    staff = RedisStaffStore(database)
    member = StaffMember(account="telegram:9", role=StaffRole.COUNSELLOR, classes=("c1",), private=group("9"))
    names = (PeopleKeys(database.prefix).staff, PeopleKeys(database.prefix).deputies)
    await Relations(database, *names).put(member.account, to_json(member), ())
    assert await staff.of_account(member.account) == (member,)


async def test_what_is_said_of_monitors_stands_together_and_the_last_word_counts(database: Database) -> None:
    staff = RedisStaffStore(database)
    old = MonitorWord(sid="s1", class_id="c1", is_monitor=False, named=("s1",), until=START, by="telegram:7")
    new = replace(old, sid="s2", is_monitor=True)
    await staff.say_monitors([old, new])
    await staff.say_monitors([replace(new, is_monitor=False)])
    assert await staff.monitor_words(["s1", "s2", "s3"]) == {"s1": old, "s2": replace(new, is_monitor=False)}


async def test_a_campaign_is_saved_only_over_the_revision_that_was_seen(database: Database) -> None:
    campaigns = RedisCampaignStore(database)
    draft = campaign(status=CampaignStatus.DRAFT)
    opened = move(draft, CampaignStatus.OPEN, START)
    assert await campaigns.save(draft, seen_revision=0)
    assert await campaigns.save(draft, seen_revision=0), "the answer to the first may have been lost"
    assert await campaigns.save(opened, seen_revision=1)
    assert not await campaigns.save(replace(opened, title="other"), seen_revision=1)
    assert await campaigns.get(draft.id) == opened
    assert await campaigns.all() == (opened,)
    assert await campaigns.get("other") is None


async def test_of_two_writers_that_saw_the_same_state_one_is_told_no(database: Database) -> None:
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns)
    wrong = replace(confirmed(), state=State.WRONG, items=("name",))
    written = await asyncio.gather(
        campaigns.record("check-2019", "c1", "s1", confirmed()), campaigns.record("check-2019", "c1", "s1", wrong)
    )
    assert sorted(written) == [False, True]


async def test_the_same_state_again_is_a_yes_and_counts_once(database: Database) -> None:
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns)
    for _ in range(2):
        assert await campaigns.record("check-2019", "c1", "s1", confirmed())
    assert (await campaigns.progress("check-2019", ["c1"])).done == 1


async def test_a_state_of_a_closed_campaign_stays_as_it_is(database: Database) -> None:
    campaigns = RedisCampaignStore(database)
    opened = await open_campaign(campaigns)
    await campaigns.save(move(opened, CampaignStatus.CLOSED, START), seen_revision=1)
    assert not await campaigns.record("check-2019", "c1", "s1", confirmed())
    assert await campaigns.state("check-2019", "c1", "s1") == NOTHING_YET


async def test_the_progress_of_classes_is_their_sum(database: Database) -> None:
    campaigns = RedisCampaignStore(database)
    await open_campaign(campaigns, "c1", "c2", size=10)
    await campaigns.record("check-2019", "c1", "s1", confirmed())
    await campaigns.record("check-2019", "c2", "s2", replace(confirmed(), state=State.EXEMPT))
    await campaigns.record("check-2019", "c2", "s3", replace(confirmed(), state=State.WRONG))
    assert await campaigns.progress("check-2019", ["c1"]) == Progress(total=10, done=1, with_office=0, owing=9)
    both = await campaigns.progress("check-2019", ["c1", "c2"])
    assert both == Progress(total=19, done=1, with_office=1, owing=17)
    assert await campaigns.progress("check-2019", ["c9"]) == Progress(total=0, done=0, with_office=0, owing=0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from(["s1", "s2", "s3"]),
            st.sampled_from(list(Act)),
            st.sampled_from(["", "name"]),
            st.booleans(),
        ),
        max_size=25,
    )
)
def test_counters_always_say_what_the_states_say(valkey_url: str, acts: list[tuple[str, Act, str, bool]]) -> None:
    asyncio.run(_counters_agree(valkey_url, acts))


async def _counters_agree(valkey_url: str, acts: list[tuple[str, Act, str, bool]]) -> None:
    database = connect(valkey_url, f"t{secrets.token_hex(6)}")
    campaigns = RedisCampaignStore(database)
    opened: Campaign = await open_campaign(campaigns, size=3)
    kept: dict[str, StudentState] = {}
    for sid, what, item, claimed in acts:
        before = kept.get(sid, NOTHING_YET)
        unproved = claimed and what is not Act.EXEMPT  # nobody exempts themselves
        after = act(opened, before, what, by=sid, now=START, receipt="R", item=item, claimed=unproved)
        if not isinstance(after, NotAllowed):
            assert await campaigns.record(opened.id, "c1", sid, after)
            kept[sid] = after
    states = await campaigns.states(opened.id, "c1")
    progress = await campaigns.progress(opened.id, ["c1"])
    await close(database)
    assert states == kept
    exempt = sum(state.state is State.EXEMPT for state in kept.values())
    assert progress.total == 3 - exempt
    assert progress.owing == sum(state.counted in OWING for state in kept.values()) + 3 - len(kept)


@pytest.mark.parametrize("rows", [1, 2_500])
async def test_an_import_of_any_size_is_written_in_batches(database: Database, rows: int) -> None:
    rosters = RedisRosterStore(database)
    await import_students(rosters, *(student(f"s{number:05}") for number in range(rows)))
    assert len(await rosters.members("c1")) == rows
