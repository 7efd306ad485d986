"""What the three wires have in common: a tolerant base model, lenient field types, and the words for a misfit.

Every field of a wire model may be absent or null, and unknown fields are ignored: all three servers' answers have grown
over the years. A field of a wrong type is an error where the state hangs on it (`Word`, nested models) and is dropped
where it only describes (`Loose`, `Whole`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from tui.domain.records import Fields, FieldValue
from tui.servers.body import scrub

TEXT_LIMIT = 16_384  # characters of one field; the raw view shows what is longer
_NOTHING = frozenset({"", "n/a", "null"})  # absences as Java programs spell them out


class BadWire(ValueError):
    """An answer that does not have the form it should; the message follows "its answer "."""


class Wire(BaseModel):
    """Base of all wire models: extra fields ignored, nothing coerced behind our back but what a field says."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, arbitrary_types_allowed=False)


def _word(value: object) -> object:
    if value is None or isinstance(value, str):
        return scrub(value)[:TEXT_LIMIT] if value else value
    raise ValueError("is not a text")


def _loose(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value) if abs(value) < 1e30 else None
    if isinstance(value, str):
        return None if value.strip().lower() in _NOTHING else scrub(value)[:TEXT_LIMIT]
    return None


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 2**63 else None
    if isinstance(value, float):
        return int(value) if abs(value) < 2**53 else None
    if isinstance(value, str) and value.strip().isascii() and value.strip().lstrip("-").isdigit() and len(value) < 20:
        return int(value)
    return None


def _flag(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in {"true", "1", "yes"}
    return bool(value) if isinstance(value, bool | int | float) else False


Word = Annotated[str | None, BeforeValidator(_word)]  # a status: text or nothing, else the answer is bad
Loose = Annotated[str | None, BeforeValidator(_loose)]  # descriptive text: anything else is dropped
Whole = Annotated[int | None, BeforeValidator(_whole)]  # a count or an id; texts of digits are taken
Flag = Annotated[bool, BeforeValidator(_flag)]  # true, also as text or number
Moment = Any  # a time in whatever form; `tui.servers.times` reads it

Model = TypeVar("Model", bound=Wire)


def read_wire(model: type[Model], value: object) -> Model:
    """`value` as a wire model. Raises `BadWire` with the place of the first misfit, and nothing else."""
    if not isinstance(value, dict):
        raise BadWire("is not a JSON object")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "something"
        raise BadWire(f"has {place} of a form that it should not have") from None


def fields_of(row: Mapping[object, object], depth: int = 8) -> Fields:
    """An object of any form as frozen fields, in its own order, every text bounded; `depth` levels are kept."""
    return Fields(tuple((scrub(str(key))[:TEXT_LIMIT], _field(value, depth - 1)) for key, value in row.items()))


def _field(value: object, depth: int) -> FieldValue:
    if isinstance(value, str):
        return scrub(value)[:TEXT_LIMIT]
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth <= 0:
        return "…"
    if isinstance(value, Mapping):
        return fields_of(value, depth)
    return tuple(_field(item, depth - 1) for item in value) if isinstance(value, list) else str(value)[:TEXT_LIMIT]
