"""The content folder is read strictly, and all that is wrong with it is told at once."""

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from knowledge.loading import Content, ContentFaults, load
from knowledge.topics import Kind
from tests.unit import content_folder


def _faults(folder: Path) -> list[str]:
    with pytest.raises(ContentFaults) as refused:
        load(folder)
    return [str(fault) for fault in refused.value.faults]


@pytest.fixture
def content(tmp_path: Path) -> Content:
    return load(content_folder.write(tmp_path))


def test_a_topic_is_read_with_its_scoped_answers(content: Content) -> None:
    national, school = content.topics["lost"].answers
    assert (national.scope, national.kind, national.ends) == ("national", Kind.RULE, None)
    assert (school.ends, school.with_wider) == (date(2019, 12, 22), True)
    assert [part.label for part in school.parts] == [None, "去哪问"]


def test_every_scalar_is_a_text(tmp_path: Path) -> None:
    folder = content_folder.write(tmp_path, links="- no\n- 2019-12-22\n- 007\n")
    assert load(folder).links == ("no", "2019-12-22", "007")


def test_a_campaign_has_its_hours_and_waves(content: Content) -> None:
    template = content.templates["drive"]
    assert (template.stages[0].day_in("spring"), template.stages[0].time) == ((12, 22), None)
    assert template.stages[0].waves == (timedelta(days=7), timedelta(hours=3))
    assert (template.quiet_from, template.checklist[1].takes_value) == (time(22), False)


def test_a_campaign_has_its_breaks_and_the_hours_its_students_prefer(tmp_path: Path) -> None:
    hours = 'to: "08:00", breaks: ["12:00-14:00"], preferred: ["19:00-21:30"]}'
    drive = content_folder.CAMPAIGN.replace('to: "08:00"}', hours)
    template = load(content_folder.write(tmp_path, campaigns__drive=drive)).templates["drive"]
    assert template.breaks == ((time(12), time(14)),)
    assert template.preferred == ((time(19), time(21, 30)),)


def test_a_campaign_calls_everybody_only_where_its_template_says_so(tmp_path: Path) -> None:
    asks = f"{content_folder.CAMPAIGN}calls_everybody: true\n"
    drives = load(content_folder.write(tmp_path, campaigns__drive=asks, campaigns__other=content_folder.CAMPAIGN))
    assert drives.templates["drive"].calls_everybody
    assert not drives.templates["other"].calls_everybody


def test_a_drive_that_comes_again_has_words_and_days_by_season_and_vague_words_have_no_day(tmp_path: Path) -> None:
    stages = """\
seasons: [spring, autumn]
for_entrants: true
stages:
  - id: data
    owner: student
    words: {spring: before 1 May, autumn: before 1 November}
    day: {spring: "05-01", autumn: "11-01"}
    before_day: true
    time: "24:00"
    waves: [7d]
  - {id: choice, owner: student, words: mid-October, time: "24:00", waves: [7d]}
"""
    before, _, rest = content_folder.CAMPAIGN.partition("stages:\n")
    drive = before + stages + rest.partition("\n")[2]
    template = load(content_folder.write(tmp_path, campaigns__drive=drive)).templates["drive"]
    data, choice = template.stages
    assert (template.seasons, template.for_entrants, data.before_day) == (("spring", "autumn"), True, True)
    assert (data.words_in("autumn"), data.day_in("autumn"), data.day_in("spring")) == (
        "before 1 November", (11, 1), (5, 1),
    )  # fmt: skip
    assert (choice.words_in("autumn"), choice.day_in("autumn")) == ("mid-October", None)


def test_the_version_changes_with_any_file_and_with_nothing_else(tmp_path: Path) -> None:
    first = load(content_folder.write(tmp_path)).version
    assert load(tmp_path).version == first
    assert load(content_folder.write(tmp_path, links="- https://example.cn\n")).version != first


def test_a_repeated_key_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = content_folder.write(tmp_path, links="- https://a.cn\n", families="a: {ask: x}\na: {ask: y}\n")
    assert "families.yaml:2: 'a' appears twice" in _faults(folder)


def test_unknown_and_missing_keys_are_refused(tmp_path: Path) -> None:
    text = content_folder.GUIDE.replace("end: 核对完了。", "ending: 核对完了。")
    assert _faults(content_folder.write(tmp_path, guides__check=text)) == [
        "guides/check.yaml:1: missing key 'end'",
        "guides/check.yaml:20: unknown key 'ending'",
    ]


def test_broken_yaml_in_one_file_does_not_hide_the_faults_of_others(tmp_path: Path) -> None:
    folder = content_folder.write(
        tmp_path,
        topics__lost="title: [",
        guides__check=content_folder.GUIDE.replace('"2026-11-22"', "someday"),
        sources="book: {title: x}\n",
    )
    faults = _faults(folder)
    assert {fault.split(":")[0] for fault in faults} == {"topics/lost.yaml", "guides/check.yaml", "sources.yaml"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the file is empty"),
        ("&a [*a]", "anchors and aliases are not used here"),
        ("{a: 1}", "'a' is not a list"),
        ("- ''", "the file is empty"),
        ("- a\n--- \n- b", "no YAML"),
        ("- \x01", "no YAML"),
    ],
)
def test_what_is_no_list_of_texts_is_said(tmp_path: Path, text: str, why: str) -> None:
    faults = _faults(content_folder.write(tmp_path, links=text))
    assert any(why in fault or "is not a list" in fault for fault in faults)


def test_a_file_that_is_missing_or_no_utf8_is_a_fault(tmp_path: Path) -> None:
    folder = content_folder.write(tmp_path)
    (folder / "links.yaml").unlink()
    (folder / "families.yaml").write_bytes("哪一种".encode("gbk"))
    assert _faults(folder) == ["families.yaml:1: the file is not UTF-8", "links.yaml:1: the file is missing"]


def test_scopes_that_form_no_tree_are_refused(tmp_path: Path) -> None:
    scopes = (
        "national: {name: a, address: 你, office: b}\n"
        "one: {name: a, parent: two, address: 你, office: b}\n"
        "two: {name: a, parent: one, address: 你, office: b}\n"
        "lost: {name: a, parent: nowhere, address: 你, office: b}\n"
    )
    faults = _faults(content_folder.write(tmp_path, scopes=scopes))
    assert "scopes.yaml:2: scope 'one' is its own ancestor" in faults
    assert "scopes.yaml:4: unknown parent scope 'nowhere'" in faults


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('day: "12-22"', 'day: "02-30"', "'day' is no month and day"),
        ('time: "24:00"', 'time: "25:00"', "'25:00' is no hour"),
        ('to: "08:00"}', 'to: "08:00", breaks: ["12-14"]}', "'12-14' is no stretch of the day"),
        ("[7d, 3h]", "[soon]", "'soon' is no time before a deadline"),
        ("owner: student", "owner: nobody", "'owner' is 'nobody', not one of student"),
        ("value: none", "value: maybe", "'value' is 'maybe', not text or none"),
    ],
)
def test_a_template_with_an_unknown_owner_or_time_is_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    text = content_folder.CAMPAIGN.replace(old, new)
    assert any(why in fault for fault in _faults(content_folder.write(tmp_path, campaigns__drive=text)))
