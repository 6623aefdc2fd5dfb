"""A request that is sent twice takes effect once, and both times gets the same answer.

The key, a fingerprint of the request and the answer are kept in the transaction of the effect:
whoever has the effect has the answer, and whoever has neither may safely send again. The answer
is sealed with the municipality's key; the fingerprint is keyed, so that it tells nobody else
whether two people sent the same account number.

Source: IETF draft-ietf-httpapi-idempotency-key-header-07.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import UUID

from pydantic import Base64Bytes, BaseModel
from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.expression import Executable
from starlette.requests import Request
from starlette.responses import Response

from foundation import clock
from foundation.database import Base, Claim, Statement, tenant_is
from foundation.encryption import Field
from foundation.identity import Caller, name_of
from foundation.problems import (
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    MalformedRequest,
)
from foundation.work import Work

KEPT_FOR = timedelta(days=30)
"""A bank returns a transfer within weeks; a repeat after that is a new decision."""

REPLAYED = "Idempotency-Replayed"

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_REPEATED_HEADERS = ("content-type", "location", "etag")
_SWEEP_EVERY = 64
_SWEEP_ROWS = 500


@cache
def idempotency_keys_table(schema: str) -> Table:
    """Return the table that `migrations.service_tables.create_idempotency_keys` creates."""
    return Table(
        "idempotency_keys",
        Base.metadata,
        Column("tenant_id", Integer, primary_key=True, autoincrement=False),
        Column("principal", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("status", SmallInteger, nullable=False),
        Column("response", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("expires_at", DateTime(timezone=True), nullable=False),
        Index("idempotency_keys_expiry", "tenant_id", "expires_at"),
        schema=schema,
    )


@dataclass(frozen=True, slots=True)
class _Statements:
    hold: Statement
    find: Statement
    keep: Statement
    sweep: Statement


@cache
def statements_of(schema: str) -> _Statements:
    """Return, and on first call register, what a service asks of its table of keys."""
    keys = idempotency_keys_table(schema)
    prefix = f"{schema}.idempotency_keys"
    name = func.hashtextextended(bindparam("name", type_=Text), 0)
    hold = select(func.pg_advisory_xact_lock(name))
    return _Statements(
        hold=Statement(f"{prefix}.hold", hold),
        find=Statement(f"{prefix}.find", _find(keys)),
        keep=Statement(f"{prefix}.keep", _keep(keys)),
        sweep=Statement(f"{prefix}.sweep", _sweep(keys)),
    )


def _find(keys: Table) -> Executable:
    columns = keys.c
    return select(columns.fingerprint, columns.status, columns.response, columns.expires_at).where(
        tenant_is(keys),
        columns.principal == bindparam("principal"),
        columns.key == bindparam("key"),
    )


def _keep(keys: Table) -> Executable:
    """Write the answer, over one that has expired and over no other."""
    columns = keys.c
    fresh = insert(keys).values(
        {column.name: bindparam(column.name, type_=column.type) for column in columns}
    )
    replaced = ("fingerprint", "status", "response", "created_at", "expires_at")
    return fresh.on_conflict_do_update(
        index_elements=[columns.tenant_id, columns.principal, columns.key],
        set_={name: fresh.excluded[name] for name in replaced},
        where=columns.expires_at <= fresh.excluded.created_at,
    ).inline()


def _sweep(keys: Table) -> Executable:
    """Delete a bounded number of expired answers, passing over those another request holds.

    They are found once and then deleted by their key; as a subquery, the search might be made
    anew for each key of the municipality.
    """
    columns = keys.c
    stale = (
        select(columns.principal, columns.key)
        .where(tenant_is(keys), columns.expires_at <= bindparam("now"))
        .limit(bindparam("rows", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("stale")
    )
    return delete(keys).where(
        tenant_is(keys), columns.principal == stale.c.principal, columns.key == stale.c.key
    )


@dataclass(frozen=True, slots=True)
class Replay:
    """The answer that was given the first time, and whom it is about."""

    response: Response
    subjects: tuple[UUID, ...]


class Repetition:
    """One request that must not take effect twice."""

    def __init__(self, work: Work, *, key: str, fingerprint: bytes) -> None:
        self._work = work
        self._key = key
        self._fingerprint = fingerprint
        self._principal = name_of(work.principal)
        self._field = Field(f"{work.service}.idempotency_keys.response")
        self._statements = statements_of(work.service)

    async def earlier_answer(self) -> Replay | None:
        """Return the answer that the key, which this work's transaction claims, already has.

        Raises:
            IdempotencyKeyReused: the key stands for a different request.
        """
        tx = self._work.tx
        if not tx.was_done_before:
            return None
        row = await tx.fetch_one(self._statements.find, principal=self._principal, key=self._key)
        if row is None or row["expires_at"] <= clock.now():
            return None
        if row["fingerprint"] != self._fingerprint:
            raise IdempotencyKeyReused
        sealed = self._work.cipher.decrypt(row["response"], field=self._field, row_id=self._row)
        return _opened(sealed, status=row["status"])

    async def keep(self, response: Response) -> None:
        """Keep the answer beside the effect, and now and then sweep out what has expired."""
        now = clock.now()
        sealed = self._work.cipher.encrypt(
            _closed(response, self._work.trail.subjects), field=self._field, row_id=self._row
        )
        await self._work.tx.later(
            self._statements.keep,
            principal=self._principal,
            key=self._key,
            fingerprint=self._fingerprint,
            status=response.status_code,
            response=sealed,
            created_at=now,
            expires_at=now + KEPT_FOR,
        )
        if self._fingerprint[0] % _SWEEP_EVERY == 0:
            await self._work.tx.later(self._statements.sweep, now=now, rows=_SWEEP_ROWS)

    @property
    def _row(self) -> str:
        return f"{self._principal}|{self._key}"


def claim_of(service: str, caller: Caller, key: str) -> Claim:
    """Return what the transaction of a request with this key begins with.

    To hold the key and to look for its answer are two statements: an answer that was committed
    while the first one ran is seen by the second only.
    """
    statements, principal = statements_of(service), name_of(caller.principal)
    return Claim(
        hold=statements.hold,
        held={"name": f"{caller.tenancy.tenant_id}|{principal}|{key}"},
        find=statements.find,
        sought={"principal": principal, "key": key},
    )


def key_of(request: Request) -> str:
    """Return the key of a request.

    Raises:
        IdempotencyKeyMissing: there is none.
        MalformedRequest: several, or not 1 to 255 visible ASCII characters.
    """
    given = request.headers.getlist("idempotency-key")
    if not given:
        raise IdempotencyKeyMissing
    if len(given) > 1 or _KEY.fullmatch(given[0]) is None:
        raise MalformedRequest(
            "An Idempotency-Key is one value of 1 to 255 visible ASCII characters.",
            detail_ja="Idempotency-Key は 1~255 文字の ASCII 文字で 1 つだけ指定してください。",
        )
    return given[0]


def fingerprint_of(request: Request, content: bytes, work: Work) -> bytes:
    """Return 16 keyed bytes that two requests share only if they ask for the same thing."""
    asked = hashlib.sha256()
    for part in (
        request.method.encode(),
        str(request.scope["path"]).encode("utf-8", "surrogatepass"),
        bytes(request.scope.get("query_string", b"")),
        content,
    ):
        asked.update(len(part).to_bytes(8, "big") + part)
    field = Field(f"{work.service}.idempotency_keys.fingerprint")
    return work.cipher.blind_index(asked.hexdigest(), field=field)


class _Kept(BaseModel):
    """An answer as it lies sealed in the table, read back; `_closed` is sure of what it writes."""

    headers: dict[str, str]
    body: Base64Bytes
    subjects: tuple[UUID, ...]


def _closed(response: Response, subjects: tuple[UUID, ...]) -> str:
    headers = response.headers
    return json.dumps(
        {
            "headers": {name: headers[name] for name in _REPEATED_HEADERS if name in headers},
            "body": base64.b64encode(response.body).decode("ascii"),
            "subjects": list(map(str, subjects)),
        }
    )


def _opened(text: str, *, status: int) -> Replay:
    kept = _Kept.model_validate_json(text)
    response = Response(kept.body, status_code=status, headers={**kept.headers, REPLAYED: "true"})
    return Replay(response, kept.subjects)
