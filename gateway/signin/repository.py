"""Sign-ins that have left for a provider and not come back, and which provider that is."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Row, Statement, Transaction, tenant_is
from gateway.authorization.demands import Demand
from gateway.models import ResidentIssuerRow, SignInTransactionRow

Kind = Literal["resident", "official", "business"]

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
    SignInTransactionRow.provider_id,
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


_RESIDENT_ISSUER = Statement(
    "platform.resident_issuers.all",
    select(ResidentIssuerRow.issuer, ResidentIssuerRow.client_id, ResidentIssuerRow.acr_values)
    .where(tenant_is(ResidentIssuerRow))
    .order_by(ResidentIssuerRow.issuer)
    .limit(1),
)
_SETTLE = Statement(
    "platform.sign_in_transactions.settle_provider",
    update(SignInTransactionRow)
    .where(
        tenant_is(SignInTransactionRow),
        SignInTransactionRow.state_hash == bindparam("state"),
        SignInTransactionRow.issuer == "",
    )
    .values(
        issuer=bindparam("its_issuer"),
        issuer_client_id=bindparam("its_client"),
        provider_id=bindparam("its_id"),
    ),
)

UNTIED = b""
"""Not yet tied to a browser: no hash is empty, so no cookie can fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A sign-in on its way; everything about its return is settled before it leaves.

    While a person still chooses between providers, `issuer` is empty: no answer can come from it.
    """

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
    provider_id: UUID | None = None


async def resident_issuer(work: Transaction) -> Row | None:
    """Return the municipality's provider for residents, our name there and the assurance to ask."""
    return await work.fetch_one(_RESIDENT_ISSUER)


async def settle_provider(
    work: Transaction, *, state_hash: bytes, issuer: str, client_id: str, provider_id: UUID | None
) -> bool:
    """Write down the provider a person chose; False if one was written down already."""
    touched = await work.execute(
        _SETTLE, state=state_hash, its_issuer=issuer, its_client=client_id, its_id=provider_id
    )
    return touched > 0


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
        provider_id=departure.provider_id,
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
