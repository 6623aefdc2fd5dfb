"""Which municipality a request is for, before anybody has signed in to it."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ARRAY, Date, Integer, Text, bindparam, func, or_, select

from foundation import clock
from foundation.database import Database, DatabaseProblem, Row, Statement, Transaction
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.problems import MalformedRequest, NotFound, TenantMismatch
from foundation.tenancy import Tenancy

from .models import TenantCodeRow, TenantRow

HEADER = "tamaire-municipality"
_REFRESH_SECONDS = 5.0
_LABEL = re.compile(r"[0-9]{6}")

_COLUMNS = (
    TenantRow.tenant_id,
    TenantRow.kind,
    TenantRow.name,
    TenantRow.name_kana,
    TenantRow.prefecture_name,
    TenantRow.status,
    TenantRow.services,
    TenantRow.notice,
)
_TAKING_PART = frozenset({"trial", "live", "paused", "leaving"})
_DIRECTORY = Statement(
    "platform.tenants.directory",
    select(*_COLUMNS, TenantCodeRow.municipality_code)
    .join(TenantCodeRow, TenantCodeRow.tenant_id == TenantRow.tenant_id)
    .where(
        TenantCodeRow.valid_from <= bindparam("today", type_=Date),
        or_(
            TenantCodeRow.valid_until.is_(None),
            TenantCodeRow.valid_until > bindparam("today", type_=Date),
        ),
    )
    .order_by(TenantCodeRow.municipality_code),
)
_OWN = Statement(
    "platform.tenants.own",
    select(*_COLUMNS).where(TenantRow.tenant_id == bindparam("tenant_id", type_=Integer)),
)

_NAMES = Statement(
    "platform.tenants.names",
    select(TenantCodeRow.municipality_code, TenantRow.name)
    .join(TenantRow, TenantRow.tenant_id == TenantCodeRow.tenant_id)
    .where(TenantCodeRow.municipality_code == func.any(bindparam("codes", type_=ARRAY(Text)))),
)


class MunicipalityRequired(MalformedRequest):
    """Nothing says which municipality is meant, and there is no default one."""

    slug = "platform/municipality-required"
    title = "Say which municipality this is for."
    title_ja = "どの自治体への手続きかを指定してください。"
    remedy = "Use the municipality's own address, or send the Tamaire-Municipality header."
    remedy_ja = (
        "自治体専用のアドレスか、Tamaire-Municipality ヘッダーで団体コードを指定してください。"
    )


class MunicipalityNotFound(NotFound):
    """No municipality has this code today, or it does not take part."""

    slug = "platform/municipality-not-found"
    title = "No municipality with this code takes part."
    title_ja = "このコードの自治体は利用を開始していません。"
    remedy = "Check the six-digit code in the list at /platform/v1/municipalities."
    remedy_ja = "/platform/v1/municipalities の一覧で 6 桁のコードを確認してください。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Municipality:
    """One entry of the directory; everything in it is public."""

    tenancy: Tenancy
    kind: str
    name: str
    name_kana: str
    prefecture_name: str
    status: str
    services: frozenset[str] = frozenset({"registry", "benefits", "window_dx", "consultation"})
    """Which services it takes part in, by their schemas' names."""
    notice: Mapping[str, str] | None = None
    """What is told to whoever comes while it pauses or leaves, by language."""

    @property
    def code(self) -> MunicipalityCode:
        return self.tenancy.code

    @property
    def takes_part(self) -> bool:
        """Whether people may sign in to it: who pauses still reaches its own office."""
        return self.status in _TAKING_PART


class TenantDirectory:
    """The municipalities as of a few seconds ago, in memory, because every request asks."""

    def __init__(self, municipalities: Iterable[Municipality] = ()) -> None:
        self._by_code: dict[str, Municipality] = {}
        self._task: asyncio.Task[None] | None = None
        self.replace(municipalities)

    def replace(self, municipalities: Iterable[Municipality]) -> None:
        """Take over a new list, in the order of codes."""
        ordered = sorted(municipalities, key=lambda one: one.code)
        self._by_code = {str(one.code): one for one in ordered}

    def all(self) -> list[Municipality]:
        return list(self._by_code.values())

    def find(self, code: str) -> Municipality | None:
        return self._by_code.get(code)

    def participant(self, code: str) -> Municipality:
        """Return a municipality that takes part.

        Raises:
            MunicipalityNotFound: there is none with this code; one that is merely listed answers
                the same way.
        """
        found = self._by_code.get(code)
        if found is None or not found.takes_part:
            raise MunicipalityNotFound
        return found

    async def start(self, database: Database) -> None:
        """Read the list, and again every few seconds."""
        await self._read(database)
        self._task = asyncio.create_task(self._keep_reading(database))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _keep_reading(self, database: Database) -> None:
        while True:
            await asyncio.sleep(_REFRESH_SECONDS)
            # The list changes a few times a year: an old one is better than none.
            with suppress(DatabaseProblem):
                await self._read(database)

    async def _read(self, database: Database) -> None:
        async with database.unbound() as work:
            await self.read(work)

    async def read(self, work: Transaction) -> None:
        """Read the list now; the bulletin does so within half a second of a change."""
        rows = await work.fetch(_DIRECTORY, today=clock.today())
        self.replace(
            _entry(
                row,
                Tenancy(
                    TenantId(row["tenant_id"]), MunicipalityCode.parse(row["municipality_code"])
                ),
            )
            for row in rows
        )


async def municipality_of(work: Transaction, tenancy: Tenancy) -> Municipality | None:
    """Return the entry of the municipality a piece of work belongs to."""
    row = await work.fetch_one(_OWN)
    return None if row is None else _entry(row, tenancy)


async def names_of(work: Transaction, codes: Iterable[str]) -> dict[str, str]:
    """Return what the offices with these codes are called, also of codes of the past."""
    named = sorted(codes)
    if not named:
        return {}
    return {row["municipality_code"]: row["name"] for row in await work.fetch(_NAMES, codes=named)}


def _entry(row: Row, tenancy: Tenancy) -> Municipality:
    return Municipality(
        tenancy=tenancy,
        kind=row["kind"],
        name=row["name"],
        name_kana=row["name_kana"],
        prefecture_name=row["prefecture_name"],
        status=row["status"],
        services=_set_of(row["services"]),
        notice=row["notice"],
    )


@cache
def _usual(names: tuple[str, ...]) -> frozenset[str]:
    """Return one set for all municipalities that take part in the same services."""
    return frozenset(names)


def _set_of(names: Iterable[str]) -> frozenset[str]:
    return _usual(tuple(names))


def code_of_host(host: str | None, domain: str) -> str | None:
    """Return the code in `<code>.<domain>`, or None when the host names no municipality."""
    name = (host or "").partition(":")[0].rstrip(".").lower()
    label, _, rest = name.partition(".")
    return label if rest == domain and _LABEL.fullmatch(label) else None


def code_before_sign_in(host: str | None, headers: Iterable[str], *, domain: str) -> str:
    """Return the code a request names, by its host or by one header.

    Raises:
        MunicipalityRequired: neither names one.
        TenantMismatch: they name two.
    """
    named = {code.strip() for code in headers}
    if (by_host := code_of_host(host, domain)) is not None:
        named.add(by_host)
    if not named:
        raise MunicipalityRequired
    if len(named) > 1:
        raise TenantMismatch
    return named.pop()
