"""Who is in the school's WeCom, by account: those whom the 自建应用 may see."""

from bot.platforms.wecom.api import Answer, Answered
from bot.platforms.wecom.tokens import AppCalls


async def members(calls: AppCalls, agent_id: int) -> tuple[str, ...] | Answer:
    """The userids of everybody the application is visible to, or the answer that says why not.

    With the application's own secret: that of the address book would do too, but it may also change it.
    """
    answer = await calls.get("agent/get", {"agentid": str(agent_id)})
    if not isinstance(answer, Answered) or answer.code:
        return answer
    persons = (answer.body.get("allow_userinfos") or {}).get("user") or ()
    found = dict.fromkeys(str(person["userid"]) for person in persons)
    for party in (answer.body.get("allow_partys") or {}).get("partyid") or ():
        below = await calls.get("user/simplelist", {"department_id": str(party), "fetch_child": "1"})
        match below:
            case Answered(code=0, body={"userlist": list(users)}):
                found.update(dict.fromkeys(str(user["userid"]) for user in users))
            case _:
                return below
    return tuple(found)
