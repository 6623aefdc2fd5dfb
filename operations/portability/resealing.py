"""Cells that are sealed to one municipality's number, opened once and sealed to another's.

Only a merger needs it. Every sealed column of the services is named here with how its cells are
bound to their row; a column that is not named stops a merger before it begins.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from foundation.encryption import Cipher, Field

from .catalogue import Connection
from .refusals import DoesNotHold

_NUMBER_OF: Final = (
    "(SELECT r.resident_number FROM registry.residents r"
    " WHERE r.tenant_id = t.tenant_id AND r.id = t.resident_id)"
)
_ADDRESS: Final = {
    "postal_code_sealed": "registry.protected_addresses.postal_code",
    "address_sealed": "registry.protected_addresses.address",
}
_ACCOUNT_TYPES: Final = {"ordinary": "1", "current": "2", "savings": "4", "other": "9"}
_UNNAMED: Final = """
SELECT table_schema || '.' || table_name || '.' || column_name FROM information_schema.columns
WHERE table_schema = ANY($1) AND data_type = 'bytea' AND column_name LIKE '%\\_sealed'
"""
SERVICES: Final = ("registry", "benefits", "window_dx", "consultation")
PASSING: Final = frozenset({"registry.staging_rows", "registry.import_parts"})
"""What is thrown away at a merger: a file that is not confirmed yet is sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The sealed columns of one table: of each its field, and the id its cells are bound to."""

    table: str
    fields: Mapping[str, str]
    row_id: str = "t.id::text"
    by_number: bool = False
    """Whether that id is a resident's number, which a merger may change."""

    @property
    def service(self) -> str:
        return self.table.partition(".")[0]


CELLS: Final = (
    Sealed(
        table="registry.protected_addresses", fields=_ADDRESS, row_id=_NUMBER_OF, by_number=True
    ),
    Sealed(
        table="registry.resident_history",
        fields=_ADDRESS,
        row_id="t.resident_number",
        by_number=True,
    ),
    Sealed(
        table="registry.protection_measures",
        fields={
            "notes_sealed": "registry.protection_measures.notes",
            "proposal_sealed": "registry.protection_measures.proposal",
        },
    ),
    Sealed(
        table="registry.protection_steps",
        fields={"reason_sealed": "registry.protection_steps.reason"},
    ),
    Sealed(
        table="registry.protected_persons",
        fields={"relation_sealed": "registry.protected_persons.relation"},
        row_id="t.measure_id::text || '/' || t.resident_id::text",
    ),
    Sealed(
        table="registry.protection_perpetrators",
        fields={"details_sealed": "registry.protection_perpetrators.details"},
        row_id="t.measure_id::text || '/' || t.place::text",
    ),
    Sealed(
        table="registry.address_openings",
        fields={"reason_sealed": "registry.address_openings.reason"},
    ),
    Sealed(
        table="benefits.application_signatures",
        fields={"document_sealed": "benefits.application_signatures.document"},
        row_id="t.signature_id::text",
    ),
    Sealed(
        table="benefits.bank_accounts",
        fields={
            "account_number_sealed": "benefits.bank_accounts.account_number",
            "holder_sealed": "benefits.bank_accounts.holder",
        },
    ),
    Sealed(
        table="benefits.payers",
        fields={"account_number_sealed": "benefits.payers.account_number"},
        row_id="'payer'",
    ),
    Sealed(
        table="benefits.transfer_files",
        fields={"content_sealed": "benefits.transfer_files.content"},
        row_id="t.proposal_id::text",
    ),
    Sealed(
        table="consultation.cases",
        fields={
            "consultee_name_sealed": "consultation.cases.consultee_name",
            "consultee_contact_sealed": "consultation.cases.consultee_contact",
        },
    ),
    Sealed(
        table="consultation.progress_records",
        fields={"text_sealed": "consultation.progress_records.text"},
    ),
)


async def unnamed(connection: Connection) -> set[str]:
    """Return the sealed columns of the services that nobody said how to seal anew."""
    named = {f"{cells.table}.{column}" for cells in CELLS for column in cells.fields}
    found = {row[0] for row in await connection.fetch(_UNNAMED, SERVICES)}
    return {name for name in found - named if name.rpartition(".")[0] not in PASSING}


async def reseal(
    connection: Connection,
    cells: Sealed,
    *,
    tenant_id: int,
    ciphers: tuple[Cipher, Cipher],
    numbers: Mapping[str, str],
) -> int:
    """Seal every cell of a municipality's rows in one table anew; return how many rows.

    Args:
        connection: within the transaction of the merger.
        cells: the table.
        tenant_id: whose rows, still under the old number.
        ciphers: the old one and the new one.
        numbers: residents' numbers that change, old to new.
    """
    columns = [*cells.fields]
    extra = ", t.bank_code, t.branch_code, t.account_type" if "bank_accounts" in cells.table else ""
    rows = connection.cursor(
        f"SELECT t.ctid, {cells.row_id} AS sealed_to, {', '.join(columns)}{extra}"  # noqa: S608 - our own names
        f" FROM {cells.table} t WHERE t.tenant_id = $1",
        tenant_id,
    )
    anew = list[tuple[Any, ...]]()
    names = [*columns, *(["account_index", "payee_digest"] if extra else [])]
    async for row in rows:
        anew.append((row["ctid"], *_anew(row, cells, ciphers, numbers)))
    assigned = ", ".join(f"{name} = ${place}" for place, name in enumerate(names, start=2))
    update = f"UPDATE {cells.table} SET {assigned} WHERE ctid = $1"  # noqa: S608 - likewise
    await connection.executemany(update, anew)
    return len(anew)


def _anew(
    row: "asyncpg.Record",
    cells: Sealed,
    ciphers: tuple[Cipher, Cipher],
    numbers: Mapping[str, str],
) -> list[bytes | None]:
    before, after = ciphers
    old = str(row["sealed_to"])
    new = numbers.get(old, old) if cells.by_number else old
    texts = {
        column: None
        if row[column] is None
        else before.decrypt(row[column], field=Field(field), row_id=old)
        for column, field in cells.fields.items()
    }
    sealed: list[bytes | None] = [
        None
        if (text := texts[column]) is None
        else after.encrypt(text, field=Field(field), row_id=new)
        for column, field in cells.fields.items()
    ]
    return [*sealed, *_indexes(row, texts, after)] if "bank_accounts" in cells.table else sealed


def _indexes(
    row: "asyncpg.Record", texts: Mapping[str, str | None], cipher: Cipher
) -> tuple[bytes, bytes]:
    """Return by what an account, and a payee, is recognised within the new municipality."""
    kind = _ACCOUNT_TYPES.get(row["account_type"])
    if kind is None:
        raise DoesNotHold(f"account_type {row['account_type']}")
    place = f"{row['bank_code']}|{row['branch_code']}|{kind}|{texts['account_number_sealed']}"
    payee = f"{place}|{texts['holder_sealed']}"
    return (
        cipher.blind_index(place, field=Field("benefits.bank_accounts.account_index")),
        cipher.blind_index(payee, field=Field("benefits.bank_accounts.payee_digest")),
    )
