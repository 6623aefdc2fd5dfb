"""A list of reassignments: who has which duties from a day on, and what is wrong with it."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from foundation.identity import Role
from gateway.duties.domain import (
    SENSITIVE,
    Grant,
    NamedBy,
    conflicts_of,
    email_of,
    employee_id_of,
)

MOST_ENTRIES = 2_000
ROLES_JA: Mapping[str, Role] = {
    "戸籍住民": Role.REGISTRAR,
    "給付": Role.BENEFITS_OFFICER,
    "出納": Role.TREASURER,
    "窓口": Role.CLERK,
    "相談": Role.COUNSELLOR,
    "管理者": Role.ADMINISTRATOR,
    "監査": Role.AUDITOR,
}
"""How a personnel section writes the duties; the English names are read as well."""

_COLUMNS: Mapping[str, str] = {
    "職員番号": "employee_id",
    "メールアドレス": "email",
    "役割": "roles",
    "終了日": "ends_on",
    "employee_id": "employee_id",
    "email": "email",
    "roles": "roles",
    "ends_on": "ends_on",
}
_BETWEEN = ";；、・"


class ReassignmentState(StrEnum):
    """Where a list stands."""

    CHECKED = "checked"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


class ReassignmentAct(StrEnum):
    """What moves it on."""

    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


TRANSITIONS: Mapping[tuple[ReassignmentState, ReassignmentAct], ReassignmentState] = {
    (ReassignmentState.CHECKED, ReassignmentAct.CONFIRMED): ReassignmentState.CONFIRMED,
    (ReassignmentState.CHECKED, ReassignmentAct.DISCARDED): ReassignmentState.DISCARDED,
}


class NotAList(Exception):
    """The text cannot be read as a list; `str()` names the fault's code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it was written, before anything is made of it; `number` counts from 1."""

    number: int
    employee_id: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    roles: tuple[str, ...] = ()
    ends_on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One person, and exactly the duties they have by name from the day on; none: they leave."""

    number: int
    named_by: NamedBy
    name: str = field(repr=False)
    roles: frozenset[Role]
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one line; it quotes nobody's number."""

    line: int
    code: str
    detail: str
    detail_ja: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What one entry does to the duties somebody has by name."""

    kept: tuple[Grant, ...]
    ended: tuple[Grant, ...]
    begun: frozenset[Role]


def read_csv(content: bytes) -> list[Line]:
    """Read a list as a personnel section saves it: UTF-8 or the Windows encoding, with a header.

    Raises:
        NotAList: neither encoding, no usable header, or too many lines.
    """
    reader = csv.DictReader(io.StringIO(_text(content)))
    columns = {name: _COLUMNS.get(name.strip()) for name in reader.fieldnames or ()}
    named = set(columns.values())
    if "roles" not in named or not named & {"employee_id", "email"}:
        raise NotAList("header")
    lines: list[Line] = []
    for number, row in enumerate(reader, start=1):
        if number > MOST_ENTRIES:
            raise NotAList("too-many")
        cells = {columns[name]: (row.get(name) or "").strip() for name in columns if columns[name]}
        if any(cells.values()):
            lines.append(_line(number, cells))
    return lines


def judge(lines: Iterable[Line], *, effective_on: date) -> tuple[list[Entry], list[Remark]]:
    """Return the entries that can be carried out, and everything that is wrong with the rest."""
    entries: list[Entry] = []
    faults: list[Remark] = []
    seen: set[tuple[NamedBy, str]] = set()
    for line in lines:
        found = list(_faults(line, effective_on))
        named_by, name = _name_of(line)
        if name and (named_by, name) in seen:
            found.append(_remark(line, "person-twice"))
        seen.add((named_by, name))
        faults += found
        if not found:
            entries.append(
                Entry(
                    number=line.number,
                    named_by=named_by,
                    name=name,
                    roles=frozenset(_role(text) for text in line.roles),
                    last_day=date.fromisoformat(line.ends_on) if line.ends_on else None,
                )
            )
    return entries, faults


def warnings_of(entry: Entry, *, is_known: bool, by_group: Iterable[Role]) -> Iterator[Remark]:
    """Yield what is worth knowing of an entry, though it can be carried out."""
    if not is_known:
        yield Remark(entry.number, "yet-to-sign-in", *_WORDS["yet-to-sign-in"])
    groups = frozenset(by_group)
    for role in sorted(groups - entry.roles):
        english, japanese = _WORDS["kept-by-group"]
        yield Remark(entry.number, "kept-by-group", f"{english} ({role})", f"{japanese}({role})")
    for first, second, english, japanese in conflicts_of(entry.roles | groups):
        yield Remark(entry.number, f"conflict-{first}-{second}", english, japanese)


def changes_of(entry: Entry, held: Iterable[Grant]) -> Changes:
    """Say which of somebody's duties go on, which end, and which begin."""
    kept: list[Grant] = []
    ended: list[Grant] = []
    for grant in held:
        same = grant.role in entry.roles and grant.period.last_day == entry.last_day
        (kept if same else ended).append(grant)
    return Changes(tuple(kept), tuple(ended), entry.roles - {grant.role for grant in kept})


def needs_four_eyes(entries: Iterable[Entry]) -> bool:
    """Tell whether any sensitive duty is given, so that the loader must not also confirm."""
    return any(entry.roles & SENSITIVE for entry in entries)


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotAList("encoding")


def _line(number: int, cells: Mapping[str | None, str]) -> Line:
    roles = cells.get("roles", "")
    for mark in _BETWEEN:
        roles = roles.replace(mark, " ")
    return Line(
        number=number,
        employee_id=cells.get("employee_id", ""),
        email=cells.get("email", ""),
        roles=tuple(roles.split()),
        ends_on=cells.get("ends_on", "").replace("/", "-"),
    )


def _name_of(line: Line) -> tuple[NamedBy, str]:
    if line.employee_id:
        return "employee_id", employee_id_of(line.employee_id)
    return "email", email_of(line.email)


def _role(text: str) -> Role:
    return ROLES_JA[text] if text in ROLES_JA else Role(text)


def _faults(line: Line, effective_on: date) -> Iterator[Remark]:
    if bool(line.employee_id) == bool(line.email):
        yield _remark(line, "one-name")
    for text in line.roles:
        if text not in ROLES_JA and text not in {role.value for role in Role}:
            yield _remark(line, "unknown-role")
    try:
        last = date.fromisoformat(line.ends_on) if line.ends_on else None
    except ValueError:
        yield _remark(line, "no-date")
    else:
        if last is not None and last < effective_on:
            yield _remark(line, "ends-before")


def _remark(line: Line, code: str) -> Remark:
    return Remark(line.number, code, *_WORDS[code])


_WORDS: Mapping[str, tuple[str, str]] = {
    "one-name": (
        "Name the person by number or by address, and by one of them only.",
        "職員番号かメールアドレスの、どちらか一つを記入してください。",
    ),
    "unknown-role": (
        "The duty is not known; see the list of duties.",
        (
            "役割の名前が違います。戸籍住民、給付、出納、窓口、相談、管理者、監査から選んで"
            "ください。"
        ),
    ),
    "no-date": (
        "The last day is not a date such as 2028-03-31.",
        "終了日は 2028-03-31 の形で記入してください。",
    ),
    "ends-before": (
        "The last day is before the reassignment.",
        "終了日が異動日より前です。",
    ),
    "person-twice": (
        "The person is listed twice; write all duties on one line.",
        "同じ職員が2回記入されています。役割を1行にまとめてください。",
    ),
    "yet-to-sign-in": (
        "Nobody with this name has signed in yet; the duties wait for them.",
        "まだサインインしたことのない職員です。初めてのサインインで付与されます。",
    ),
    "kept-by-group": (
        "The directory's group still gives this duty; change it there.",
        "認証基盤のグループによる役割が残ります。認証基盤でも変更してください。",
    ),
}
