"""A campaign, classes and students to test with: source 3's verification of 2019."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from scheduler.calendar import Deadline, QuietHours
from scheduler.campaigns import Campaign, CampaignStatus, CheckItem, Owner, Stage, State, StudentState
from scheduler.messages import Address
from scheduler.roster import Binding, BindingStrength, Group, SchoolClass, Student

STUDENT_STAGE = Stage(
    id="student",
    owner=Owner.STUDENT,
    deadline=Deadline(words="12月22日完成", day=date(2019, 12, 22)),
    waves=(timedelta(days=7), timedelta(days=3), timedelta(days=1), timedelta(hours=3)),
)
HAND_IN_STAGE = Stage(
    id="hand-in",
    owner=Owner.MONITOR,
    deadline=Deadline(words="12月24日前交到教务管理部", day=date(2019, 12, 24), at=time(17)),
    waves=(timedelta(days=1),),
)
CAMPAIGN = Campaign(
    id="glut-check-2019",
    title="新生学籍核对",
    scope="glut",
    cohort="2019",
    status=CampaignStatus.OPEN,
    stages=(STUDENT_STAGE, HAND_IN_STAGE),
    classes=("c-one", "c-two"),
    quiet=QuietHours(start=time(22), end=time(8)),
    expected_status="在籍（注册学籍）",
    checklist=(
        CheckItem(id="major", label="专业名称", takes_value=True),
        CheckItem(id="photo", label="录取照片", takes_value=False),
    ),
    exempt=("休学", "保留入学资格"),
    remarks=("专业名称一致即可，括号内不用核对",),
)


def campaign_with(*stages: Stage, quiet: QuietHours = CAMPAIGN.quiet, opened_at: datetime | None = None) -> Campaign:
    """The campaign with other stages."""
    return replace(CAMPAIGN, stages=stages, quiet=quiet, opened_at=opened_at)


def student(number: int, class_id: str = "c-one", **changes: object) -> Student:
    """The student of that number in a class."""
    sid = f"s{class_id}-{number:03}"
    plain = Student(
        sid=sid, number=f"2019{number:06}", name=f"学生{number}", college="信息学院", class_id=class_id, cohort="2019"
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the names of a student's own fields


def school_class(class_id: str = "c-one", name: str = "计科1901班") -> SchoolClass:
    """A class of the sample college."""
    return SchoolClass(id=class_id, name=name, college="信息学院", cohort="2019", scope="glut-2019")


def stands(state: State, **known: object) -> StudentState:
    """A student's state."""
    return replace(StudentState(state=state, count=1), **known)  # type: ignore[arg-type]  # a state's own fields


def bound(sid: str, chat: str, platform: str = "chatroom", *, strong: bool = True) -> Binding:
    """A binding of a student to an account with a private chat."""
    return Binding(
        account=f"{platform}:{chat}",
        sid=sid,
        strength=BindingStrength.STRONG if strong else BindingStrength.PROVISIONAL,
        private=Address(platform=platform, chat=chat),
    )


def bindings_of(*bindings: Binding) -> Mapping[str, Sequence[Binding]]:
    """Bindings by sid, as the store gives them."""
    by_sid: dict[str, list[Binding]] = {}
    for binding in bindings:
        by_sid.setdefault(binding.sid, []).append(binding)
    return by_sid


def group(chat: str, *classes: str) -> Group:
    """A group chat bound to classes."""
    return Group(address=Address(platform="chatroom", chat=chat), classes=classes)
