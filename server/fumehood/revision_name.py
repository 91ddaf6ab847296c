"""What a new revision is called: its id, its file, its date. As alembic.script.base does it.

Nothing here is chance: asked again, the names are the same. An id is made of the parent's and of
what the revision does, or is the next number. The date is the parent's, one minute on, so that
files which are sorted by it stay in order.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from .head import Head, NoHeadError

_TOKEN = re.compile(r"%(?:%|\((?P<name>\w+)\)[-#0 +]*(?P<digits>\d*)(?:\.(?P<least>\d+))?[a-z])")
_DATE = ("year", "month", "day", "hour", "minute", "second")
_CREATED = re.compile(r"^[ \t]*Create Date:[ \t]*(?P<date>\S.*?)\s*$", re.MULTILINE)
_WORD = re.compile(r"\w+")
_ID_LENGTH = 12
_LONGEST_ID = 32  # characters, of alembic_version.version_num
# What Windows takes for a device, whatever ending it has.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def slug(message: str, length: int) -> str:
    """A message as it stands in the name of a file."""
    found = "_".join(_WORD.findall(message)).lower()
    return found if len(found) <= length else found[:length].rsplit("_", 1)[0] + "_"


def new_id(head: Head, message: str, content: str) -> str:
    """The id of the revision behind `head` that does `content`; numbered where that one is."""
    if head.next_number is None:
        seed = "\n".join((head.revision, message, content))
        return hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()[:_ID_LENGTH]
    if "_" not in head.revision:
        return head.next_number
    return f"{head.next_number}_{slug(message, head.slug_length)}"[:_LONGEST_ID].rstrip("_")


def new_date(head: Head) -> datetime | None:
    """When the revision behind `head` is said to be made; None where the head does not say it.

    What the name of the head's file says counts more than what is written in it.
    """
    found = _CREATED.search(head.text)
    try:
        written = datetime.fromisoformat(found["date"]) if found else None
    except ValueError:
        written = None
    named = _parsed_name(head)
    try:
        if "epoch" in named and written is None:
            written = datetime.fromtimestamp(named["epoch"], UTC).replace(tzinfo=None)
        parts = {name: named[name] for name in _DATE if name in named}
        if written is None and {"year", "month", "day"} <= parts.keys():
            written = datetime(1, 1, 1)
        return None if written is None else written.replace(**parts) + timedelta(minutes=1)  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        return None


def file_name(head: Head, revision: str, message: str, date: datetime | None) -> str:
    """The name of a new revision's file, from `head.folder` on. Raises NoHeadError."""
    template = head.file_template
    values: dict[str, object] = {"rev": revision, "slug": slug(message, head.slug_length)}
    named = _parsed_name(head)
    if date is not None:
        values |= {name: getattr(date, name) for name in _DATE}
        aware = date if date.tzinfo else date.replace(tzinfo=UTC)
        values["epoch"] = int(named["epoch"]) + 60 if "epoch" in named else int(aware.timestamp())
    try:
        name = template % values + ".py"
    except KeyError as error:
        known = error.args[0] in (*_DATE, "epoch")
        why = f"{head.path} does not tell its date" if known else "Alembic has no such token"
        raise NoHeadError(f"file_template {template!r}: no {error.args[0]}, {why}") from error
    except (TypeError, ValueError) as error:
        raise NoHeadError(f"file_template {template!r} cannot be filled in: {error}") from error
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        raise NoHeadError(f"file_template {template!r} leads out of {head.folder}")
    if any(_DEVICE.fullmatch(part.partition(".")[0]) for part in path.parts):
        raise NoHeadError(f"{name} is no file but a device under Windows")
    return name


def _parsed_name(head: Head) -> dict[str, int]:
    """The numbers in the name of the head's own file, by the tokens of the template."""
    pattern, end = "", 0
    seen: set[str] = set()
    for token in _TOKEN.finditer(head.file_template):
        pattern += re.escape(head.file_template[end : token.start()])
        pattern += _pattern(token, head, seen)
        end = token.end()
    pattern += re.escape(head.file_template[end:])
    found = re.search(rf"(?:^|/){pattern}\.py$", head.path.replace("\\", "/"))
    return {name: int(value) for name, value in found.groupdict().items()} if found else {}


def _pattern(token: re.Match[str], head: Head, seen: set[str]) -> str:
    """What a token of the template may stand for in the name of the head's file."""
    name = token["name"]
    if name is None:
        return "%"
    if name == "rev":
        return re.escape(head.revision)
    if name not in (*_DATE, "epoch"):
        return r"\w*"
    if name in seen:
        return f"(?P={name})"
    seen.add(name)
    width = token["least"] or token["digits"]
    digits = "+" if name == "epoch" else "{4}" if name == "year" else "{1,2}"
    return rf"(?P<{name}>\d{f'{{{width}}}' if width else digits})"
