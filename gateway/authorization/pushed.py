"""Requests a client leaves here itself, so that the browser only carries their name (RFC 9126).

What goes through a browser can be read and changed there. A pushed request cannot: the client
proved itself when it left it, and the name that stands for it is good once and for a minute.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Text, bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from foundation import clock
from foundation.database import Statement, Transaction, tenant_is
from foundation.problems import MalformedRequest, Problem
from gateway.handles import Handle
from gateway.models import PushedRequestRow

from .asking import Asking
from .errors import InvalidDpopProof, InvalidRequest
from .requests import destination, is_thumbprint, read

LIFETIME = timedelta(seconds=60)
_NAME = "urn:ietf:params:oauth:request_uri:"
_NOT_OF_THE_REQUEST = frozenset({"client_assertion", "client_assertion_type", "client_secret"})

_ADD = Statement(
    "platform.pushed_requests.add",
    insert(PushedRequestRow).values(
        {
            name: bindparam(name)
            for name in (
                "tenant_id",
                "request_hash",
                "client_id",
                "parameters",
                "dpop_jkt",
                "expires_at",
            )
        }
    ),
)
_TAKE = Statement(
    "platform.pushed_requests.take",
    delete(PushedRequestRow)
    .where(
        tenant_is(PushedRequestRow),
        PushedRequestRow.request_hash == bindparam("request_hash"),
        PushedRequestRow.client_id == bindparam("client_id", type_=Text),
    )
    .returning(PushedRequestRow.parameters, PushedRequestRow.dpop_jkt, PushedRequestRow.expires_at),
)
_TIDY = Statement(
    "platform.pushed_requests.tidy",
    delete(PushedRequestRow).where(
        tenant_is(PushedRequestRow), PushedRequestRow.expires_at < bindparam("before")
    ),
)


class PushedRequestNotFound(MalformedRequest):
    """It was used, is older than a minute, or another client's; where it came from is unproven."""

    slug = "platform/pushed-request-not-found"
    title = "This sign-in was begun too long ago, or was already begun once."
    title_ja = "このサインインは、開始から時間がたったか、すでに開始されています。"
    remedy = "Go back to the application you came from and begin again there."
    remedy_ja = "元のアプリケーションに戻り、もう一度はじめからやり直してください。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the client gets for its request (RFC 9126 §2.2); the name is all the browser sees."""

    handle: Handle = field(repr=False)

    def document(self) -> dict[str, str | int]:
        return {
            "request_uri": f"{_NAME}{self.handle.text}",
            "expires_in": int(LIFETIME.total_seconds()),
        }


async def push(asking: Asking) -> Receipt:
    """Judge a request as if it came through the browser, and keep it.

    Raises:
        OAuthError: it would be refused there, too.
    """
    place = asking.place()
    parameters = {
        name: value for name, value in asking.form.items() if name not in _NOT_OF_THE_REQUEST
    }
    _judge(asking, parameters)
    handle, now = Handle.new(place.code), clock.now()
    async with asking.door.database.transaction(place.tenancy) as work:
        await work.execute(_TIDY, before=now - LIFETIME)
        await work.execute(
            _ADD,
            request_hash=handle.digest,
            client_id=asking.client.client_id,
            parameters=parameters,
            dpop_jkt=asking.jkt or parameters.get("dpop_jkt"),
            expires_at=now + LIFETIME,
        )
    return Receipt(handle=handle)


def handle_of(request_uri: str) -> Handle:
    """Return the request a name stands for.

    Raises:
        PushedRequestNotFound: it is no name of ours; names of other places are never fetched.
    """
    handle = Handle.parse(request_uri.removeprefix(_NAME))
    if handle is None or not request_uri.startswith(_NAME):
        raise PushedRequestNotFound
    return handle


async def take(work: Transaction, handle: Handle, *, client_id: str) -> Mapping[str, str]:
    """Return what was pushed, once.

    Raises:
        PushedRequestNotFound: it is gone, too old, or another client's.
    """
    row = await work.fetch_one(_TAKE, request_hash=handle.digest, client_id=client_id)
    ends: datetime | None = row["expires_at"] if row is not None else None
    if row is None or ends is None or ends <= clock.now():
        raise PushedRequestNotFound
    bound = {"dpop_jkt": row["dpop_jkt"]} if row["dpop_jkt"] is not None else {}
    return {**row["parameters"], **bound, "client_id": client_id}


def _judge(asking: Asking, parameters: Mapping[str, str]) -> None:
    """Refuse now what could not be carried out later, where the client still can be told."""
    if "request_uri" in parameters:
        raise InvalidRequest("request_uri cannot be pushed.")
    if parameters.get("client_id", asking.client.client_id) != asking.client.client_id:
        raise InvalidRequest("client_id is another client's.")
    try:
        destination(parameters, asking.client)
    except Problem as problem:
        raise InvalidRequest(problem.title) from problem
    read(parameters, asking.client, is_pushed=True)
    named = parameters.get("dpop_jkt")
    if named is not None and (not is_thumbprint(named) or asking.jkt not in (None, named)):
        raise InvalidDpopProof("dpop_jkt and the DPoP proof name different keys.")
