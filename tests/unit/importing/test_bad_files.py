"""A file that cannot be read is refused in one clear line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.importing.documents import drafts
from knowledge.importing.refusals import Refusal
from tests.unit.importing.offices import bomb, scanned_pdf, table_file, word_file

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BAD: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "missing": ("a.docx", lambda path: None, "没有这个文件"),
    "empty": ("a.docx", lambda path: path.write_bytes(b""), "空"),
    "blank text": ("a.txt", lambda path: path.write_text(" \n\n"), "空"),
    "encrypted word": ("a.docx", lambda path: path.write_bytes(OLE + "EncryptedPackage".encode("utf-16-le")), "密码"),
    "encrypted sheet": ("a.xlsx", lambda path: path.write_bytes(OLE + "EncryptedPackage".encode("utf-16-le")), "密码"),
    "old word": ("a.docx", lambda path: path.write_bytes(OLE + bytes(600)), "另存"),
    "other kind": ("a.doc", lambda path: path.write_bytes(OLE), "另存"),
    "picture": ("a.png", lambda path: path.write_bytes(b"\x89PNG"), "只认得"),
    "page named word": ("a.docx", lambda path: path.write_bytes(b"\r\n<html><body>1"), "网页"),
    "page named sheet": ("a.xlsx", lambda path: path.write_bytes(b"\xef\xbb\xbf<!DOCTYPE html>"), "网页"),
    "corrupt word": ("a.docx", lambda path: path.write_bytes(b"PK\x03\x04 nothing"), "打不开"),
    "corrupt sheet": ("a.xlsx", lambda path: path.write_bytes(b"PK\x03\x04 nothing"), "打不开"),
    "sheet named word": ("a.docx", lambda path: table_file(path, ("1",)), "打不开"),
    "word named sheet": ("a.xlsx", lambda path: word_file(path, "1"), "打不开"),
    "corrupt pdf": ("a.pdf", lambda path: path.write_bytes(b"%PDF-1.4 nothing"), "打不开"),
    "scanned pdf": ("a.pdf", scanned_pdf, "没有文字"),
    "encrypted pdf": ("a.pdf", lambda path: scanned_pdf(path, password="p"), "密码"),
    "bomb": ("a.docx", bomb, "太大"),
    "large": ("a.txt", lambda path: path.write_bytes(b"1" * (20 * 1024 * 1024 + 1)), "太大"),
    "no text": ("a.txt", lambda path: path.write_bytes(b"\xff\xff\xff"), "编码"),
    "no pairs": ("a.txt", lambda path: path.write_text("只有一段话，没有问答。"), "没有找到问答"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_one_line_that_names_it(tmp_path: Path, name: str) -> None:
    file, make, said = BAD[name]
    make(tmp_path / file)
    refused = drafts(tmp_path / file)
    assert isinstance(refused, Refusal)
    assert len(refused.lines) == 1
    assert refused.lines[0].startswith(file)
    assert said in refused.lines[0]


def test_a_word_file_cut_short_is_refused(tmp_path: Path) -> None:
    whole = word_file(tmp_path / "whole.docx", "一、怎么注册？", "打开网站。").read_bytes()
    for length in range(1, len(whole), len(whole) // 25):
        (tmp_path / "a.docx").write_bytes(whole[:length])
        assert isinstance(drafts(tmp_path / "a.docx"), Refusal)
