"""The line to the store cut at every step of a claim: a code is used up with its binding, or neither is done."""

import contextlib
from dataclasses import replace
from urllib.parse import unquote

import pytest

from bot.storage.connection import close, connect, socket_url
from scheduler.claims import Verdict
from scheduler.ports import StoreAway
from scheduler.roster import Binding, BindingStrength
from scheduler.storage.database import Database
from scheduler.storage.people import RedisBindingStore
from tests.integration.proxy import cutting
from tests.integration.school import group

MOST_STEPS = 20
CLAIMED = Binding(account="telegram:1", sid="s1", strength=BindingStrength.PROVISIONAL, private=group("1"))
PROVED = replace(CLAIMED, account="telegram:2", strength=BindingStrength.STRONG, private=group("2"))


@pytest.mark.parametrize("after_it_was_done", [True, False], ids=["answer lost", "command lost"])
async def test_a_claim_cut_at_any_step_is_done_whole_when_it_is_made_again(
    valkey_url: str, tmp_path_factory: pytest.TempPathFactory, database: Database, after_it_was_done: bool
) -> None:
    target, folder = unquote(valkey_url.removeprefix("unix://")), tmp_path_factory.mktemp("p")
    for step in range(1, MOST_STEPS):
        direct = connect(socket_url(target), f"{database.prefix}{step}")
        bindings = RedisBindingStore(direct)
        await bindings.bind(CLAIMED)
        await bindings.codes(["s1"], {"s1": "CODE"})
        async with cutting(folder, target, step, after_it_was_done=after_it_was_done) as (proxy, path):
            dying = connect(socket_url(path), f"{database.prefix}{step}")
            with contextlib.suppress(StoreAway):
                await RedisBindingStore(dying).claim(PROVED, code="CODE")
            was_cut = proxy.cut.is_set()
            await close(dying)
        own = await bindings.of_students(["s1"])
        used = await bindings.owner_of("CODE") is None
        assert own == {"s1": (PROVED,) if used else (CLAIMED,)}, "the code and the binding go together"
        assert (await bindings.claim(PROVED, code="CODE")).verdict is Verdict.BOUND
        assert await bindings.of_students(["s1"]) == {"s1": (PROVED,)}
        await close(direct)
        if not was_cut:
            assert step > 1, "the way has steps that were cut"
            return
    raise AssertionError(f"the way has more than {MOST_STEPS} steps")
