"""Sign-ins that have left for a provider and not come back, and which provider that is."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.identity.relying_party import Provider
from gateway.authorization.demands import Demand
from gateway.models import OfficialIssuerRow, ResidentIssuerRow, SignInTransactionRow

Kind = Literal["resident", "official"]

_COLUMNS = (
    SignInTransactionRow.kind,
    SignInTransactionRow.issuer,
    SignInTransactionRow.issuer_client_id,
    SignInTransactionRow.client_id,
    SignInTransactionRow.redirect_uri,
    SignInTransactionRow.scopes,
    SignInTransactionRow.client_state,
    SignInTransactionRow.client_nonce,
    SignInTransactionRow.code_challenge,
    SignInTransactionRow.dpop_jkt,
    SignInTransactionRow.acr_values,
    SignInTransactionRow.max_age_seconds,
    SignInTransactionRow.expires_at,
)
_ADD = Statement(
    "platform.sign_in_transactions.add",
    insert(SignInTransactionRow).values(
        tenant_id=bindparam("tenant_id"),
        state_hash=bindparam("state_hash"),
        browser_hash=bindparam("browser_hash"),
        **{column.key: bindparam(column.key) for column in _COLUMNS},
    ),
)
_TIE = Statement(
    "platform.sign_in_transactions.tie_to_browser",
    update(SignInTransactionRow)
    .where(
        tenant_is(SignInTransactionRow),
        SignInTransactionRow.state_hash == bindparam("state"),
        SignInTransactionRow.browser_hash == bindparam("untied"),
        SignInTransactionRow.expires_at > bindparam("now"),
    )
    .values(browser_hash=bindparam("browser"))
    .returning(*_COLUMNS),
)
_TAKE = Statement(
    "platform.sign_in_transactions.take",
    delete(SignInTransactionRow)
    .where(
        tenant_is(SignInTransactionRow),
        SignInTransactionRow.state_hash == bindparam("state_hash"),
        SignInTransactionRow.browser_hash == bindparam("browser_hash"),
    )
    .returning(*_COLUMNS),
)
_TIDY = Statement(
    "platform.sign_in_transactions.tidy",
    delete(SignInTransactionRow).where(
        tenant_is(SignInTransactionRow), SignInTransactionRow.expires_at < bindparam("before")
    ),
)


def _providers(row: Any, name: str) -> Statement:
    return Statement(
        f"platform.{name}.all",
        select(row.issuer, row.client_id, row.acr_values)
        .where(tenant_is(row))
        .order_by(row.issuer)
        .limit(1),
    )


_PROVIDERS = {
    "resident": _providers(ResidentIssuerRow, "resident_issuers"),
    "official": _providers(OfficialIssuerRow, "official_issuers"),
}

UNTIED = b""
"""Not yet tied to a browser: no hash is empty, so no cookie can fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A sign-in on its way; everything about its return is settled before it leaves."""

    kind: Kind
    issuer: str
    issuer_client_id: str
    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    client_state: str | None
    client_nonce: str | None
    code_challenge: str
    expires_at: datetime
    dpop_jkt: str | None = None
    demand: Demand = field(default_factory=Demand)

    @property
    def provider(self) -> Provider:
        return Provider(issuer=self.issuer, client_id=self.issuer_client_id)


async def provider_of(work: Transaction, kind: Kind) -> tuple[Provider, str] | None:
    """Return the municipality's provider for residents or officials, and the assurance to ask."""
    row = await work.fetch_one(_PROVIDERS[kind])
    if row is None:
        return None
    return Provider(issuer=row["issuer"], client_id=row["client_id"]), row["acr_values"]


async def add(
    work: Transaction, departure: Departure, *, state_hash: bytes, browser_hash: bytes
) -> None:
    """Write down a sign-in before the browser leaves."""
    age = departure.demand.max_age
    await work.execute(
        _ADD,
        state_hash=state_hash,
        browser_hash=browser_hash,
        kind=departure.kind,
        issuer=departure.issuer,
        issuer_client_id=departure.issuer_client_id,
        client_id=departure.client_id,
        redirect_uri=departure.redirect_uri,
        scopes=sorted(departure.scopes),
        client_state=departure.client_state,
        client_nonce=departure.client_nonce,
        code_challenge=departure.code_challenge,
        dpop_jkt=departure.dpop_jkt,
        acr_values=list(departure.demand.acr_values),
        max_age_seconds=None if age is None else int(age.total_seconds()),
        expires_at=departure.expires_at,
    )


async def tie(
    work: Transaction, *, state_hash: bytes, browser_hash: bytes, now: datetime
) -> Departure | None:
    """Tie a sign-in to the browser that goes on with it; None when it is tied, gone or late."""
    row = await work.fetch_one(_TIE, state=state_hash, untied=UNTIED, browser=browser_hash, now=now)
    return _departure(row) if row is not None else None


async def take(work: Transaction, *, state_hash: bytes, browser_hash: bytes) -> Departure | None:
    """Return a sign-in that came back to the browser it left from; it cannot come back twice."""
    row = await work.fetch_one(_TAKE, state_hash=state_hash, browser_hash=browser_hash)
    return _departure(row) if row is not None else None


async def tidy(work: Transaction, *, before: datetime) -> int:
    """Forget sign-ins that never came back."""
    return await work.execute(_TIDY, before=before)


def _departure(row: Row) -> Departure:
    values: dict[str, Any] = {**row, "scopes": frozenset(row["scopes"])}
    seconds: int | None = values.pop("max_age_seconds")
    demand = Demand(
        acr_values=tuple(values.pop("acr_values")),
        max_age=None if seconds is None else timedelta(seconds=seconds),
    )
    return Departure(demand=demand, **values)
