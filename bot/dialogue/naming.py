"""Whether two spellings are one name: dots, dashes, spaces, width and variants of characters do not count."""

import unicodedata
from collections.abc import Mapping
from functools import cache

from knowledge.search.normalizing import simplified


def plain_name(name: str, variants: Mapping[str, str]) -> str:
    """A name as it is compared: without what people leave out, each character in its usual form.

    `variants` gives the usual character for those that are no mere traditional form; see `variants_of`.
    """
    folded = unicodedata.normalize("NFKC", name)
    kept = "".join(char for char in folded if unicodedata.category(char)[0] in "LN")
    usual = [simplified(char) for char in kept]  # one by one: in a word a character may keep its old form
    return "".join(variants.get(char, char) for char in usual).casefold()


@cache
def variants_of(pairs: tuple[str, ...]) -> Mapping[str, str]:
    """The usual character for each variant, from words of two characters: the variant and the usual one."""
    return {pair[0]: pair[1] for pair in pairs}
