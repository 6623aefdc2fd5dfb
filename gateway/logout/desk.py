"""Signing out over HTTP, for applications and for people (RP-Initiated Logout 1.0).

There is no sign-in of the house between applications, so there is no other one to end: each
application's sign-in ends on its own, and a person may end all of theirs at once.
"""

from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from foundation.problems import Forbidden, MalformedRequest
from gateway.authorization.requests import singles
from gateway.dependencies import Door
from gateway.descriptions import refusals
from gateway.forms import ForeignForm, read_form, require_own_page
from gateway.frontends import cookies, service as browsers
from gateway.frontends.presented import Presented
from gateway.frontends.problems import CsrfTokenRefused, SessionOver
from gateway.pages import Language, language_of, notice, page, wants_page
from gateway.state import GatewayState

from . import ending, pages
from .problems import LogoutRedirectNotRegistered

router = APIRouter(tags=["oauth"])

_KEPT: Final = ("client_id", "post_logout_redirect_uri", "state", "id_token_hint")
_PARAMETERS: Final = {
    "id_token_hint": {"type": "string"},
    "client_id": {"type": "string", "examples": ["demo-portal"]},
    "post_logout_redirect_uri": {"type": "string", "examples": ["https://portal.example/bye"]},
    "state": {"type": "string"},
    "logout_hint": {"type": "string"},
    "ui_locales": {"type": "string"},
}
_PAGE: Final = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}
_RESPONSES: Final = {**_PAGE, **refusals(LogoutRedirectNotRegistered, MalformedRequest)}


@router.get(
    "/oauth/logout",
    summary="サインアウトする",
    operation_id="platform_logout",
    response_class=Response,
    responses={303: {"description": "登録済みの戻り先へ"}, **_RESPONSES},
    openapi_extra={
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in _PARAMETERS.items()
        ]
    },
)
async def sign_out(request: Request, door: Door) -> Response:
    """End the sign-in an ID token names, or ask the person whether to end their own."""
    return await _led(request, door, singles(request.query_params.multi_items()))


@router.post(
    "/oauth/logout",
    summary="サインアウトを確かめる",
    operation_id="platform_logout_confirm",
    response_class=Response,
    responses={
        303: {"description": "登録済みの戻り先へ"},
        **_PAGE,
        **refusals(LogoutRedirectNotRegistered, MalformedRequest, ForeignForm, CsrfTokenRefused),
    },
    openapi_extra={
        "requestBody": {
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            **_PARAMETERS,
                            "confirm": {"type": "string", "enum": ["here", "all"]},
                            "csrf_token": {"type": "string"},
                        },
                    }
                }
            }
        }
    },
)
async def confirm(request: Request, door: Door) -> Response:
    """Do the same for an application that sends a form (§2), or take the person's own answer."""
    fields = singles(await read_form(request))
    try:
        if "confirm" in fields:
            require_own_page(request, issuer=door.settings.issuer)
            return await _confirmed(request, door, fields)
    except Forbidden as problem:
        return _told(request, problem)
    return await _led(request, door, fields)


async def _led(request: Request, door: GatewayState, given: dict[str, str]) -> Response:
    hint = ending.hint_of(door, given.get("id_token_hint"))
    try:
        client = await ending.client_of(door, hint, given.get("client_id"))
        back = ending.destination(client, given.get("post_logout_redirect_uri"))
    except LogoutRedirectNotRegistered as problem:
        return _told(request, problem)
    back = _with_state(back, given.get("state"))
    here = await _here(request, door)
    if hint is not None and client is not None:
        await ending.end_hinted(door, hint)
        answer = _left(request, back)
        if here is not None and here.session.id == hint.session_id:
            cookies.take_session(answer, is_https=door.settings.is_https)
        return answer
    language = language_of(request)
    if here is None:
        content = pages.told(language, "nobody", "nothing", back=back)
        return page(pages.WORDS[language]["nobody"], content, language=language)
    fields = {name: given[name] for name in _KEPT[:3] if name in given}
    content = pages.question(language, place=here.place.name, csrf=here.csrf, fields=fields)
    return page(
        pages.WORDS[language]["ask"],
        content,
        language=language,
        leads_to=(back,) if back is not None else (),
    )


async def _confirmed(request: Request, door: GatewayState, given: dict[str, str]) -> Response:
    here = await _here(request, door)
    try:
        client = await ending.client_of(door, None, given.get("client_id"))
        back = ending.destination(client, given.get("post_logout_redirect_uri"))
    except LogoutRedirectNotRegistered as problem:
        return _told(request, problem)
    if here is not None:
        token = given.get("csrf_token", "").encode()
        Presented(method="POST", csrf=token).require_token(here.csrf)
        if given["confirm"] == "all":
            await ending.end_every(door, here.place, here.session)
        else:
            await browsers.sign_out(door, here)
    answer = _left(request, _with_state(back, given.get("state")))
    cookies.take_session(answer, is_https=door.settings.is_https)
    return answer


async def _here(request: Request, door: GatewayState) -> browsers.Present | None:
    """Return the session this browser carries, if it carries one that is open."""
    name = cookies.session_cookie(is_https=door.settings.is_https)
    shown = Presented.of(request.method, request.headers.raw, cookie_name=name)
    try:
        return await browsers.present(door, shown.cookie)
    except SessionOver:
        return None


def _left(request: Request, back: str | None) -> Response:
    if back is not None:
        return RedirectResponse(back, status_code=303, headers={"Cache-Control": "no-store"})
    language = language_of(request)
    content = pages.told(language, "done", "close", back=None)
    return page(pages.WORDS[language]["done"], content, language=language)


def _told(request: Request, problem: LogoutRedirectNotRegistered | Forbidden) -> Response:
    if not wants_page(request):
        raise problem
    language: Language = language_of(request)
    title, text = (
        (problem.title_ja, problem.remedy_ja)
        if language == "ja"
        else (problem.title, problem.remedy)
    )
    return notice(title, text, language=language, status=HTTPStatus(problem.status))


def _with_state(address: str | None, state: str | None) -> str | None:
    if address is None or state is None:
        return address
    parts = urlsplit(address)
    query = "&".join(filter(None, (parts.query, urlencode({"state": state}))))
    return urlunsplit(parts._replace(query=query))
