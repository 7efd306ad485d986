"""The filter that a person types: read without ever failing, and asked of one entry at a time.

Owns the grammar: words (fuzzy in names, anywhere else as they are), ``"a phrase"``, ``!not``, ``key:one|other``,
``age<2h``, ``slack<10m``; blanks mean and. What cannot be read yet is left out and said so. Knows neither screen nor
server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from tui.domain.deadline import has_ended, is_overdue, slack_s
from tui.domain.records import CATEGORIES, STAGES, Fields, Stage
from tui.domain.snapshot import Entry
from tui.domain.state import ACTIVE, BAD_ENDS, TERMINAL, State
from tui.present.cells import age_s, part_of

TERM_COUNT = 40  # more is a paste by mistake; each term costs time on every row
TERM_LENGTH = 200  # characters
GAP = 6  # letters that a fuzzy match may skip between two of its own: "mb412" finds "my-build 412"
FUZZY_FROM = 2  # letters; a single one is looked for as it is

_PARTS = (*STAGES, *CATEGORIES)
_TERMS = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_CHOICES = re.compile(r'(?:[^|"]|"[^"]*"?)+')
_AGE = re.compile(r"(age|for|slack):?([<>]=?)(.*)", re.IGNORECASE)
_SPAN = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(s|m|min|h|d|w)?", re.IGNORECASE)
_UNIT_S: Mapping[str, int] = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}
OVERDUE = "overdue"
PACES = ("slow", "stuck", OVERDUE)  # what an entry may be besides its state
CHANGED = "changed"  # of ``is:``: in another state than when a person looked at it last
PaceOf = Callable[[Entry], str]
ChangedOf = Callable[[str], bool]
_GROUPS: Mapping[str, frozenset[State]] = {"active": ACTIVE, "ended": TERMINAL, "terminal": TERMINAL, "bad": BAD_ENDS}


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: `choices` are alternatives, casefolded; `key` is "" for a word.

    `limit_s` is what an age, or a slack, is compared with by `sign`. A term without choices and limit lets everything
    pass.
    """

    key: str = ""
    choices: tuple[str, ...] = ()
    is_not: bool = False
    is_exact: bool = False
    sign: str = ""
    limit_s: float = 0.0

    def matches(self, entry: Entry, now: datetime, pace: PaceOf, is_changed: ChangedOf) -> bool:
        """Whether the entry meets this condition."""
        if self.is_of_marks:
            return is_changed(entry.key) is not self.is_not
        if self.sign:
            return self._is_of_age(entry, now) is not self.is_not
        if not self.choices:
            return True
        if self.is_paced:
            words = (pace(entry), OVERDUE if is_overdue(entry, now) else "")
            if any(word.startswith(choice) for word in words if word for choice in self.choices):
                return not self.is_not
        return any(self._meets(entry, choice) for choice in self.choices) is not self.is_not

    @property
    def is_paced(self) -> bool:
        """It asks for what is slow, stuck or overdue."""
        return self.key == "state" and any(_is_pace(choice) for choice in self.choices)

    @property
    def is_of_marks(self) -> bool:
        """It asks for what changed and was not looked at."""
        return self.key == "is" and any(CHANGED.startswith(choice) for choice in self.choices)

    def _is_of_age(self, entry: Entry, now: datetime) -> bool:
        seconds = age_s(entry, now) if self.key == "age" else None if has_ended(entry) else slack_s(entry, now)
        if seconds is None:
            return False
        if self.sign.startswith("<"):
            return seconds < self.limit_s or (self.sign == "<=" and seconds == self.limit_s)
        return seconds > self.limit_s or (self.sign == ">=" and seconds == self.limit_s)

    def _meets(self, entry: Entry, choice: str) -> bool:
        if self.key:
            return _KEYS[self.key](entry, choice)
        if any(choice in text.casefold() for text in _texts(entry)):
            return True
        return not self.is_exact and any(hits(choice, name) for name in _names(entry))


@dataclass(frozen=True, slots=True)
class Query:
    """A filter as it was typed (`text`) and as it was understood."""

    text: str = ""
    terms: tuple[Term, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Every entry passes."""
        return not any(term.choices or term.sign for term in self.terms)

    def matches(
        self,
        entry: Entry,
        now: datetime,
        pace: PaceOf = lambda entry: "",
        is_changed: ChangedOf = lambda key: False,
    ) -> bool:
        """Whether the entry meets every condition.

        `pace` tells ``slow`` or ``stuck`` of an entry, "" for neither; `is_changed` whether a key's row is news.
        """
        return all(term.matches(entry, now, pace, is_changed) for term in self.terms)

    @property
    def has_ages(self) -> bool:
        """The answer may change by the passing of time alone."""
        return any(term.sign or term.is_paced for term in self.terms)

    @property
    def has_marks(self) -> bool:
        """The answer may change by a person's looking alone."""
        return any(term.is_of_marks for term in self.terms)

    @property
    def explain(self) -> str:
        """The filter in words, with what was left out of it and why; "" for an empty one."""
        said = [_explain(term) for term in self.terms if term.choices or term.sign]
        return "; ".join([*([" and ".join(said)] if said else []), *self.left_out])

    def found_in(self, name: str) -> tuple[int, ...]:
        """Places of the letters in a shown name that its words matched, for marking them."""
        found: set[int] = set()
        for term in self.terms:
            if not term.key and not term.is_not and not term.sign:
                for choice in term.choices:
                    found.update(hits(choice, name, is_exact=term.is_exact))
        return tuple(sorted(found))


def parse(text: str) -> Query:
    """Read a filter; whatever was typed, there is an answer."""
    pieces = _TERMS.findall(text)
    left_out = []
    if len(pieces) > TERM_COUNT:
        left_out.append(f"only the first {TERM_COUNT} conditions are used")
    terms = []
    for piece in pieces[:TERM_COUNT]:
        if len(piece) > TERM_LENGTH:
            left_out.append(f"a condition of {len(piece)} characters is left out")
            continue
        term, complaint = _read_term(piece)
        terms.append(term)
        if complaint:
            left_out.append(complaint)
    return Query(text, tuple(terms), tuple(left_out))


def hits(word: str, text: str, *, is_exact: bool = False) -> tuple[int, ...]:
    """Places in `text` of the letters of `word` (casefolded): together if they are, else close together in order.

    Empty where it is not found.
    """
    folded = text.casefold()
    if len(folded) != len(text):
        folded = text.lower() if len(text.lower()) == len(text) else text
    start = folded.find(word)
    if start >= 0:
        return tuple(range(start, start + len(word)))
    if is_exact or len(word) < FUZZY_FROM:
        return ()
    start = folded.find(word[0])
    while start >= 0:
        places = _follow(word, folded, start)
        if places:
            return places
        start = folded.find(word[0], start + 1)
    return ()


def _follow(word: str, text: str, start: int) -> tuple[int, ...]:
    places = [start]
    for letter in word[1:]:
        place = text.find(letter, places[-1] + 1, places[-1] + 2 + GAP)
        if place < 0:
            return ()
        places.append(place)
    return tuple(places)


def _read_term(piece: str) -> tuple[Term, str]:
    is_not = piece.startswith("!")
    body = piece[1:] if is_not else piece
    if not body:
        return Term(), "! wants a word" if is_not else ""
    if found := _AGE.fullmatch(body):
        return _read_age(found, is_not)
    key, colon, values = body.partition(":")
    key = key.casefold()
    if colon and key in _KEYS:
        choices = tuple(filter(None, (_bare(choice).casefold() for choice in _CHOICES.findall(values))))
        if key in _PARTS and choices and not any(_states(choice) for choice in choices):
            return Term("", (_bare(body).casefold(),), is_not), ""  # "sca:job/437" is an address, not a stage
        complaint = "" if choices else f"{key}: wants a word after it"
        if key == "state" and choices and not any(_states(choice) or _is_pace(choice) for choice in choices):
            known = ", ".join([*(state.value for state in State), *PACES])
            complaint = f"no state starts with {choices[0]!r} (they are {known})"
        if key == "is" and choices and not any(CHANGED.startswith(choice) for choice in choices):
            complaint = f"is: knows {CHANGED!r} alone, not {choices[0]!r}"
        return Term(key, choices, is_not), complaint
    word = _bare(body).casefold()
    return Term("", (word,) if word else (), is_not, is_exact='"' in body), ""


def _read_age(found: re.Match[str], is_not: bool) -> tuple[Term, str]:
    key, sign, span = found.groups()
    read = _SPAN.fullmatch(span)
    key = "slack" if key.casefold() == "slack" else "age"
    if read is None:
        return Term(), f"{found.group()!r} is not complete (say {key}{sign}30m, 2h or 3d)"
    number, unit = read.groups()
    return Term(key, (), is_not, sign=sign, limit_s=float(number) * _UNIT_S[(unit or "m").lower()]), ""


def _bare(text: str) -> str:
    return text.replace('"', "").strip()


@lru_cache(maxsize=256)  # words typed in filters; each is asked once a row
def _states(choice: str) -> frozenset[State]:
    folded = choice.replace(" ", "_").replace("-", "_")
    if folded in _GROUPS:
        return _GROUPS[folded]
    return frozenset(state for state in State if state.value.startswith(folded))


def _is_pace(choice: str) -> bool:
    return any(word.startswith(choice) for word in PACES)


def _names(entry: Entry) -> tuple[str, ...]:
    return (entry.label, entry.name, entry.key)


def _texts(entry: Entry) -> tuple[str, ...]:
    record = entry.record
    if record is None:
        problem = entry.problem.text if entry.problem is not None else ""
        return (entry.label, entry.name, entry.key, entry.state.word, problem)
    own = (_flat(value) for _, value in record.detail)
    words = (entry.state.word, record.status or "", record.note, record.error)
    return (entry.label, record.name, entry.key, *words, *own)


def _flat(value: object) -> str:
    if isinstance(value, Fields):
        return "\n".join(_flat(inner) for _, inner in value)
    return value if isinstance(value, str) else ""


def _of_detail(*names: str) -> Callable[[Entry, str], bool]:
    """A condition on the kind's own fields: one of them contains the word, or is the number."""

    def meets(entry: Entry, choice: str) -> bool:
        if entry.record is None:
            return False
        return any(_holds(entry.record.detail.get(name), choice) for name in names)

    return meets


def _holds(value: object, choice: str) -> bool:
    if isinstance(value, Fields):
        return any(_holds(inner, choice) for _, inner in value)
    if isinstance(value, tuple):
        return any(_holds(inner, choice) for inner in value)
    if isinstance(value, int):
        return str(value) == choice
    return isinstance(value, str) and choice in value.casefold()


def _in_state(entry: Entry, choice: str) -> bool:
    return entry.state in _states(choice)


def _at_stage(entry: Entry, choice: str) -> bool:
    folded = choice.replace(" ", "_")
    return any(
        folded in stage.name.casefold() or folded in (stage.status or "").casefold() for stage in current_stages(entry)
    )


def current_stages(entry: Entry) -> tuple[Stage, ...]:
    """Where the entry stands: its running stages, else its waiting ones, else those that went wrong."""
    stages = (*entry.record.stages, *entry.record.categories) if entry.record is not None else ()
    for states in ({State.RUNNING}, {State.WAITING}, {State.FAILED, State.PARTIAL, State.CANCELED}):
        found = tuple(stage for stage in stages if stage.state in states)
        if found:
            return found
    return ()


def _of_part(name: str) -> Callable[[Entry, str], bool]:
    def meets(entry: Entry, choice: str) -> bool:
        part = part_of(entry, name)
        return part is not None and part.state in _states(choice)

    return meets


def _of_type(entry: Entry, choice: str) -> bool:
    return choice in entry.target.kind or _of_detail("type", "category")(entry, choice)


def _of_project(entry: Entry, choice: str) -> bool:
    return choice in (entry.target.param("project") or "").casefold() or _of_detail("project")(entry, choice)


def _of_server(entry: Entry, choice: str) -> bool:
    return choice in entry.target.server.casefold() or _of_detail("server")(entry, choice)


def _of_status(entry: Entry, choice: str) -> bool:
    status = entry.record.status if entry.record is not None else None
    return choice.replace("_", " ") in (status or "").casefold().replace("_", " ")


def _of_error(entry: Entry, choice: str) -> bool:
    texts = [entry.record.error] if entry.record is not None else []
    texts += [entry.problem.text, entry.problem.code.value] if entry.problem is not None else []
    return any(choice in text.casefold() for text in texts)


_KEYS: Mapping[str, Callable[[Entry, str], bool]] = {
    "state": _in_state,
    "stage": _at_stage,
    "type": _of_type,
    "project": _of_project,
    "server": _of_server,
    "user": _of_detail("user", "author"),
    "status": _of_status,
    "is": lambda entry, choice: False,  # a person's looking is no part of an entry: see `Term.is_of_marks`
    "error": _of_error,
    "id": _of_detail("id", "scanId"),
    "name": lambda entry, choice: any(choice in name.casefold() for name in _names(entry)[:2]),
    **{name: _of_part(name) for name in _PARTS},
}
KEYS = tuple(_KEYS)  # for help and completion


def _explain(term: Term) -> str:
    if term.sign:
        words = {"<": "under", "<=": "at most", ">": "over", ">=": "at least"}[term.sign]
        where = "until it is due" if term.key == "slack" else "in its state"
        return f"{'not ' if term.is_not else ''}{words} {_span(term.limit_s)} {where}"
    values = " or ".join(term.choices)
    if term.key:
        return f"{term.key} {'is not' if term.is_not else 'is'} {values}"
    return f"{'no ' if term.is_not else ''}{'exactly ' if term.is_exact else ''}{values!r}"


def _span(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"
