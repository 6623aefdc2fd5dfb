"""Where signatures are kept and found, always within one municipality."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Text, Uuid, bindparam, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import InstrumentedAttribute

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.encryption import Field

from .domain import HolderMatch, Signature, SignatureId, SignatureState
from .models import RevocationListRow, SignatureRow

STATEMENT = Field("platform.signatures.statement")
PRESENTED = Field("platform.signatures.presented")
EVIDENCE = Field("platform.signatures.evidence")

_NAMES = tuple(one.name for one in fields(Signature))
_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = tuple(
    getattr(SignatureRow, name) for name in _NAMES
)
_CHANGING = (
    "state",
    "issuer",
    "issuer_client_id",
    "sign_transaction_id",
    "sent_at",
    "signed_at",
    "decided_at",
    "refusal",
    "holder_match",
    "version",
)
_ADD = Statement(
    "platform.signatures.add",
    insert(SignatureRow).values(
        {
            name: bindparam(name)
            for name in ("tenant_id", *_NAMES, "statement_sealed", "handle_hash")
        }
    ),
)
_FIND = Statement(
    "platform.signatures.by_id",
    select(*_COLUMNS, SignatureRow.statement_sealed).where(
        tenant_is(SignatureRow), SignatureRow.id == bindparam("id", type_=Uuid)
    ),
)
_LOCK = Statement(
    "platform.signatures.lock",
    select(*_COLUMNS)
    .where(tenant_is(SignatureRow), SignatureRow.id == bindparam("id", type_=Uuid))
    .with_for_update(),
)
_BY_HANDLE = Statement(
    "platform.signatures.by_handle",
    select(*_COLUMNS, SignatureRow.presented_sealed)
    .where(
        tenant_is(SignatureRow),
        SignatureRow.handle_hash == bindparam("handle_hash", type_=LargeBinary),
    )
    .with_for_update(),
)

_TAKEN: Any = (
    update(SignatureRow)
    .where(
        tenant_is(SignatureRow),
        SignatureRow.state_hash == bindparam("came_back", type_=LargeBinary),
        SignatureRow.browser_hash == bindparam("browser", type_=LargeBinary),
        SignatureRow.state == bindparam("sent", type_=Text),
    )
    .values(state_hash=None, browser_hash=None)
)
_TAKE = Statement("platform.signatures.take", _TAKEN.returning(*_COLUMNS))


def _saving(name: str, more: Mapping[str, Any]) -> Statement:
    """Write the state and what comes with it in one statement: the table checks them together."""
    values: dict[str, Any] = dict(more)
    for one in _CHANGING:
        values[one] = bindparam(one)
    return Statement(
        f"platform.signatures.{name}",
        update(SignatureRow)
        .where(tenant_is(SignatureRow), SignatureRow.id == bindparam("signature", type_=Uuid))
        .values(values),
    )


_SAVE = _saving("save", {})
_SEND = _saving(
    "send",
    {
        "state_hash": bindparam("state_hash", type_=LargeBinary),
        "browser_hash": bindparam("browser_hash", type_=LargeBinary),
    },
)
_PRESENT = _saving(
    "present", {"presented_sealed": bindparam("presented_sealed", type_=LargeBinary)}
)
_PROVE = _saving(
    "prove",
    {
        "evidence_sealed": bindparam("evidence_sealed", type_=LargeBinary),
        "evidence_sha256": bindparam("evidence_sha256", type_=LargeBinary),
        "crl_sha256": bindparam("crl_sha256", type_=LargeBinary),
        "report": bindparam("report", type_=JSONB),
        "presented_sealed": None,
    },
)
_EVIDENCE = Statement(
    "platform.signatures.evidence",
    select(
        SignatureRow.evidence_sealed, SignatureRow.evidence_sha256, RevocationListRow.content
    ).where(
        tenant_is(SignatureRow),
        SignatureRow.id == bindparam("id", type_=Uuid),
        RevocationListRow.sha256 == SignatureRow.crl_sha256,
    ),
)
_KEEP_LIST = Statement(
    "platform.revocation_lists.keep",
    insert(RevocationListRow)
    .values({name: bindparam(name) for name in ("sha256", "content", "kept_at")})
    .on_conflict_do_nothing(),
)


async def add(
    work: Transaction, signature: Signature, *, statement_sealed: bytes, handle_hash: bytes
) -> None:
    """Write down that somebody is asked to sign."""
    values = {name: getattr(signature, name) for name in _NAMES}
    values["state"] = str(signature.state)
    await work.execute(_ADD, **values, statement_sealed=statement_sealed, handle_hash=handle_hash)


async def find(work: Transaction, signature_id: UUID) -> tuple[Signature, bytes] | None:
    """Return a signature and what is signed, sealed."""
    row = await work.fetch_one(_FIND, id=signature_id)
    return (_signature(row), row["statement_sealed"]) if row is not None else None


async def locked(work: Transaction, signature_id: UUID) -> Signature | None:
    """Return a signature that nobody else changes until this transaction ends."""
    row = await work.fetch_one(_LOCK, id=signature_id)
    return _signature(row) if row is not None else None


async def by_handle(work: Transaction, handle_hash: bytes) -> tuple[Signature, bytes | None] | None:
    """Return the signature a browser was sent here for, with what the card gave, if it did."""
    row = await work.fetch_one(_BY_HANDLE, handle_hash=handle_hash)
    return (_signature(row), row["presented_sealed"]) if row is not None else None


async def take(work: Transaction, *, state_hash: bytes, browser_hash: bytes) -> Signature | None:
    """Return what came back to the browser it left from; it cannot come back that way twice."""
    row = await work.fetch_one(
        _TAKE, came_back=state_hash, browser=browser_hash, sent=str(SignatureState.SENT)
    )
    return _signature(row) if row is not None else None


async def save(work: Transaction, signature: Signature) -> None:
    """Write a signature's new state."""
    await work.execute(_SAVE, **_changed(signature))


async def send(
    work: Transaction, signature: Signature, *, state_hash: bytes, browser_hash: bytes
) -> None:
    """Write down how the browser leaves, so that only it comes back."""
    await work.execute(
        _SEND, **_changed(signature), state_hash=state_hash, browser_hash=browser_hash
    )


async def present(work: Transaction, signature: Signature, *, presented_sealed: bytes) -> None:
    """Keep what the card gave, before anything is said about it."""
    await work.execute(_PRESENT, **_changed(signature), presented_sealed=presented_sealed)


async def prove(work: Transaction, signature: Signature, *, evidence: Mapping[str, Any]) -> None:
    """Keep the evidence of a signature that holds."""
    await work.execute(_PROVE, **_changed(signature), **evidence)


def _changed(signature: Signature) -> dict[str, Any]:
    values = {name: getattr(signature, name) for name in _CHANGING}
    values["state"] = str(signature.state)
    values["holder_match"] = str(signature.holder_match) if signature.holder_match else None
    return {"signature": signature.id, **values}


async def evidence(work: Transaction, signature_id: UUID) -> tuple[bytes, bytes, bytes] | None:
    """Return the sealed evidence, its digest, and the list it was judged with."""
    row = await work.fetch_one(_EVIDENCE, id=signature_id)
    if row is None:
        return None
    return row["evidence_sealed"], row["evidence_sha256"], row["content"]


async def keep_list(work: Transaction, *, sha256: bytes, content: bytes, at: datetime) -> None:
    """Keep an authority's list once, however many signatures were judged with it."""
    await work.execute(_KEEP_LIST, sha256=sha256, content=content, kept_at=at)


def _signature(row: Row) -> Signature:
    values: dict[str, Any] = {name: row[name] for name in _NAMES}
    values["id"] = SignatureId(row["id"])
    values["state"] = SignatureState(row["state"])
    found = row["holder_match"]
    values["holder_match"] = HolderMatch(found) if found is not None else None
    return Signature(**values)
