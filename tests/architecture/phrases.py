"""Which phrases the code asks for, found in its syntax trees."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter

import yaml

from tests.architecture.sources import PACKAGES, ROOT, place, python_files, strings, tree

_CONTENT = ROOT / "knowledge/content"
_KEY = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9_-]+)+")
_PREFIX = re.compile(r"[a-z][a-z0-9-]*\.([a-z0-9_-]+\.)*")
_FILE = re.compile(r".*\.(css|csv|html|jpg|js|json|jsonl|lua|npz|png|py|svg|toml|txt|xls|xlsx|yaml)")
_ALWAYS_GIVEN = {"you"}
"""The form of address, which every rendering adds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """What of the code and its data could name a phrase: whole keys, and patterns of f-strings and prefixes."""

    literals: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    data: str

    def covers(self, key: str) -> bool:
        """Whether anything names this key."""
        return key in self.literals or key in self.data or any(pattern.fullmatch(key) for pattern in self.patterns)


def phrases() -> dict[str, str]:
    """The content's phrases."""
    return {key: str(text) for key, text in yaml.safe_load((_CONTENT / "phrases.yaml").read_text("utf-8")).items()}


def placeholders(text: str) -> set[str]:
    """The values a phrase has places for."""
    return {name for _, name, _, _ in Formatter().parse(text) if name} - _ALWAYS_GIVEN


def expected_keys(known: Mapping[str, str]) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Where the code asks for which key: what stands where only a key can, and what looks like one.

    A literal looks like one if its first word is the first word of a known key, unless it is logged or
    names a file or a module.
    """
    families = {key.partition(".")[0] for key in known}
    for path in python_files(*PACKAGES):
        for node in ast.walk(tree(path)):
            yield from ((place(path, node), pattern) for asked in _asked(node) for pattern in _patterns(asked))
        logged = {id(node) for call in ast.walk(tree(path)) for node in _logged(call)}
        for literal, text in strings(path):
            looks_like_one = _KEY.fullmatch(text) and text.partition(".")[0] in families and not _is_a_file(text)
            if looks_like_one and id(literal) not in logged:
                yield place(path, literal), re.compile(re.escape(text))


def mentions() -> Mentions:
    """Everything by which the code or its data names phrases."""
    nodes = [node for path in python_files(*PACKAGES) for node in ast.walk(tree(path))]
    literals = frozenset(text for path in python_files(*PACKAGES) for _, text in strings(path))
    begun = [_joined(node) for node in nodes if isinstance(node, ast.JoinedStr) and _begins_a_key(node)]
    prefixes = [re.compile(re.escape(text) + ".+") for text in literals if _PREFIX.fullmatch(text)]
    return Mentions(literals=literals, patterns=(*begun, *prefixes), data="\n".join(_data_files()))


def given_values() -> Iterator[tuple[str, str, set[str]]]:
    """Where a phrase is asked for by its whole key with values that can be read off the code: where, key, values."""
    for path in python_files(*PACKAGES):
        for node in ast.walk(tree(path)):
            match node:
                case ast.Call(func=ast.Attribute(attr="reply"), args=[ast.Constant(value=str(key)), *_]):
                    yield place(path, node), key, set()
                case ast.Call(func=ast.Attribute(attr="phrase" | "label"), args=[ast.Constant(value=str(key))]):
                    words = {keyword.arg for keyword in node.keywords}
                    if None not in words:
                        yield place(path, node), key, {word for word in words if word} - _ALWAYS_GIVEN
                case ast.Call(
                    func=ast.Name(id="Phrase"),
                    keywords=[
                        ast.keyword(arg="key", value=ast.Constant(value=str(key))),
                        ast.keyword(arg="values", value=ast.Dict(keys=names)),
                    ],
                ):
                    given = {name.value for name in names if isinstance(name, ast.Constant)}
                    if len(given) == len(names):
                        yield place(path, node), key, {str(name) for name in given} - _ALWAYS_GIVEN


def _asked(node: ast.AST) -> Iterator[ast.expr]:
    """The expression a node has where only a phrase's key can stand."""
    match node:
        case ast.Call(func=ast.Name(id="Phrase"), keywords=keywords):
            yield from (keyword.value for keyword in keywords if keyword.arg == "key")
        case ast.Call(func=ast.Attribute(attr="reply" | "phrase"), args=[key, *_]):
            yield key
        case ast.Call(args=[key, *_]) if _is_wording(node, "label", "words"):
            yield key
        case ast.Subscript(value=ast.Name(id="phrases") | ast.Attribute(attr="phrases" | "_phrases"), slice=key):
            yield key


def _is_wording(call: ast.Call, *methods: str) -> bool:
    match call.func:
        case ast.Attribute(attr=method, value=ast.Name(id=owner) | ast.Attribute(attr=owner)):
            return method in methods and owner.endswith("wording") and bool(call.args)
    return False


def _patterns(key: ast.expr) -> Iterator[re.Pattern[str]]:
    """The keys an expression can have, as far as the code itself shows them."""
    match key:
        case ast.Constant(value=str(text)):
            yield re.compile(re.escape(text))
        case ast.JoinedStr() if _begins_a_key(key):
            yield _joined(key)
        case ast.IfExp(body=one, orelse=other):
            yield from _patterns(one)
            yield from _patterns(other)


def _joined(text: ast.JoinedStr) -> re.Pattern[str]:
    return re.compile(
        "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in text.values)
    )


def _begins_a_key(text: ast.JoinedStr) -> bool:
    first = text.values[0] if text.values else None
    return isinstance(first, ast.Constant) and bool(re.match(r"[a-z][a-z0-9-]*\.", str(first.value)))


def _is_a_file(text: str) -> bool:
    module = ROOT / text.replace(".", "/")
    return bool(_FILE.fullmatch(text)) or module.is_dir() or module.with_suffix(".py").is_file()


def _logged(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=ast.Attribute(attr="debug" | "info" | "warning" | "error" | "exception"), args=args):
            yield from args


def _data_files() -> Iterator[str]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in {".html", ".js", ".toml", ".yaml", ".lua"} and _CONTENT not in path.parents:
                yield path.read_text("utf-8")
