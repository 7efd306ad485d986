"""What is pasted and what is pressed are told apart, whatever the pieces, the pauses and the text."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.app.pasted import (
    END,
    GIVE_UP,
    PASTE_MOST,
    SPLIT_S,
    STALLED_S,
    START,
    WAKE_S,
    EscapeKey,
    Keys,
    Pasted,
    PasteGate,
    Piece,
    Stalled,
    without_alt,
)

HOLD_S = 0.1
# Pieces that make and break the marks.
TEXTS = st.lists(st.sampled_from([*"\x1b[201~DyqIO\r\x03 ", START, END, "\x1b[I"]), max_size=30).map("".join)


def came(gate: PasteGate, *arrivals: tuple[float, str]) -> list[Piece]:
    """What is made of texts that arrive at these seconds; a tick comes half a second after the last one."""
    found = [piece for at_s, text in arrivals for piece in gate.feed(text, at_s)]
    return [*found, *gate.tick((arrivals[-1][0] if arrivals else 0.0) + 0.5)]


def keys_of(pieces: Iterable[Piece]) -> str:
    return "".join(
        piece.text if isinstance(piece, Keys) else "\x1b" if isinstance(piece, EscapeKey) else "" for piece in pieces
    )


def pasted_of(pieces: Iterable[Piece]) -> list[str]:
    return [piece.text for piece in pieces if isinstance(piece, Pasted)]


@given(TEXTS, st.integers(1, 9), st.floats(0.0, WAKE_S * 0.9))
def test_nothing_of_a_paste_is_a_key_whatever_it_holds(text: str, step: int, pause_s: float) -> None:
    sent = START + text + END
    gate = PasteGate(HOLD_S)
    # The start mark may come in pieces too, but then at once: what it is held for is over after HOLD_S.
    pieces = [sent[at : at + step] for at in range(0, len(sent), step)]
    arrivals = [(number * min(pause_s, HOLD_S * 0.9), piece) for number, piece in enumerate(pieces)]
    found = came(gate, *arrivals)
    assert keys_of(found).replace("\x1b[I", "").replace("\x1b[O", "") == ""
    first = text.partition(END)[0]
    assert pasted_of(found)[:1] == [first] or not first, "up to the first end mark it is whole"
    assert keys_of(came(gate, (arrivals[-1][0] + 10.0, "Dq"))) == "Dq", "and after a pause keys are keys again"


@given(TEXTS.filter(lambda text: START not in text), st.integers(1, 9))
def test_what_is_pressed_comes_through_as_it_was(text: str, step: int) -> None:
    pieces = [text[at : at + step] for at in range(0, len(text), step)]
    found = came(PasteGate(HOLD_S), *((number * 0.01, piece) for number, piece in enumerate(pieces)))
    assert keys_of(found) == text and not pasted_of(found)


def test_escape_waits_no_longer_than_it_must() -> None:
    gate = PasteGate(HOLD_S)
    assert list(gate.feed("\x1b", 0.0)) == [] == list(gate.tick(HOLD_S * 0.9))
    assert list(gate.tick(HOLD_S)) == [EscapeKey()]
    assert list(gate.feed("[", 1.0)) == [] and list(gate.tick(1.0 + HOLD_S)) == [Keys("[")], "a key of its own"


def test_a_start_mark_in_pieces_is_one_up_to_the_limit() -> None:
    for pause_s, keys in ((SPLIT_S * 0.99, "\x1b"), (SPLIT_S, "\x1b[200~Dy\x1b[201~")):
        gate = PasteGate(HOLD_S)
        found = [*gate.feed("\x1b", 0.0), *gate.tick(1.0), *gate.feed("[200~Dy" + END, pause_s)]
        assert keys_of(found) == keys


@pytest.mark.parametrize(("pause_s", "keys"), [(WAKE_S * 0.99, ""), (WAKE_S, "Dy")])
def test_after_the_end_mark_a_pause_makes_keys(pause_s: float, keys: str) -> None:
    gate = PasteGate(HOLD_S)
    assert pasted_of(gate.feed(START + "a" + END, 0.0)) == ["a"]
    assert keys_of(gate.feed("Dy", pause_s)) == keys


@pytest.mark.parametrize(("size", "is_cut"), [(PASTE_MOST, False), (PASTE_MOST + 1, True)])
def test_a_paste_is_kept_up_to_its_limit(size: int, is_cut: bool) -> None:
    gate = PasteGate(HOLD_S)
    sent = START + "y" * size + END
    found = [piece for at in range(0, len(sent), 4096) for piece in gate.feed(sent[at : at + 4096], 0.0)]
    assert found == [Pasted("y" * PASTE_MOST, is_cut)]


def test_a_paste_without_an_end_is_told_once_and_given_up_by_one_key() -> None:
    gate = PasteGate(HOLD_S)
    assert list(gate.feed(START + "Dy", 0.0)) == []
    assert list(gate.feed(GIVE_UP, 0.1)) == [], "within the paste it is a character"
    assert list(gate.tick(0.1 + STALLED_S * 0.99)) == []
    assert list(gate.tick(0.1 + STALLED_S)) == [Stalled()]
    assert list(gate.tick(0.2 + STALLED_S)) == []
    assert list(gate.feed("q" + GIVE_UP, 5.0)) == [], "not alone, so it is of the paste"
    assert list(gate.tick(9.0)) == [Stalled()]
    assert list(gate.feed(GIVE_UP, 9.1)) == [Stalled(is_over=True)]
    assert list(gate.feed("q", 9.2)) == [Keys("q")]


def pieces(text: str) -> list[str]:
    return ["<esc>" if isinstance(one, EscapeKey) else one.text for one in without_alt(text)]


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("\x1b3", ["<esc>", "3"]),  # Escape, then 3, read at once because we were busy
        ("ab\x1bq\x1b/x", ["ab", "<esc>", "q", "<esc>", "/x"]),
        ("\x1b[A\x1bOP\x1b[200~", ["\x1b[A\x1bOP\x1b[200~"]),  # sequences stay whole
        ("\x1bb\x1bf\x1b\x7f", ["\x1bb\x1bf\x1b\x7f"]),  # a word on or back, as some terminals send it
        ("\x1b]11;rgb:0/0/0\x1b\\", ["\x1b]11;rgb:0/0/0\x1b\\"]),
    ],
)
def test_escape_stays_escape_however_soon_a_key_follows(text: str, apart: list[str]) -> None:
    assert pieces(text) == apart


@given(st.text(alphabet="\x1bab3[OP~\\", max_size=12))
def test_telling_escape_apart_loses_no_key(text: str) -> None:
    assert "".join(pieces(text)).replace("<esc>", "\x1b") == text
