"""Content of any size can be made to see how the search grows with it."""

from knowledge.loading import Content
from knowledge.search.engines import Untrained
from knowledge.search.growing import LINES, grown
from knowledge.search.normalizing import Normalizer


def test_grown_content_has_that_many_topics_of_thirty_lines(real: Content) -> None:
    content = grown(real, 100)
    assert len(content.topics) == 100
    assert {len((topic.question, *topic.similar)) for topic in content.topics.values()} == {LINES}


def test_grown_content_can_be_searched(real: Content) -> None:
    content = grown(real, 20)
    normalizer = Normalizer(content.lexicon)
    engine = Untrained(content, normalizer)
    for number, topic in enumerate(content.topics.values()):
        assert engine.rank(normalizer.read(topic.question)).topics[0] == number
