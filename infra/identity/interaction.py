"""What every sign-in shares: a request starts it, a person is asked, a callback ends it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .bodies import read_form
from .oauth.authorization import AuthorizationRequest, read_callback, read_request
from .oauth.errors import AuthorizationRefused, PersonRefused
from .oauth.provider import Authentication, Provider
from .pages import Form

_SEE_OTHER = 303
_ANSWER_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True, slots=True)
class SignIn:
    """A person is being asked; `transaction` is how the page's form finds back here."""

    transaction: str
    request: AuthorizationRequest

    def form(self, path: str, step: str) -> Form:
        return Form(
            action=f"{path}/{step}",
            cancel=f"{path}/cancel",
            transaction=self.transaction,
            client_id=self.request.client.client_id,
            callback=self.request.redirect_uri,
        )


def start(provider: Provider, request: Request, ask: Callable[[SignIn], Response]) -> Response:
    """Ask the person, or send the client's own mistake back to it.

    Raises:
        PersonRefused: when the callback itself cannot be trusted.
    """
    callback = read_callback(request.url.query.encode(), provider.clients())
    try:
        wanted = read_request(callback, provider.settings.offer)
    except AuthorizationRefused as refused:
        return _see(provider.refusal(callback, refused))
    return ask(SignIn(provider.sign_ins.put(wanted), wanted))


async def resume(provider: Provider, request: Request) -> tuple[SignIn, Mapping[str, str]]:
    """The sign-in a posted form belongs to, and the form.

    Raises:
        PersonRefused: too old, finished already, or never begun here.
        UnreadableRequest: not a form.
    """
    form = await read_form(request)
    transaction = form.get("transaction", "")
    wanted = provider.sign_ins.get(transaction)
    if wanted is None:
        raise _gone()
    return SignIn(transaction, wanted), form


def finish(provider: Provider, sign_in: SignIn, authentication: Authentication) -> Response:
    """Send the browser back with a code. Of two forms posted at once only one gets here."""
    if provider.sign_ins.take(sign_in.transaction) is None:
        raise _gone()
    return _see(provider.grant(sign_in.request, authentication))


async def cancel(provider: Provider, request: Request) -> Response:
    """The person does not want to go on: `access_denied` (RFC 6749 §4.1.2.1)."""
    sign_in, _ = await resume(provider, request)
    provider.sign_ins.take(sign_in.transaction)
    denied = AuthorizationRefused("access_denied", "the person did not go on")
    return _see(provider.refusal(sign_in.request, denied))


def _see(address: str) -> Response:
    return RedirectResponse(address, status_code=_SEE_OTHER, headers=_ANSWER_HEADERS)


def _gone() -> PersonRefused:
    return PersonRefused(
        "この画面の有効期限が切れたか、すでに使われています。",
        remedy="元のサービスに戻り、もう一度サインインを始めてください。",
    )
