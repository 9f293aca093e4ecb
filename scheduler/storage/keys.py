"""Every key of the scheduler, its type, and why it is there.

All of them carry the tag `{core}`, so that one script can change any of them together, on a cluster too.
`docs/decisions/0002-keys.md` is the table for operators.
"""


def root(prefix: str) -> str:
    """What every key of the scheduler begins with."""
    return f"{prefix}:{{core}}:"


def schema(prefix: str) -> str:
    """string: the version of everything below, so that an older program refuses newer data."""
    return root(prefix) + "schema"


class PeopleKeys:
    """Roster, bindings, groups, staff."""

    def __init__(self, prefix: str) -> None:
        self._root = root(prefix)
        self.roster = self._root + "roster"
        """hash version, import, before: which import is current, and the one before it."""
        self.versions = self._root + "roster-versions"
        """hash version -> record: when each version came and what it changed."""
        self.former = self._root + "former"
        """hash number -> student: who is gone, so that they come back as themselves and evidence has a name."""
        self.imports = self._root + "import:"
        """+ digest:part, the hashes of `import_part`."""
        self.bindings = self._root + "bindings"
        """hash account -> bindings, one a student record: who is behind an account."""
        self.accounts = self._root + "accounts"
        """hash sid -> accounts: where a student is reached."""
        self.claims = self._root + "claims"
        """hash digest of account -> waiting: who waits for staff to say who they are."""
        self.class_claims = self._root + "class-claims"
        """hash class -> digests: the same, found by the class."""
        self.groups = self._root + "groups"
        """hash address -> group: which classes a group chat was bound to."""
        self.class_groups = self._root + "class-groups"
        """hash class -> addresses: which groups a class is reached in."""
        self.group_codes = self._root + "group-codes"
        """hash code -> group code: what staff posts in a group to bind it, for ten minutes."""
        self.unreachable = self._root + "unreachable"
        """hash address -> ms: who blocked the bot or threw it out, and since when."""
        self.codes = self._root + "codes"
        """hash sid -> code: the personal binding codes that were not used yet."""
        self.code_owners = self._root + "code-owners"
        """hash code -> sid: the same, found by the code."""
        self.staff = self._root + "staff"
        """hash account -> staff members, one a role: who acts for the school."""
        self.deputies = self._root + "deputies"
        """hash account -> accounts: whom somebody stands in for, with the dates in their own records."""
        self.invitations = self._root + "invitations"
        """hash digest of code -> invitation: roles that wait for whoever shows the code, or who took them."""
        self.monitors = self._root + "monitors"
        """hash sid -> monitor word: who was made a class's monitor in chat, or handed it over, since the roster."""

    def import_part(self, digest: str, part: str) -> str:
        """Hash of one import, by its content's digest: students, classes, members (class -> sids), numbers (-> sid).

        Until it is the current one also moves (class left, class come to -> sids), statuses (sid -> status)
        and people (number -> student who is gone; empty: who is back).
        """
        return f"{self.imports}{digest}:{part}"


class CampaignKeys:
    """Campaigns, the states in them, and the wave slots."""

    def __init__(self, prefix: str) -> None:
        self._root = root(prefix)
        self.campaigns = self._root + "campaigns"
        """set of campaign ids."""
        self.campaign_of = self._root + "campaign:"
        """+ id, hash status, revision, body: one campaign; scripts ask its status before anything changes."""
        self.states = self._root + "states:"
        """+ campaign:class, hash sid -> state: where each student stands."""
        self.counts_of = self._root + "counts:"
        """+ campaign, hash class -> {size, state: number …}: each class's counters, moved by the script that moves a
        state."""
        self.departed_of = self._root + "departed:"
        """+ campaign, hash sid -> class, state, why, version: states of who is in no class of it any more, kept as
        evidence and for their return."""
        self.slots_of = self._root + "slots:"
        """+ campaign, hash slot -> ms, revision, what became of it: every wave of every class that was claimed."""
        self.hand_ins_of = self._root + "hand-ins:"
        """+ campaign, hash class or `college:` and its name -> at, by: whose papers were handed in; what a class has
        handed in ends its students' undo."""

        self.troubles_of = self._root + "troubles:"
        """+ campaign, sorted set sid by ms: who said last when that logging in does not work or that nothing is found;
        many within an hour are a sign."""
        self.suspected = self._root + "suspected"
        """hash campaign -> ms: when the office was told last that something may not work."""
        self.proxies_of = self._root + "proxies:"
        """+ campaign, hash stage:class -> sids: for whom the class's monitors stated, so that they do it for few."""

    def campaign(self, campaign_id: str) -> str:
        """One hash of `campaign_of`."""
        return self.campaign_of + campaign_id

    def class_states(self, campaign_id: str, class_id: str) -> str:
        """One hash of `states`."""
        return f"{self.states}{campaign_id}:{class_id}"

    def slots(self, campaign_id: str) -> str:
        """One hash of `slots_of`."""
        return self.slots_of + campaign_id

    def counts(self, campaign_id: str) -> str:
        """One hash of `counts_of`."""
        return self.counts_of + campaign_id

    def departed(self, campaign_id: str) -> str:
        """One hash of `departed_of`."""
        return self.departed_of + campaign_id

    def troubles(self, campaign_id: str) -> str:
        """One set of `troubles_of`."""
        return self.troubles_of + campaign_id

    def proxies(self, campaign_id: str) -> str:
        """One hash of `proxies_of`."""
        return self.proxies_of + campaign_id

    def hand_ins(self, campaign_id: str) -> str:
        """One hash of `hand_ins_of`."""
        return self.hand_ins_of + campaign_id


class StaffKeys:
    """What staff did with what it was shown."""

    def __init__(self, prefix: str) -> None:
        self._root = root(prefix)
        self.signs = self._root + "staff-signs"
        """hash account -> ms: when somebody of the staff last pressed or asked for something, so that what nobody has
        seen goes on to the next."""

    def looks(self, campaign_id: str) -> str:
        """hash press -> record: who opened the names of which class, and when; a press that is handled twice is one."""
        return f"{self._root}names-opened:{campaign_id}"

    def look_counts(self, campaign_id: str) -> str:
        """hash class -> number: how often the names of each class were opened."""
        return f"{self._root}names-opened-counts:{campaign_id}"


class CorrectionKeys:
    """Items that were reported wrong, and what becomes of them."""

    def __init__(self, prefix: str) -> None:
        self.all = root(prefix) + "corrections"
        """hash id -> correction: what was reported and how far the office is; no text of anybody."""
        self.open = root(prefix) + "open-corrections"
        """hash campaign/sid/item -> id: what is not closed, so that the same item is reported once."""
        self.owners = root(prefix) + "correction-owners"
        """hash sid -> ids: a student's own, for what they are shown and for erasing them."""
        self.texts = root(prefix) + "correction-texts"
        """hash id -> sealed text: what was written of it; apart, so that it can go while the correction stays."""
        self.closed = root(prefix) + "closed-corrections"
        """sorted set id by ms of closing: whose text is still kept, and since when it is not needed any more."""


class EvidenceKeys:
    """The chain of evidence: what each class was told, and every change of a state."""

    def __init__(self, prefix: str) -> None:
        self._root = root(prefix)
        self.chain = self._root + "evidence"
        """stream of lines, `<number>-0` the number of the entry: what is sealed, append-only."""
        self.unsealed = self._root + "evidence-unsealed"
        """stream of entries: what was told or changed since; each is written by the script that does it."""
        self.head = self._root + "evidence-head"
        """hash count, digest, at: where the chain ends and when that was sealed."""
        self.people = self._root + "evidence-keys"
        """hash sid or account -> key: by whose pseudonyms the entries can be told; dropped when somebody is erased."""
        self.shared = (self.chain, self.unsealed, self.head, self.people)
        """What sealing works on, in the order in which `scripts/seal.lua` names it."""


class NoticeKeys:
    """Notices, what came of each for each of its recipients, and who has read it."""

    def __init__(self, prefix: str) -> None:
        self._root = root(prefix)
        self.numbers = self._root + "notice-number"
        """string: counts the notices; a number once given is never given again."""
        self.notices = self._root + "notice:"
        """+ number, hash status, revision, body, by (whose the last step was): one notice; the gate asks its
        status before every send."""
        self.moving = self._root + "notices-moving"
        """set of numbers: those that wait for their moment or are being sent."""
        self.results = self._root + "notice-results:"
        """+ number, hash target -> result: where it stands with each recipient; also what keeps it from being queued
        twice."""
        self.counts = self._root + "notice-counts:"
        """+ number, hash state -> number: these results in figures, moved by the script that moves a result."""
        self.held = self._root + "notice-held:"
        """+ number, set of delivery ids: what came to the gate while the notice was paused."""
        self.readings = self._root + "notice-readings:"
        """+ number, hash sid or account -> reading: who pressed that they have read it, with their answers."""
        self.shared = (self.notices, self.results, self.counts, self.held)
        """What the outbox's scripts touch of notices."""


class OutboxKeys:
    """Deliveries on their way, and the record of every attempt."""

    def __init__(self, prefix: str) -> None:
        self._root = root(prefix)
        self.deliveries = self._root + "deliveries"
        """hash id -> envelope: what is on its way."""
        self.queued = self._root + "queued"
        """sorted set id by ms: what was queued one by one, so that it is not queued twice."""
        self.attempts = self._root + "attempts"
        """hash id -> ms, worker, entry: sends that began and whose outcome is not written yet."""
        self.parked = self._root + "parked"
        """hash id -> envelope: group messages and notices with an unknown outcome; a person decides."""
        self.paused = self._root + "paused"
        """hash lane -> why: lanes whose sending a person stopped."""
        self.lanes = self._root + "lane:"
        """+ lane:now and lane:bulk, streams of delivery ids a relay may take; + lane:later, sorted set id by ms;
        + lane:health, hash failures, why, since, opened, until: what ails a lane that did not answer lately."""
        self.lines = self._root + "line:"
        """+ lane:stream:address, sorted set id by rank: the order of one chat; only its first is in a stream."""
        self.order = self._root + "order"
        """string: counts what joined a line, so that equals go first come, first served."""
        self.budgets = self._root + "budgets"
        """hash lane -> ms: the one timestamp of each lane's rhythm; `<lane> slow`: by how much slower, since when."""
        self.rooms = self._root + "room:"
        """+ budget, sorted set number by ms: what was sent to one chat, member or key lately."""
        self.holds = self._root + "holds"
        """hash lane or address -> ms: before then its platform wants nothing more; `<lane> last` is the chat that asked
        for patience last."""
        self.turns = self._root + "turns"
        """hash address -> rank, ms: who was put off for a chat's budget and goes before what has a higher rank."""
        self.relays = self._root + "relays"
        """sorted set `<lane> <worker>` by server ms: who was alive when, so that only the dead are taken over from."""
        self.ledger = self._root + "ledger"
        """stream: every attempt with its outcome, append-only."""
        self.tallies = self._root + "tally:"
        """+ campaign, or "-" for replies, hash kind:outcome -> number: the ledger in figures."""
        self.told = self._root + "told:"
        """+ campaign, hash sid or group's address -> number: how many reminders a student or a group has got."""
        self.burdens = self._root + "burdens"
        """hash sid -> days since 1970: each private reminder a student got within a week, of whatever campaign."""
        self.server = self._root + "server"
        """hash replid -> by whose log of changes all this is known; at -> ms: when another server took its place."""
        self.spared_of = self._root + "spared:"
        """+ campaign, hash slot -> number: how many students a wave left out because they had got enough."""
        campaigns = CampaignKeys(prefix)
        self.shared = (
            *(self.deliveries, self.queued, self.attempts, self.parked, self.paused),
            *(self.lanes, self.lines, self.order, self.budgets, self.rooms, self.holds, self.turns, self.relays),
            *(self.ledger, self.tallies, self.told, self.burdens),
            *(campaigns.campaign_of, campaigns.slots_of, campaigns.states, EvidenceKeys(prefix).unsealed),
            *NoticeKeys(prefix).shared,
        )
        """What the outbox's scripts work on, in the order in which `scripts/outbox.lua` names it."""

    def spared(self, campaign_id: str) -> str:
        """One hash of `spared_of`."""
        return self.spared_of + campaign_id

    def lane(self, lane: str, part: str) -> str:
        """One key of `lanes`."""
        return f"{self.lanes}{lane}:{part}"
