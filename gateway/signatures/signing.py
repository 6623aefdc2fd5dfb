"""Having somebody sign: the browser leaves for the provider with a digest and comes back signed.

What binds the two ends is what binds the two ends of a sign-in: a state only this signing has, a
cookie only this browser has, and a nonce and a PKCE secret derived with our own key. And whoever
signs must be whoever was signed in: the provider names both, and the names are compared.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit, urlunsplit

from foundation import clock
from foundation.database import Transaction
from foundation.encryption import Cipher
from foundation.identity.jpki import (
    Account,
    Presented,
    ResultUnreadable,
    SigningApiUnavailable,
)
from foundation.identity.relying_party import (
    Identification,
    Provider,
    ProviderError,
    ProviderUnreachable,
    UntrustworthyAnswer,
)
from gateway.handles import Handle, digest
from gateway.signin.repository import resident_issuer
from gateway.signing_room import SigningRoom
from gateway.state import GatewayState
from gateway.tenants import Municipality

from . import judging, repository
from .domain import OPEN, RefusalReason, Signature, SignatureState
from .problems import SigningNotFound, SigningUnavailable

_log = logging.getLogger(__name__)

_DENIED = frozenset({"access_denied", "login_required", "interaction_required"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Where the browser goes next, and what ties it to this signing."""

    location: str
    state: Handle | None = None
    browser: str | None = field(default=None, repr=False)


class _Refused(Exception):
    """It came back, and will not be believed."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason)
        self.reason = reason


async def depart(door: GatewayState, handle: Handle | None) -> Ticket:
    """Send a browser off to sign, or on, where it was signed already.

    Raises:
        SigningNotFound: no such signing, or its time has passed.
        SigningUnavailable: no provider, or it does not answer.
    """
    place = _place(door, handle)
    room_of(door)
    async with door.database.transaction(place.tenancy) as work:
        found = await repository.by_handle(work, handle.digest if handle else b"")
        issuer = await resident_issuer(work)
    if found is None or found[0].is_over(clock.now()):
        raise SigningNotFound
    signature, presented = found
    if signature.state not in OPEN:
        if signature.state is SignatureState.SIGNED and presented is not None:
            kept = _opened(_cipher(door, place), signature, presented)
            signature = await judging.judge(door, place, signature, kept)
        return Ticket(location=back_to(signature))
    if issuer is None:
        raise SigningUnavailable
    provider = _ours(door, issuer=issuer["issuer"], client_id=issuer["client_id"])
    return await _sent(door, place, signature, provider)


async def _sent(
    door: GatewayState, place: Municipality, signature: Signature, provider: Provider
) -> Ticket:
    try:
        account = await _account(door, provider)
        transaction = await room_of(door).api.begin(account, signature.document_digest)
        state, browser = Handle.new(place.code), secrets.token_urlsafe(32)
        location = await door.relying_party.authorization_url(
            provider,
            verifier=door.pseudonyms.verifier(state.text),
            nonce=door.pseudonyms.nonce(state.text),
            state=state.text,
            scope="openid sign",
            sign_transaction_id=str(transaction),
        )
    except (SigningApiUnavailable, ProviderUnreachable) as error:
        _log.warning("nobody can sign: %s", error)
        raise SigningUnavailable from error
    async with door.database.transaction(place.tenancy) as work:
        current = await repository.locked(work, signature.id)
        if current is None or current.state not in OPEN:
            raise SigningNotFound
        leaving = current.sent(
            issuer=provider.issuer,
            client_id=provider.client_id,
            transaction=transaction,
            at=clock.now(),
        )
        await repository.send(work, leaving, state_hash=state.digest, browser_hash=digest(browser))
    return Ticket(location=location, state=state, browser=browser)


async def arrive(door: GatewayState, parameters: Mapping[str, str], *, browser: str | None) -> str:
    """Receive somebody who signed, or did not, and return where to send them.

    Raises:
        SigningNotFound: no signing of this browser has this state.
    """
    state = Handle.parse(parameters.get("state"))
    place = _place(door, state)
    async with door.database.transaction(place.tenancy) as work:
        signature = await repository.take(
            work,
            state_hash=state.digest if state else b"",
            browser_hash=digest(browser or ""),
        )
    if signature is None or state is None or signature.is_over(clock.now()):
        raise SigningNotFound
    try:
        presented = await _presented(door, place, signature, parameters)
    except _Refused as refused:
        return back_to(await judging.refuse(door, place, signature, refused.reason))
    except (SigningApiUnavailable, ProviderUnreachable) as error:
        # Nothing is decided: the person may open the same signing again.
        _log.warning("a signature could not be fetched: %s", error)
        return back_to(signature)
    signed = await _kept(door, place, signature, presented)
    return back_to(await judging.judge(door, place, signed, presented))


async def _kept(
    door: GatewayState, place: Municipality, signature: Signature, presented: Presented
) -> Signature:
    """Write down what the card gave before it is judged: it cannot be asked for again."""
    cipher = _cipher(door, place)
    async with door.database.transaction(place.tenancy) as work:
        current = await _still(work, signature)
        signed = current.signed(clock.now())
        await repository.present(
            work,
            signed,
            presented_sealed=cipher.encrypt(
                presented.as_text(), field=repository.PRESENTED, row_id=signed.id
            ),
        )
    return signed


async def _still(work: Transaction, signature: Signature) -> Signature:
    current = await repository.locked(work, signature.id)
    if current is None or current.version != signature.version:
        raise SigningNotFound
    return current


async def _presented(
    door: GatewayState, place: Municipality, signature: Signature, parameters: Mapping[str, str]
) -> Presented:
    """Return what the card gave, once it is sure whose card it was."""
    if "error" in parameters:
        denied = parameters["error"] in _DENIED
        raise _Refused(RefusalReason.GIVEN_UP if denied else RefusalReason.UNREADABLE)
    provider = _of(door, signature)
    found = await _identified(door, provider, parameters)
    person = door.pseudonyms.person(
        tenant_id=place.tenancy.tenant_id, issuer=found.issuer, subject=found.subject
    )
    if person != signature.person:
        raise _Refused(RefusalReason.ANOTHER_PERSON)
    if signature.sign_transaction_id is None:
        raise _Refused(RefusalReason.UNREADABLE)
    try:
        presented = await room_of(door).api.result(
            await _account(door, provider), signature.sign_transaction_id, found.access_token
        )
    except ResultUnreadable as error:
        _log.warning("a result that cannot be read: %s", error)
        raise _Refused(RefusalReason.UNREADABLE) from error
    if presented.digest != signature.document_digest:
        raise _Refused(RefusalReason.ANOTHER_DOCUMENT)
    return presented


async def _identified(
    door: GatewayState, provider: Provider, parameters: Mapping[str, str]
) -> Identification:
    state = parameters["state"]
    try:
        return await door.relying_party.identify(
            provider,
            code=parameters.get("code", ""),
            verifier=door.pseudonyms.verifier(state),
            nonce=door.pseudonyms.nonce(state),
            named=parameters.get("iss"),
        )
    except (ProviderError, UntrustworthyAnswer) as error:
        _log.warning("an answer that is not believed: %s", error)
        raise _Refused(RefusalReason.UNREADABLE) from error


def back_to(signature: Signature) -> str:
    """Return the application's address with what became of the signature, and nobody's name."""
    answer = {"signature_id": str(signature.id), "signature_state": str(signature.state)}
    if signature.client_state is not None:
        answer["state"] = signature.client_state
    parts = urlsplit(signature.return_to)
    query = "&".join(one for one in (parts.query, urlencode(answer)) if one)
    return urlunsplit(parts._replace(query=query))


def room_of(door: GatewayState) -> SigningRoom:
    """Return what signing needs.

    Raises:
        SigningUnavailable: this gateway was told of no authority to believe.
    """
    if door.signing is None:
        raise SigningUnavailable
    return door.signing


def _place(door: GatewayState, handle: Handle | None) -> Municipality:
    found = door.tenants.find(handle.code) if handle is not None else None
    if found is None or not found.takes_part:
        raise SigningNotFound
    return found


def _ours(door: GatewayState, *, issuer: str, client_id: str) -> Provider:
    """Return the provider with a way back of its own: who signed does not come back signed in."""
    return Provider(
        issuer=issuer,
        client_id=client_id,
        redirect_uri=f"{door.settings.issuer}/oauth/signed",
    )


def _of(door: GatewayState, signature: Signature) -> Provider:
    issuer, client_id = signature.issuer or "", signature.issuer_client_id or ""
    return _ours(door, issuer=issuer, client_id=client_id)


async def _account(door: GatewayState, provider: Provider) -> Account:
    endpoints = await door.relying_party.endpoints(provider)
    return Account(
        issuer=provider.issuer,
        client_id=provider.client_id,
        token_endpoint=endpoints.token_endpoint,
    )


def _cipher(door: GatewayState, place: Municipality) -> Cipher:
    return door.keyring.cipher(place.tenancy.tenant_id)


def _opened(cipher: Cipher, signature: Signature, sealed: bytes) -> Presented:
    return Presented.from_text(
        cipher.decrypt(sealed, field=repository.PRESENTED, row_id=signature.id)
    )
