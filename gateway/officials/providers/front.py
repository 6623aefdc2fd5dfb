"""A trial sign-in over HTTP: the link that is given out, and the page at its end."""

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from foundation.problems import MalformedRequest
from gateway.dependencies import Door
from gateway.descriptions import refusals, with_query
from gateway.handles import Handle
from gateway.pages import Language, language_of, page
from gateway.state import GatewayState

from . import desk
from .problems import TrialNotFound

router = APIRouter(tags=["oauth"])

_PATH: Final = "/oauth/callback"
_WORDS: Final[dict[tuple[Language, bool], tuple[str, str, str]]] = {
    ("ja", True): (
        "テストサインイン",
        "テストサインインに成功しました",
        (
            "この画面を閉じ、結果を管理者に知らせてください。このテストでは、どのサービスにも"
            "サインインしていません。"
        ),
    ),
    ("ja", False): (
        "テストサインイン",
        "テストサインインは成功しませんでした",
        (
            "この画面を閉じ、管理者に知らせてください。原因と直し方は、テストサインインの結果に表示"
            "されています。"
        ),
    ),
    ("en", True): (
        "Trial sign-in",
        "The trial sign-in succeeded",
        "Close this page and tell the administrator. You are not signed in anywhere by it.",
    ),
    ("en", False): (
        "Trial sign-in",
        "The trial sign-in did not succeed",
        (
            "Close this page and tell the administrator; the cause and what to do are shown among"
            " the results of the trials."
        ),
    ),
}


@router.get(
    "/oauth/trial",
    summary="テストサインインを始める",
    operation_id="platform_trial",
    status_code=303,
    responses=refusals(TrialNotFound, MalformedRequest),
    openapi_extra=with_query(["link"]),
)
async def begin_trial(request: Request, door: Door) -> Response:
    """Send whoever opens the link to the provider that is tried; the link is used up."""
    way = await desk.leave(door, request.query_params.get("link"))
    answer = RedirectResponse(
        way.location,
        status_code=HTTPStatus.SEE_OTHER,
        headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
    )
    answer.set_cookie(
        cookie_of(door, way.state),
        way.browser,
        max_age=900,
        path=_PATH,
        secure=door.settings.is_https,
        httponly=True,
        samesite="lax",  # the provider sends the browser back by a top-level navigation
    )
    return answer


async def end_trial(
    request: Request, door: GatewayState, parameters: dict[str, str], at: object
) -> Response:
    """Receive somebody from a trial and show them that it is over."""
    state = desk.state_of(parameters)
    name = cookie_of(door, state) if state is not None else ""
    succeeded = await desk.come_back(door, parameters, browser=request.cookies.get(name), at=at)
    language = language_of(request)
    title, heading, text = _WORDS[language, succeeded]
    answer = page(title, f"<h1>{heading}</h1><p>{text}</p>", language=language)
    answer.delete_cookie(
        name, path=_PATH, secure=door.settings.is_https, httponly=True, samesite="lax"
    )
    return answer


def cookie_of(door: GatewayState, state: Handle) -> str:
    """Return the name of the cookie of one trial."""
    prefix = "__Secure-" if door.settings.is_https else ""
    return f"{prefix}tamaire-trial-{state.digest.hex()[:16]}"
