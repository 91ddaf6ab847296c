"""Text against a slow reference that shares no idea with it, in three encodings."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumehood.text import Edit, Encoding, Offsets, Position, Span, Text
from tests.share import share

EDITS = 30_000
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
# Line ends, what only Python takes for one, and characters of 1 to 4 bytes, 1 or 2 code units.
PIECES = (
    *("\n", "\r", "\r\n", "\n\r", "\r\r\n"),
    *("\f", "\v", "\x1c", "\x85", "\u2028", "\u2029", "\0", "\t"),
    *("a", "bc", "def ", " ", "é", "ß", "€", "漢", "\ufeff", "e\u0301"),
    *("😀", "\U0001d4b3", "\U0010ffff", "\ud83d", "\ude00", "\udfff"),
)

text_of_pieces = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


class Reference:
    """Every place of a text, one code unit after another, in plain loops."""

    def __init__(self, content: str, encoding: Encoding) -> None:
        self.ends: list[int] = []  # of each line's text, an offset
        self.starts = [0]
        self.positions: list[tuple[int, int]] = []  # of each offset
        self.offsets: dict[tuple[int, int], int] = {}  # of each code unit
        character = 0
        for offset, letter in enumerate(content):
            self._place(offset, character)
            ends = letter == "\n" or (letter == "\r" and content[offset + 1 : offset + 2] != "\n")
            if ends:
                crlf = letter == "\n" and content[max(offset - 1, 0) : offset] == "\r"
                self.ends.append(offset - 1 if crlf else offset)
                self.starts.append(offset + 1)
                character = 0
                continue
            for unit in range(units(letter, encoding)):
                self.offsets[len(self.starts) - 1, character + unit] = offset
            character += units(letter, encoding)
        self._place(len(content), character)
        self.ends.append(len(content))

    def offset(self, line: int, character: int) -> int:
        if line >= len(self.starts):
            return self.ends[-1]
        found = self.offsets.get((line, character), self.ends[line])
        return min(found, self.ends[line])

    def _place(self, offset: int, character: int) -> None:
        self.positions.append((len(self.starts) - 1, character))


def units(letter: str, encoding: Encoding) -> int:
    """Code units, by the code point's number."""
    number = ord(letter)
    if encoding == "utf-16":
        return 2 if number >= 0x10000 else 1
    if encoding == "utf-8":
        return 1 + (number >= 0x80) + (number >= 0x800) + (number >= 0x10000)
    return 1


def mismatches(text: Text, reference: Reference, encoding: Encoding, chance: random.Random) -> int:
    """What of a text's whole geometry, and of some places out of it, differs."""
    wrong = [text.line_start(line) for line in range(text.line_count)] != reference.starts
    for _ in range(3):
        offset = chance.randint(0, len(text))
        position = text.position(offset, encoding)
        wrong += position != reference.positions[offset]
        # Between "\r" and "\n" is no place of its own: it goes back to the line's end.
        wrong += text.offset(*position, encoding) != min(offset, reference.ends[position.line])
        wrong += text.line_of(offset) != position.line
        line, character = a_place(text, chance)
        wrong += text.offset(line, character, encoding) != reference.offset(line, character)
    return int(wrong)


def a_place(text: Text, chance: random.Random) -> tuple[int, int]:
    """A position as an editor may send it: also past the line's end or the last line."""
    line = chance.randint(0, text.line_count + (chance.random() < 0.1))
    return line, chance.randint(0, 12 if chance.random() < 0.9 else 10**6)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_edits_keep_to_the_reference(encoding: Encoding) -> None:
    chance = random.Random(f"text {encoding}")
    text, content, wrong = Text(""), "", 0
    reference = Reference(content, encoding)
    for _ in range(share(EDITS) // len(ENCODINGS)):
        places = sorted(
            reference.offset(*a_place(text, chance)) for _ in range(2 - (len(content) < 40))
        )
        start, end = places[0], places[-1]
        new = "".join(chance.choices(PIECES, k=chance.choice((0, 1, 1, 2, 5))))
        text.replace(Edit(start, end, new))
        content = content[:start] + new + content[end:]
        reference = Reference(content, encoding)
        wrong += text.content != content
        wrong += mismatches(text, reference, encoding, chance)
    assert wrong == 0


@given(text_of_pieces)
def test_lines_end_where_the_protocol_says(content: str) -> None:
    text, reference = Text(content), Reference(content, "utf-32")
    lines = [text.line_text(line) for line in range(text.line_count)]
    expected = zip(reference.starts, reference.ends, strict=True)
    assert lines == [content[start:end] for start, end in expected]


@given(text_of_pieces, st.sampled_from(ENCODINGS))
def test_every_offset_comes_back(content: str, encoding: Encoding) -> None:
    text, reference = Text(content), Reference(content, encoding)
    for offset in range(len(content) + 1):
        position = text.position(offset, encoding)
        assert position == reference.positions[offset]
        assert text.offset(*position, encoding) == min(offset, reference.ends[position.line])


@given(text_of_pieces, st.lists(st.tuples(text_of_pieces, st.integers(0), st.integers(0))))
def test_edited_text_equals_new_text(content: str, edits: list[tuple[str, int, int]]) -> None:
    text = Text(content)
    for new, first, second in edits:
        start, end = sorted((first % (len(text) + 1), second % (len(text) + 1)))
        text.replace(Edit(start, end, new))
    fresh = Text(text.content)
    assert text.line_count == fresh.line_count
    for line in range(fresh.line_count):
        assert text.line_start(line) == fresh.line_start(line)
        assert text.line_text(line) == fresh.line_text(line)


@pytest.mark.parametrize(
    ("encoding", "character", "offset"),
    [
        ("utf-8", 3, 1),  # inside the four bytes of the smiley
        ("utf-8", 5, 2),
        ("utf-16", 2, 1),  # inside the surrogate pair
        ("utf-16", 3, 2),
        ("utf-32", 2, 2),
    ],
)
def test_inside_a_code_point_is_its_start(encoding: Encoding, character: int, offset: int) -> None:
    assert Text("a😀b").offset(0, character, encoding) == offset


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_places_out_of_the_text_are_its_nearest(encoding: Encoding) -> None:
    text = Text("ab\r\ncd\n")
    assert text.offset(0, 99, encoding) == 2
    assert text.offset(2, 0, encoding) == text.offset(2, 5, encoding) == 7
    assert text.offset(9, 0, encoding) == 7
    assert text.offset(-1, 4, encoding) == 0
    assert text.offset(1, -4, encoding) == 4


def test_a_line_end_is_made_and_broken_by_its_neighbours() -> None:
    text = Text("a\rb\nc")
    text.replace(Edit(2, 3, ""))
    assert (text.content, text.line_count) == ("a\r\nc", 2)
    text.replace(Edit(2, 2, "-"))
    assert (text.content, text.line_count) == ("a\r-\nc", 3)


def test_typing_costs_the_same_in_a_long_file() -> None:
    def seconds(lines: int) -> float:
        starts = Offsets(range(0, 6 * lines, 6))
        starts.splice(lines // 2, lines // 2, [], 1)
        begun = time.process_time()
        for _ in range(2000):
            starts.splice(lines // 2 + 1, lines // 2 + 1, [], 1)
        return time.process_time() - begun

    assert min(seconds(100_000) for _ in range(5)) < 10 * min(seconds(100) for _ in range(5))


@given(
    st.lists(st.integers(0, 50), unique=True).map(sorted),
    st.lists(st.tuples(st.integers(0), st.integers(0), st.integers(0, 5), st.integers(0, 3))),
)
def test_offsets_are_a_list(values: list[int], splices: list[tuple[int, int, int, int]]) -> None:
    offsets, model = Offsets(values), list(values)
    for first, second, shift, count in splices:
        start, end = sorted((first % (len(model) + 1), second % (len(model) + 1)))
        low = model[start - 1] if start else -1
        new = [low + 1 + index for index in range(count)]
        shift += count  # what follows stays beyond what is put in
        offsets.splice(start, end, new, shift)
        model[start:] = new + [value + shift for value in model[end:]]
    assert [offsets[index] for index in range(len(offsets))] == model
    for offset in range(-1, 80):
        before = [index for index, value in enumerate(model) if value <= offset]
        assert offsets.find(offset) == (before[-1] if before else -1)
        assert offsets.find_exact(offset) == (model.index(offset) if offset in model else None)


def test_names_are_what_they_hold() -> None:
    assert Span(1, 2) == (1, 2)
    assert Position(3, 4) == (3, 4)
