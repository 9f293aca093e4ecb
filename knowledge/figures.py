"""Renders the guides' figures: every SVG of the content becomes the PNG that is sent.

Run as ``python -m knowledge.figures`` after a figure was edited. Only the font in the content is used,
never a font of the machine, so the same SVG gives the same bytes everywhere.
"""

from pathlib import Path

from resvg_py import svg_to_bytes

CONTENT = Path(__file__).parent / "content"
FIGURES = CONTENT / "figures"
FONT = CONTENT / "fonts" / "NotoSansSC-Regular.otf"
FAMILY = "Noto Sans SC"


def render(svg: bytes) -> bytes:
    """Return the PNG of one figure, at the size the figure itself states."""
    return svg_to_bytes(
        svg_string=svg.decode("utf-8"),
        skip_system_fonts=True,
        font_files=[str(FONT)],
        font_family=FAMILY,
        sans_serif_family=FAMILY,
        languages=["zh-Hans"],
    )


def main() -> None:
    """Write the PNG of every figure beside it, touching only those that changed."""
    for source in sorted(FIGURES.glob("*.svg")):
        target = source.with_suffix(".png")
        image = render(source.read_bytes())
        if not target.exists() or target.read_bytes() != image:
            target.write_bytes(image)


if __name__ == "__main__":
    main()
