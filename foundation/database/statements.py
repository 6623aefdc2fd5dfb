"""Every question the services ask of the database, written once, compiled once, and listed.

The list is what makes a promise checkable: a test explains each statement as the service role
that issues it, and refuses one whose filter cannot use an index under row security.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from sqlalchemy import JSON, ClauseElement, ColumnElement, Integer, bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert, UpdateBase
from sqlalchemy.sql.expression import Executable
from sqlalchemy.sql.selectable import ForUpdateArg, Select, SelectBase

Row = Mapping[str, Any]

STATEMENTS: "dict[str, Statement]" = {}

_DIALECT = postgresql.dialect(paramstyle="numeric_dollar")
TENANT = "tenant_id"


def tenant_is(owner: Any) -> ColumnElement[bool]:
    """Return the predicate that every statement on a tenant's table carries.

    Row security would filter without it. Said in the statement too, it makes the policy a
    one-time filter, gives the planner the right estimate, and is the second of the two walls.
    """
    column: ColumnElement[int] = getattr(owner, "c", owner).tenant_id
    return column == bindparam(TENANT, type_=Integer)


class Statement:
    """A statement of the expression language, rendered to `$n` SQL when its module is imported."""

    def __init__(self, name: str, clause: Executable) -> None:
        """Compile and register it.

        Args:
            name: `<service>.<collection>.<question>`, unique.
            clause: its only parameters are named `bindparam`s; `tenant_id` is bound for you.

        Raises:
            ValueError: another statement has this name.
        """
        if name in STATEMENTS:
            raise ValueError(f"Two statements are called {name}.")
        compiled = cast("ClauseElement", clause).compile(dialect=_DIALECT)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError(f"{name} is not a query or a change of rows.")
        self.name = name
        self.clause = clause
        self.sql = str(compiled)
        self.parameters: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._constants = {
            key: value
            for key, value in compiled.params.items()
            if value is not None or not compiled.binds[key].required
        }
        self._json_in = frozenset(
            key for key, bind in compiled.binds.items() if isinstance(bind.type, JSON)
        )
        self._json_out = frozenset(_json_columns(clause))
        self.is_set_based = isinstance(clause, Insert) and clause.select is not None
        """Whether it works through a whole set: worth planning for the municipality at hand."""
        self.only_reads = isinstance(clause, SelectBase) and not any(
            isinstance(part, UpdateBase | ForUpdateArg) for part in visitors.iterate(clause)
        )
        """Whether it neither changes nor holds a row, so that nobody waits for its transaction."""
        STATEMENTS[name] = self

    def arguments(self, tenant_id: int | None, given: Mapping[str, Any]) -> list[Any]:
        """Return the values in the order of `$1, $2, …`.

        Raises:
            KeyError: a parameter was not given, or one was given that the statement does not have.
        """
        values = {**self._constants, **given}
        if TENANT in self.parameters:
            if tenant_id is None:
                raise KeyError(f"{self.name} asks about a tenant, and this work has none.")
            values[TENANT] = tenant_id
        if unknown := given.keys() - set(self.parameters):
            raise KeyError(f"{self.name} has no parameter {', '.join(sorted(unknown))}.")
        return [
            json.dumps(values[key], ensure_ascii=False)
            if key in self._json_in and values[key] is not None
            else values[key]
            for key in self.parameters
        ]

    def rows(self, records: Iterable[Any]) -> list[Row]:
        """Return the records with their JSON columns read; without any, they pass untouched."""
        if not self._json_out:
            return list(records)
        return [
            {
                key: json.loads(value) if key in self._json_out and value is not None else value
                for key, value in record.items()
            }
            for record in records
        ]


def _json_columns(clause: Executable) -> list[str]:
    if isinstance(clause, Select):
        columns = list(clause.selected_columns)
    elif isinstance(clause, UpdateBase):
        columns = list(clause.exported_columns)
    else:
        columns = []
    return [str(column.key) for column in columns if isinstance(column.type, JSON)]
