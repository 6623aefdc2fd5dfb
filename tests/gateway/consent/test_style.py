"""That what the pages say can be read: contrast by WCAG 2.2, and nothing fetched from elsewhere."""

import re
from pathlib import Path

import pytest

import gateway

STYLE = (Path(gateway.__file__).parent / "documentation/static/house.css").read_text("utf-8")
TEXT = [
    ("#1a1a1c", "#ffffff", "text"),
    ("#414143", "#ffffff", "small print"),
    ("#0017c1", "#ffffff", "links and outlined buttons"),
    ("#ffffff", "#0017c1", "the filled button"),
    ("#ffffff", "#00118f", "the filled button under the pointer"),
    ("#0017c1", "#e8f1fe", "an outlined button under the pointer"),
    ("#a90000", "#ffffff", "an error"),
    ("#ad3100", "#ffffff", "the mark of what is sensitive"),
]
LINES = [("#767678", "#ffffff", "the box of a choice"), ("#000000", "#ffffff", "the focus")]


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2, definitions)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class TestContrast:
    @pytest.mark.parametrize(("colour", "behind", "what"), TEXT)
    def test_of_text_is_four_and_a_half(self, colour: str, behind: str, what: str) -> None:
        assert contrast(colour, behind) >= 4.5, what

    @pytest.mark.parametrize(("colour", "behind", "what"), LINES)
    def test_of_controls_is_three(self, colour: str, behind: str, what: str) -> None:
        assert contrast(colour, behind) >= 3, what

    def test_is_measured_of_every_colour_a_page_uses(self) -> None:
        measured = {colour for pair in (*TEXT, *LINES) for colour in pair[:2]}
        lines = [line for line in STYLE.splitlines() if line.startswith(".counter")]
        used = {
            found if len(found) == 7 else "#" + "".join(letter * 2 for letter in found[1:])
            for found in re.findall(r"#[0-9a-f]{3,6}\b", "\n".join(lines))
        }
        # Frames that carry no meaning, the ring beside the black outline, the bar of an error.
        decoration = {"#b4b4b7", "#ffd43d", "#ce0000"}
        assert used - measured - decoration == set()


class TestStyle:
    def test_shows_where_the_focus_is(self) -> None:
        assert ".counter :focus-visible { outline: 4px solid #000;" in STYLE

    def test_makes_what_is_pressed_large_enough(self) -> None:
        assert "min-height: 3.5rem" in STYLE
        assert "width: 1.5rem; height: 1.5rem" in STYLE

    def test_fetches_nothing(self) -> None:
        assert "url(" not in STYLE
        assert "@import" not in STYLE
