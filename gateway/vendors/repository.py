"""Vendors and their registrations, as the database keeps them; none of it is a municipality's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Row, Statement, Transaction
from gateway.models import ClientGrantRow, ClientKeyRow, ClientRow

from .models import ClientRegistrationRow, VendorRow
from .registration import Registration

_CLIENT_ID = bindparam("client_id", type_=Text)
_PUBLIC = (
    "kinds",
    "scopes",
    "redirect_uris",
    "post_logout_redirect_uris",
    "origins",
    "backchannel_logout_uri",
    "jwks_uri",
    "profile",
    "environment",
    "dpop_bound",
    "par_required",
)
"""What is the client's own, and read wherever it asks for something."""
_LISTS = ("redirect_uris", "post_logout_redirect_uris", "origins")
_ADD_VENDOR = Statement(
    "platform.vendors.add",
    insert(VendorRow).values(
        {name: bindparam(name) for name in ("id", "organization_name", "contacts")}
    ),
)
_CHANGE_VENDOR = Statement(
    "platform.vendors.change",
    update(VendorRow)
    .where(VendorRow.id == bindparam("vendor"))
    .values(organization_name=bindparam("organization_name"), contacts=bindparam("contacts")),
)
_ADD_CLIENT = Statement(
    "platform.clients.register",
    insert(ClientRow).values(
        {
            name: bindparam(name)
            for name in (
                "client_id",
                "name",
                "jwks",
                "sector",
                "status",
                "owner",
                "registered_at",
                *_PUBLIC,
            )
        }
    ),
)
_CHANGE_CLIENT = Statement(
    "platform.clients.change",
    update(ClientRow)
    .where(ClientRow.client_id == bindparam("client"))
    .values({name: bindparam(name) for name in ("name", *_PUBLIC)}),
)
_SET_STATUS = Statement(
    "platform.clients.set_status",
    update(ClientRow)
    .where(ClientRow.client_id == bindparam("client"))
    .values(status=bindparam("status")),
)
_ADD_REGISTRATION = Statement(
    "platform.client_registrations.add",
    insert(ClientRegistrationRow).values(
        {
            name: bindparam(name)
            for name in (
                "client_id",
                "vendor_id",
                "token_hash",
                "token_issued_at",
                "about",
                "last_seen_at",
            )
        }
    ),
)
_REGISTERED = (
    select(
        ClientRow.client_id,
        ClientRow.name,
        *(getattr(ClientRow, name) for name in _PUBLIC),
        ClientRow.status,
        ClientRow.registered_at,
        ClientRegistrationRow.vendor_id,
        ClientRegistrationRow.token_hash,
        ClientRegistrationRow.about,
        ClientRegistrationRow.shown_at,
        VendorRow.organization_name,
        VendorRow.contacts,
        VendorRow.shown_at.label("vendor_shown_at"),
    )
    .join(ClientRegistrationRow, ClientRegistrationRow.client_id == ClientRow.client_id)
    .join(VendorRow, VendorRow.id == ClientRegistrationRow.vendor_id)
)
_BY_CLIENT = Statement(
    "platform.client_registrations.by_client",
    _REGISTERED.where(ClientRow.client_id == _CLIENT_ID),
)
_HELD = Statement(
    "platform.client_registrations.held",
    _REGISTERED.where(ClientRow.client_id == _CLIENT_ID).with_for_update(
        of=(ClientRegistrationRow, VendorRow)
    ),
)
_SEEN = Statement(
    "platform.client_registrations.seen",
    update(ClientRegistrationRow)
    .where(ClientRegistrationRow.client_id == bindparam("client"))
    .values(last_seen_at=bindparam("at")),
)
_ROTATE = Statement(
    "platform.client_registrations.rotate",
    update(ClientRegistrationRow)
    .where(ClientRegistrationRow.client_id == bindparam("client"))
    .values(token_hash=bindparam("hash"), token_issued_at=bindparam("at")),
)
_DESCRIBE = Statement(
    "platform.client_registrations.describe",
    update(ClientRegistrationRow)
    .where(ClientRegistrationRow.client_id == bindparam("client"))
    .values(about=bindparam("text"), version=ClientRegistrationRow.version + 1),
)
_OF_VENDOR = Statement(
    "platform.clients.of_vendor",
    select(func.count().label("count")).where(
        ClientRow.owner == bindparam("vendor", type_=Uuid), ClientRow.status != "deleted"
    ),
)
_GIVE_SANDBOX = Statement(
    "platform.client_grants.give",
    insert(ClientGrantRow)
    .values(
        tenant_id=bindparam("tenant_id"),
        client_id=bindparam("client"),
        scopes=bindparam("scopes"),
        granted_at=bindparam("at"),
        environment="sandbox",
    )
    .on_conflict_do_update(
        index_elements=[ClientGrantRow.tenant_id, ClientGrantRow.client_id],
        set_={"scopes": bindparam("scopes"), "withdrawn_at": None},
    ),
)
_KEYS = Statement(
    "platform.client_keys.registered",
    select(
        ClientKeyRow.kid,
        ClientKeyRow.jwk,
        ClientKeyRow.status,
        ClientKeyRow.created_at,
        ClientKeyRow.last_used_at,
        ClientKeyRow.expires_at,
    )
    .where(ClientKeyRow.client_id == _CLIENT_ID)
    .order_by(ClientKeyRow.created_at, ClientKeyRow.kid),
)
_ADD_KEY = Statement(
    "platform.client_keys.add",
    insert(ClientKeyRow)
    .values(
        {name: bindparam(name) for name in ("client_id", "kid", "jwk", "created_at", "expires_at")}
    )
    .on_conflict_do_nothing(),
)
_REVOKE_KEY = Statement(
    "platform.client_keys.revoke",
    update(ClientKeyRow)
    .where(
        ClientKeyRow.client_id == bindparam("client"),
        ClientKeyRow.kid == bindparam("key"),
        ClientKeyRow.status == "active",
    )
    .values(status="revoked"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """An organisation and its contacts, as it named them."""

    organization_name: str
    contacts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A client as it is registered, with whose it is."""

    client_id: str
    vendor_id: UUID
    vendor: Vendor
    client: Mapping[str, Any]
    about: Mapping[str, str]
    token_hash: bytes
    status: str
    registered_at: datetime
    shown_at: datetime | None = None
    """Since when a municipality has this client before its eyes."""
    vendor_shown_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKey:
    """A registered key, with what became of it."""

    kid: str
    jwk: Mapping[str, str]
    status: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None

    def is_active(self, now: datetime) -> bool:
        return self.status == "active" and (self.expires_at is None or now < self.expires_at)


async def add_vendor(work: Transaction, vendor_id: UUID, vendor: Vendor) -> None:
    """Write down an organisation."""
    await work.execute(
        _ADD_VENDOR,
        id=vendor_id,
        organization_name=vendor.organization_name,
        contacts=list(vendor.contacts),
    )


async def change_vendor(work: Transaction, vendor_id: UUID, vendor: Vendor) -> None:
    """Take over what the organisation now says of itself."""
    await work.execute(
        _CHANGE_VENDOR,
        vendor=vendor_id,
        organization_name=vendor.organization_name,
        contacts=list(vendor.contacts),
    )


async def add_client(
    work: Transaction, client_id: str, found: Registration, *, owner: UUID, at: datetime
) -> None:
    """Write down a client. Its sector is itself: two products of one vendor know nobody in common.

    Its keys are rows of their own; the empty set here says that it has to have one.
    """
    await work.execute(
        _ADD_CLIENT,
        client_id=client_id,
        name=found.client_name,
        jwks={"keys": []},
        sector=client_id,
        status="active",
        owner=owner,
        registered_at=at,
        **_public(found),
    )


async def change_client(work: Transaction, client_id: str, found: Registration) -> None:
    """Replace what a client says of itself (RFC 7592 §2.2: the whole of it)."""
    await work.execute(_CHANGE_CLIENT, client=client_id, name=found.client_name, **_public(found))
    await work.execute(_DESCRIBE, client=client_id, text=dict(found.about))


async def set_status(work: Transaction, client_id: str, status: str) -> None:
    """Suspend, resume or delete a client."""
    await work.execute(_SET_STATUS, client=client_id, status=status)


async def add_registration(
    work: Transaction,
    client_id: str,
    *,
    vendor_id: UUID,
    token_hash: bytes,
    about: Mapping[str, str],
    at: datetime,
) -> None:
    """Note who looks after a client, and the hash of the token they do it with."""
    await work.execute(
        _ADD_REGISTRATION,
        client_id=client_id,
        vendor_id=vendor_id,
        token_hash=token_hash,
        token_issued_at=at,
        about=dict(about),
        last_seen_at=at,
    )


async def registered(work: Transaction, client_id: str) -> Registered | None:
    """Return a registration, also of a deleted client; the caller decides what that means."""
    return _registered(await work.fetch_one(_BY_CLIENT, client_id=client_id))


async def hold(work: Transaction, client_id: str) -> Registered:
    """Return a registration that no other work changes, or shows to anybody, meanwhile.

    Raises:
        LookupError: there is none.
    """
    found = _registered(await work.fetch_one(_HELD, client_id=client_id))
    if found is None:
        raise LookupError(client_id)
    return found


def _registered(row: Row | None) -> Registered | None:
    if row is None:
        return None
    return Registered(
        client_id=row["client_id"],
        vendor_id=row["vendor_id"],
        vendor=Vendor(organization_name=row["organization_name"], contacts=tuple(row["contacts"])),
        client={name: row[name] for name in ("name", *_PUBLIC)},
        about=row["about"],
        token_hash=row["token_hash"],
        status=row["status"],
        registered_at=row["registered_at"],
        shown_at=row["shown_at"],
        vendor_shown_at=row["vendor_shown_at"],
    )


async def note_seen(work: Transaction, client_id: str, *, at: datetime) -> None:
    """Remember that its vendor still cares for this client."""
    await work.execute(_SEEN, client=client_id, at=at)


async def rotate(work: Transaction, client_id: str, token_hash: bytes, *, at: datetime) -> None:
    """Replace the token a registration is managed with."""
    await work.execute(_ROTATE, client=client_id, hash=token_hash, at=at)


async def clients_of(work: Transaction, vendor_id: UUID) -> int:
    """Return how many clients a vendor has."""
    row = await work.fetch_one(_OF_VENDOR, vendor=vendor_id)
    return 0 if row is None else int(row["count"])


async def give_sandbox(
    work: Transaction, client_id: str, scopes: frozenset[str], *, at: datetime
) -> None:
    """Let a client act in the sandbox; this work must be the sandbox's own."""
    await work.execute(_GIVE_SANDBOX, client=client_id, scopes=sorted(scopes), at=at)


async def keys_of(work: Transaction, client_id: str) -> list[ClientKey]:
    """Return every key a client ever registered, oldest first."""
    rows = await work.fetch(_KEYS, client_id=client_id)
    return [ClientKey(**row) for row in rows]


async def add_key(
    work: Transaction,
    client_id: str,
    jwk: Mapping[str, str],
    *,
    at: datetime,
    expires_at: datetime | None,
) -> bool:
    """Register a key; False when its name was used before."""
    return (
        await work.execute(
            _ADD_KEY,
            client_id=client_id,
            kid=jwk["kid"],
            jwk=dict(jwk),
            created_at=at,
            expires_at=expires_at,
        )
        > 0
    )


async def revoke_key(work: Transaction, client_id: str, kid: str) -> bool:
    """Let a key prove nothing any more; False when there is no active one of this name."""
    return await work.execute(_REVOKE_KEY, client=client_id, key=kid) > 0


def _public(found: Registration) -> dict[str, Any]:
    given = {name: getattr(found, name) for name in _PUBLIC}
    return given | {
        "kinds": sorted(found.kinds),
        "scopes": sorted(found.scopes),
        **{name: list(given[name]) for name in _LISTS},
    }
