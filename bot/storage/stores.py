"""Every store of the bot, over one database."""

from bot.storage.conversations import RedisConversations
from bot.storage.groups import RedisGroups
from bot.storage.hearing import RedisHearingLog
from bot.storage.intake import RedisIntake
from bot.storage.limits import RedisRateLimiter
from bot.storage.questions import RedisClusterings, RedisQuestionLog, RedisTryCounter
from bot.storage.ratings import RedisRatings
from bot.storage.reloads import RedisReloads
from bot.storage.rewriting import RedisRewriting
from bot.storage.switches import RedisSwitches
from bot.storage.tokens import RedisTokens
from bot.storage.uploads import RedisUploads
from scheduler.disk import DiskSpace, ElsewhereSpace
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.corrections import RedisCorrections
from scheduler.storage.database import Database
from scheduler.storage.evidence import RedisEvidence
from scheduler.storage.group_codes import RedisGroupCodes
from scheduler.storage.looks import RedisLooks
from scheduler.storage.notices import RedisNoticeResults, RedisNoticeStore
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.papers import RedisPaperStore
from scheduler.storage.people import RedisBindingStore, RedisReachStore
from scheduler.storage.persons import RedisPersons
from scheduler.storage.roster import RedisRosterStore
from scheduler.storage.staff import RedisStaffStore


class Stores:
    """Every store over one database."""

    def __init__(self, database: Database, *, alone: bool, disk: DiskSpace | None = None) -> None:
        """`alone`: nobody else takes what comes in; `disk`: that of the store, where it is ours to look after."""
        self.database = database
        self.disk = disk or ElsewhereSpace()
        self.rosters = RedisRosterStore(database)
        self.bindings = RedisBindingStore(database)
        self.staff = RedisStaffStore(database)
        self.group_codes = RedisGroupCodes(database)
        self.reach = RedisReachStore(database)
        self.campaigns = RedisCampaignStore(database)
        self.papers = RedisPaperStore(database)
        self.looks = RedisLooks(database)
        self.corrections = RedisCorrections(database)
        self.persons = RedisPersons(database)
        self.outbox = RedisOutbox(database)
        self.notices = RedisNoticeStore(database)
        self.notice_results = RedisNoticeResults(database)
        self.evidence = RedisEvidence(database)
        self.conversations = RedisConversations(database)
        self.groups = RedisGroups(database)
        self.questions = RedisQuestionLog(database)
        self.clusterings = RedisClusterings(database)
        self.rewriting = RedisRewriting(database)
        self.tries = RedisTryCounter(database)
        self.limits = RedisRateLimiter(database)
        self.switches = RedisSwitches(database)
        self.ratings = RedisRatings(database)
        self.reloads = RedisReloads(database)
        self.uploads = RedisUploads(database)
        self.tokens = RedisTokens(database)
        self.hearing = RedisHearingLog(database)
        self.intake = RedisIntake(database, alone=alone)
