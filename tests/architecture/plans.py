"""What the planner says it would do with a statement, and what row security takes away from it.

Under row security an index serves only operators that are marked leakproof. Another one becomes a
filter without a word: right answers, two hundred times slower. So each statement is explained
twice, as the role that sends it and as one that row security does not bind, and compared.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg

Node = Mapping[str, Any]

_BY_INDEX = ("Index Cond", "Recheck Cond")
_BY_JOIN = ("Hash Cond", "Merge Cond", "Join Filter")
_PARAMETER = re.compile(r"\$([0-9]+)")
_WRITES = "ModifyTable"


@dataclass(slots=True)
class Scan:
    """How one table is reached: by these conditions of an index, sieved by those filters."""

    table: str
    alias: str
    by_index: set[str] = field(default_factory=set[str])
    filters: set[str] = field(default_factory=set[str])

    @property
    def knows_tenant(self) -> bool:
        return any(_is_about_tenant(condition) for condition in self.by_index)


@dataclass(slots=True)
class Plan:
    """The scans of one statement, and the tables it writes."""

    scans: dict[str, Scan] = field(default_factory=dict[str, Scan])
    joins: set[str] = field(default_factory=set[str])
    written: set[str] = field(default_factory=set[str])

    @property
    def tables(self) -> set[str]:
        return self.written | {scan.table for scan in self.scans.values()}

    def lost_since(self, free: "Plan") -> list[str]:
        """Return the conditions an index serves in a free plan, and no more in this one."""
        lost: list[str] = []
        for alias, scan in free.scans.items():
            mine = self.scans.get(alias)
            served = self.joins | (mine.by_index if mine is not None else self.joins)
            lost += sorted(
                condition
                for condition in scan.by_index - served
                if mine is not None and not _is_about_tenant(condition)
            )
        return lost


async def plan_of(connection: "asyncpg.Connection[Any]", sql: str) -> Plan:
    """Explain a statement for any values of its parameters, as the connection's present role.

    It is prepared and planned once for all, as the driver has it; the values do not matter then.
    """
    await connection.execute(
        f"SET plan_cache_mode = force_generic_plan; PREPARE explained AS {sql}"
    )
    try:
        count = max((int(number) for number in _PARAMETER.findall(sql)), default=0)
        values = f"({', '.join(['NULL'] * count)})" if count else ""
        row = await connection.fetchval(f"EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE explained{values}")
    finally:
        await connection.execute("DEALLOCATE explained")
    plan = Plan()
    _read(json.loads(row)[0]["Plan"], plan, owner=None)
    return plan


async def plan_as(connection: "asyncpg.Connection[Any]", role: str, sql: str) -> Plan:
    """Explain a statement as a role bound to a tenant, which then is taken off again."""
    attempt = connection.transaction()
    await attempt.start()
    try:
        await connection.execute(
            f"SET LOCAL enable_seqscan = off; SET LOCAL ROLE {role}; SET LOCAL app.tenant_id = '1'"
        )
        return await plan_of(connection, sql)
    finally:
        await attempt.rollback()


def _read(node: Node, plan: Plan, *, owner: Scan | None) -> None:
    """Take in a node and all below it; a bitmap's index belongs to the heap scan above it."""
    if node["Node Type"] == _WRITES:
        plan.written.add(_table(node))
        owner = None
    elif "Relation Name" in node:
        alias = str(node["Alias"])
        owner = plan.scans.setdefault(alias, Scan(_table(node), alias))
    if owner is not None:
        for name in _BY_INDEX:
            owner.by_index.update(_conditions(node.get(name)))
        owner.filters.update(_conditions(node.get("Filter")))
    for name in _BY_JOIN:
        plan.joins.update(_conditions(node.get(name)))
    for child in node.get("Plans", ()):
        below = owner if str(child["Node Type"]).startswith("Bitmap") else None
        _read(child, plan, owner=below)


def _table(node: Node) -> str:
    return f"{node['Schema']}.{node['Relation Name']}"


def _conditions(text: str | None) -> Iterator[str]:
    """Yield the conditions that a text joins by AND."""
    if text is None:
        return
    inner = text[1:-1] if _is_enclosed(text) else text
    depth = start = 0
    for place, character in enumerate(inner):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and inner.startswith(" AND ", place):
            yield inner[start:place].strip("() ")
            start = place + len(" AND ")
    yield inner[start:].strip("() ")


def _is_enclosed(text: str) -> bool:
    """Tell whether the first parenthesis is closed by the last character."""
    depth = 0
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return place == len(text) - 1
    return False


def _is_about_tenant(condition: str) -> bool:
    """Tell whether a condition holds for one tenant's rows only.

    Numbers of two letters do, too: each is made of the letters and of whose register they are in.
    """
    return any(part in condition for part in ("tenant_id =", "tenant_id >", "@> registry.grams_of"))
