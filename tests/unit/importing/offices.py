"""Files as offices send them, and a small content folder that is fit to be served."""

import zipfile
from pathlib import Path

import docx
import pypdf
from openpyxl import Workbook

from knowledge.loading import CONTENT
from knowledge.topic_rules import SIMILAR

_FILES = {
    "scopes.yaml": """
national: {name: 全国, address: 你, office: 学籍部门}
school: {name: 某校, parent: national, address: 你, office: 教务处}
""",
    "sources.yaml": 'guide: {title: 速查, publisher: 某省, year: "2025", dated: 2025年, scope: national}\n',
    "links.yaml": "- https://www.chsi.com.cn\n",
    "families.yaml": "{}\n",
    "chatter.yaml": "- 今天吃什么\n",
    "lexicon.yaml": (CONTENT / "lexicon.yaml").read_text("utf-8"),
    "phrases.yaml": """
answer.source: "依据：{sources}"
answer.source-join: "；"
answer.citation: "{publisher}{title}{items}（{dated}）"
answer.item-join: "、"
answer.calendar: "往年：{text}"
answer.history: "{scope}当年：{text}"
answer.joined: "{text}\\n{wider}"
""",
}
_TOPIC = """title: {title}
question: {question}
similar:
{similar}
not_this:
  - {{ask: {other}的问法, goes_to: {other}}}
see: [{other}]
answers:
  - scope: national
    kind: rule
    parts:
      - text: |
          {title}的第一行。
          第二行：看 https://www.chsi.com.cn 。
      - label: 更多
        text: 更多的话
    sources: [{{doc: guide, item: 问题1}}, {{doc: guide, item: 问题2}}]
    as_of: "2025"
    reviewed: "2026-11-22"
    review_by: "2027-08-31"
  - scope: school
    kind: dated
    with_wider: true
    parts: [{{text: 2025年12月22日前做完。}}]
    sources: [{{doc: guide, item: 三}}]
    as_of: "2025"
    ends: "2025-12-22"
    reviewed: "2026-11-22"
    review_by: "2027-08-31"
"""
NUMBERS = "零一二三四五六七八九"


def content_folder(folder: Path) -> Path:
    """Two topics, `lost` and `phone`, in two scopes; `phone` is not written in the style of the house."""
    (folder / "topics").mkdir(parents=True)
    for name in ("guides", "campaigns", "figures"):
        (folder / name).mkdir()
    for name, text in _FILES.items():
        (folder / name).write_text(text.lstrip(), "utf-8")
    for topic, title, other in (("lost", "查不到学籍", "phone"), ("phone", "换手机号", "lost")):
        similar = "\n".join(f"  - {title}{NUMBERS[n // 10]}{NUMBERS[n % 10]}" for n in range(SIMILAR + 1))
        text = _TOPIC.format(title=title, question=f"{title}怎么办？", similar=similar, other=other)
        (folder / "topics" / f"{topic}.yaml").write_text(text, "utf-8")
    return folder


def word_file(path: Path, *paragraphs: str | tuple[str, str], rows: tuple[tuple[str, ...], ...] = ()) -> Path:
    """A DOCX of paragraphs, each a text or a text with its style, and one table at the end."""
    document = docx.Document()
    for paragraph in paragraphs:
        text, style = (paragraph, "Normal") if isinstance(paragraph, str) else paragraph
        document.add_paragraph(text, style=style)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for number, row in enumerate(rows):
            for place, text in enumerate(row):
                table.cell(number, place).text = text
    document.save(str(path))
    return path


def table_file(path: Path, *rows: tuple[str | float, ...]) -> Path:
    """An XLSX with one sheet."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


def pdf_file(path: Path, *lines: str) -> Path:
    """A PDF of one page whose lines are real text: each character is a glyph with its meaning noted beside it."""
    glyphs = sorted(set("".join(lines)))
    code = {glyph: f"{number + 1:04X}" for number, glyph in enumerate(glyphs)}
    meant = "\n".join(f"<{code[g]}> <{g.encode('utf-16-be').hex()}>" for g in glyphs)
    shown = "\n".join(f"<{''.join(code[g] for g in line)}> Tj T*" for line in lines)
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        _stream(f"BT /F 12 Tf 20 TL 50 700 Td\n{shown}\nET"),
        "<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 7 0 R>>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /DW 1000 /CIDSystemInfo 8 0 R >>",
        _stream(
            "/CIDInit /ProcSet findresource begin begincmap\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
            f"{len(glyphs)} beginbfchar\n{meant}\nendbfchar\nendcmap end"
        ),
        "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>",
    ]
    path.write_bytes(_pdf(objects))
    return path


def _stream(text: str) -> str:
    return f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"


def _pdf(objects: list[str]) -> bytes:
    text = "%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(text)}\n%%EOF"
    return f"{text}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode("ascii")


def scanned_pdf(path: Path, *, password: str | None = None) -> Path:
    """A PDF without any text, as a scanner makes it."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(width=600, height=800)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(path)
    return path


def bomb(path: Path, part: str = "word/document.xml") -> Path:
    """A small zipped file that claims to be larger than any document."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed, packed.open(part, "w") as file:
        for _ in range(201):
            file.write(bytes(1024 * 1024))
    return path


def yaml_files(folder: Path) -> dict[str, bytes]:
    """Every YAML file of a folder, to see whether any changed."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.yaml"))}
