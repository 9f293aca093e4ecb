"""The application's API under /cgi-bin/: tokens, messages to members, cards and their change, appchats, directory."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.standins.wecom.bodies import APP_MARKDOWN_BYTES, TEXT_BYTES, check_upload, msgtype, part, words
from bot.standins.wecom.cards import INTERACTIVE, check_card
from bot.standins.wecom.faults import Code, WecomError
from bot.standins.wecom.pace import Pace
from bot.standins.wecom.people import People
from bot.standins.wecom.world import Message, Route, World

Json = dict[str, Any]
Query = Mapping[str, str]

TOKEN_LIVES = 7200
CARD_LIVES = 72 * 3600
RECALL_WITHIN = 24 * 3600
MOST_RECIPIENTS = 1000
MOST_PARTIES = 100
LONGEST_REPEAT_CHECK = 4 * 3600
MOST_OPEN_IDS = 1000

_MEDIA = ("image", "voice", "video", "file")
_PLAIN = ("text", "markdown", "textcard", "news", *_MEDIA)


@dataclass(slots=True, kw_only=True)
class _Appchat:
    name: str
    owner: str
    users: list[str]


class Application:
    """The methods by their path, carried out on a world. Faults and HTTP are the server's."""

    def __init__(self, world: World, pace: Pace, people: People) -> None:
        self._world = world
        self._pace = pace
        self._people = people
        self.fresh_tokens = False
        """Whether each gettoken gives another token; otherwise the same while it is good."""
        self._tokens: dict[str, float] = {}
        self._dead: dict[str, int] = {}
        self.appchats: dict[str, _Appchat] = {}
        self._sent: dict[str, float] = {}
        self.methods: Mapping[str, Callable[[Query, Json], Json]] = {
            "message/send": self._send,
            "message/update_template_card": self._update_card,
            "message/recall": self._recall,
            "appchat/create": self._create_appchat,
            "appchat/update": self._update_appchat,
            "appchat/get": self._get_appchat,
            "appchat/send": self._send_to_appchat,
            "user/get": self._get_user,
            "user/simplelist": self._list_users,
            "department/list": self._list_departments,
            "department/simplelist": self._list_departments,
            "batch/openuserid_to_userid": self._open_ids,
            "agent/get": self._get_agent,
            "getcallbackip": lambda _, __: {"ip_list": ["127.0.0.1"]},
        }

    def get_token(self, query: Query) -> Json:
        """gettoken: with the corp's id and the application's secret."""
        if query.get("corpid") != self._world.app.corp_id:
            raise WecomError(Code.BAD_CORP, "invalid corpid")
        if query.get("corpsecret") != self._world.app.secret:
            raise WecomError(Code.BAD_SECRET)
        good = [token for token, until in self._tokens.items() if until > self._world.now and token not in self._dead]
        token = good[-1] if good and not self.fresh_tokens else secrets.token_urlsafe(120)
        self._tokens.setdefault(token, self._world.now + TOKEN_LIVES)
        return {"access_token": token, "expires_in": int(self._tokens[token] - self._world.now)}

    def expire_tokens(self, code: int = Code.TOKEN_EXPIRED) -> None:
        """Every token given so far is good no more; the platform was seen to say so with 40014 and with 42001."""
        self._dead |= dict.fromkeys(self._tokens, code)

    def call(self, method: str, query: Query, asked: Json) -> Json:
        """The method's answer; WecomError as the platform would."""
        self._check_token(query)
        if not self._pace.take("api", method, self._world.now):
            raise WecomError(Code.TOO_OFTEN)
        return self.methods[method](query, asked)

    def upload(self, query: Query, content: bytes) -> Json:
        """media/upload."""
        self._check_token(query)
        kind = query.get("type", "")
        check_upload(kind, content)
        media_id = self._world.upload(kind, content, "app")
        return {"type": kind, "media_id": media_id, "created_at": str(int(self._world.now))}

    def _check_token(self, query: Query) -> None:
        token = query.get("access_token")
        if not token:
            raise WecomError(Code.NO_TOKEN, "access_token missing")
        if token not in self._tokens:
            raise WecomError(Code.BAD_TOKEN)
        if token in self._dead:
            raise WecomError(self._dead[token])
        if self._tokens[token] <= self._world.now:
            raise WecomError(Code.TOKEN_EXPIRED)

    # -- messages to members

    def _send(self, _: Query, asked: Json) -> Json:
        self._check_agent(asked)
        named = _named(asked, "touser", MOST_RECIPIENTS)
        parties = _named(asked, "toparty", MOST_PARTIES) + _named(asked, "totag", MOST_PARTIES)
        if not named and not parties:
            raise WecomError(Code.NO_RECIPIENT, "touser & toparty & totag are empty")
        body = self._checked(asked, (*_PLAIN, "template_card"))
        good, bad = self._sorted(named)
        if not good and not parties:
            raise WecomError(Code.NO_ADDRESSEE)
        answer: Json = {"invaliduser": "|".join(bad)} if bad else {}
        answer["msgid"] = msgid = secrets.token_urlsafe(40)
        heard = [user for user in good if self._pace.take("member", user, self._world.now)]
        if self._is_repeat(asked, body):
            return answer
        message = self._world.keep(Route.APP, "", body, to=heard)
        message.msgid = msgid
        if body["msgtype"] == "template_card" and body["template_card"]["card_type"] in INTERACTIVE:
            answer["response_code"] = self._people.new_response_code(message)
        return answer

    def _update_card(self, _: Query, asked: Json) -> Json:
        self._check_agent(asked)
        code = str(asked.get("response_code"))
        message, since = self._people.response_codes.get(code, (None, 0.0))
        if message is None or self._world.now - since > CARD_LIVES:
            raise WecomError(Code.BAD_FIELD, "invalid response_code")
        if ("button" in asked) is ("template_card" in asked):
            raise WecomError(Code.BAD_FIELD, "either button or template_card")
        users = asked.get("userids", [])
        if not isinstance(users, list) or not all(isinstance(user, str) for user in users):
            raise WecomError(Code.BAD_FIELD, "userids invalid")
        if not users and asked.get("atall") != 1:
            raise WecomError(Code.NO_RECIPIENT, "no userids")
        good, bad = self._sorted(users)
        if users and not good:
            raise WecomError(Code.NO_ADDRESSEE)
        self._change_card(message, good if users else list(message.to), asked)
        del self._people.response_codes[code]
        return {"invaliduser": bad} if bad else {}

    def _change_card(self, message: Message, users: Iterable[str], asked: Json) -> None:
        for user in users:
            if "template_card" in asked:
                card = check_card(asked["template_card"], by_app=True, update=True)
            else:
                label = words(part(asked, "button").get("replace_name"), TEXT_BYTES)
                shown = {k: v for k, v in message.card_for(user).items() if k not in ("button_list", "submit_button")}
                card = {**shown, "replaced": label}
            self._world.show_card(message, [user], card)

    def _recall(self, _: Query, asked: Json) -> Json:
        found = [message for message in self._world.messages if message.msgid and message.msgid == asked.get("msgid")]
        if not found or self._world.now - found[0].at > RECALL_WITHIN:
            raise WecomError(Code.BAD_FIELD, "invalid msgid")
        self._world.recall(found[0])
        return {}

    # -- appchats

    def _create_appchat(self, _: Query, asked: Json) -> Json:
        users = asked.get("userlist")
        name = asked.get("chatid") or secrets.token_hex(12)
        if not isinstance(users, list) or not 2 <= len(users) <= 2000:  # noqa: PLR2004 - as the platform has it
            raise WecomError(Code.BAD_PARAMETER, "userlist invalid")
        if not (isinstance(name, str) and name.isalnum() and name.isascii() and len(name) <= 32):  # noqa: PLR2004
            raise WecomError(Code.BAD_PARAMETER, "chatid invalid")
        if name in self.appchats:
            raise WecomError(Code.APPCHAT_EXISTS, "chatid exists")
        good, _bad = self._sorted(users)
        if len(good) < 2:  # noqa: PLR2004
            raise WecomError(Code.NO_ADDRESSEE)
        self.appchats[name] = _Appchat(
            name=str(asked.get("name", ""))[:50], owner=str(asked.get("owner") or good[0]), users=good
        )
        return {"chatid": name}

    def _update_appchat(self, _: Query, asked: Json) -> Json:
        chat = self._appchat(asked.get("chatid"))
        added, _bad = self._sorted(asked.get("add_user_list", []))
        gone = set(asked.get("del_user_list", []))
        chat.users = [user for user in dict.fromkeys([*chat.users, *added]) if user not in gone]
        chat.name, chat.owner = str(asked.get("name") or chat.name), str(asked.get("owner") or chat.owner)
        return {}

    def _get_appchat(self, query: Query, _: Json) -> Json:
        chat = self._appchat(query.get("chatid"))
        shown = {"chatid": query["chatid"], "name": chat.name, "owner": chat.owner, "userlist": chat.users}
        return {"chat_info": {**shown, "chat_type": 0}}

    def _send_to_appchat(self, _: Query, asked: Json) -> Json:
        chat = self._appchat(asked.get("chatid"))
        body = self._checked(asked, _PLAIN)
        heard = [user for user in chat.users if self._pace.take("appchat_member", user, self._world.now)]
        self._world.keep(Route.APPCHAT, str(asked["chatid"]), body, to=heard)
        return {}

    def _appchat(self, chat: object) -> _Appchat:
        if not isinstance(chat, str) or chat not in self.appchats:
            raise WecomError(Code.UNKNOWN_APPCHAT, "invalid chatid")
        return self.appchats[chat]

    # -- directory

    def _get_user(self, query: Query, _: Json) -> Json:
        user = self._world.meant(query.get("userid", ""))
        if user is None:
            raise WecomError(Code.UNKNOWN_USER, "invalid userid")
        if user in self._world.unseen:
            raise WecomError(Code.OUT_OF_RANGE, "no privilege to access/modify contact/party/agent")
        return {"userid": user, "name": self._world.members[user], "department": [1], "status": 1}

    def _get_agent(self, query: Query, _: Json) -> Json:
        self._check_agent(dict(query))
        return {"agentid": self._world.app.agent_id, "name": "xueji", "close": 0, "allow_partys": {"partyid": [1]}}

    def _list_users(self, _: Query, __: Json) -> Json:
        seen = [user for user in self._world.members if user not in self._world.unseen]
        return {"userlist": [{"userid": u, "name": self._world.members[u], "department": [1]} for u in seen]}

    def _list_departments(self, _: Query, __: Json) -> Json:
        root = {"id": 1, "parentid": 0, "order": 1, "name": "school"}
        return {"department": [root], "department_id": [root]}

    def _open_ids(self, _: Query, asked: Json) -> Json:
        ids = asked.get("open_userid_list")
        if not isinstance(ids, list) or len(ids) > MOST_OPEN_IDS:
            raise WecomError(Code.BAD_PARAMETER, "open_userid_list invalid")
        found = {spelled: self._world.opened(spelled) for spelled in ids}
        return {
            "userid_list": [{"open_userid": open_id, "userid": user} for open_id, user in found.items() if user],
            "invalid_open_userid_list": [open_id for open_id, user in found.items() if not user],
        }

    # -- inside

    def _check_agent(self, asked: Json) -> None:
        if str(asked.get("agentid")) != str(self._world.app.agent_id):
            raise WecomError(Code.AGENT_WRONG, "invalid agentid")

    def _checked(self, asked: Json, allowed: tuple[str, ...]) -> Json:
        kind = msgtype(asked, allowed)
        given = part(asked, kind)
        match kind:
            case "text":
                words(given.get("content"), TEXT_BYTES)
            case "markdown":
                words(given.get("content"), APP_MARKDOWN_BYTES)
            case "template_card":
                check_card(given, by_app=True)
            case "textcard":
                words(given.get("title"), 128)
                words(given.get("description"), 512)
                words(given.get("url"), 2048)
            case "news":
                if not isinstance(given.get("articles"), list) or not 1 <= len(given["articles"]) <= 8:  # noqa: PLR2004
                    raise WecomError(Code.BAD_FIELD, "articles invalid")
            case _:
                self._world.check_media(given.get("media_id"), kind, "app")
        return {"msgtype": kind, kind: given}

    def _sorted(self, named: Iterable[object]) -> tuple[list[str], list[str]]:
        """Who can be written to, and the others as WeCom lists them: lower-cased."""
        if "@all" in named:
            return [user for user in self._world.members if user not in self._world.unseen], []
        good: list[str] = []
        bad: list[str] = []
        for name in map(str, named):
            user = self._world.meant(name)
            if user is None or user in self._world.unseen:
                bad.append(name.lower())
            else:
                good.append(user)
        return list(dict.fromkeys(good)), bad

    def _is_repeat(self, asked: Json, body: Json) -> bool:
        """Whether the same was sent to the same a short while ago, and the sender asked for that to be noticed."""
        if asked.get("enable_duplicate_check") != 1:
            return False
        interval = min(int(asked.get("duplicate_check_interval", 1800)), LONGEST_REPEAT_CHECK)
        same = repr((asked.get("touser"), asked.get("toparty"), asked.get("totag"), body))
        before, self._sent[same] = self._sent.get(same, float("-inf")), self._world.now
        return self._world.now - before <= interval


def _named(asked: Json, field: str, most: int) -> list[str]:
    given = asked.get(field) or ""
    if not isinstance(given, str):
        raise WecomError(Code.BAD_PARAMETER, f"{field} must be a string. Warning: wrong json format.")
    found = [name for name in given.split("|") if name]
    if len(found) > most:
        raise WecomError(Code.BAD_PARAMETER, f"{field} too many")
    return found
