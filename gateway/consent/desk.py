"""The question over HTTP: a page, and the form on it."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from foundation.problems import Forbidden, MalformedRequest
from gateway.dependencies import Door
from gateway.descriptions import refusals
from gateway.forms import ForeignForm, only, read_form, require_own_page
from gateway.handles import Handle
from gateway.pages import Language, language_of, notice, page, wants_page
from gateway.state import GatewayState

from . import answering, cookies, pages
from .answering import Asked
from .domain import NothingChosen
from .problems import ConsentRequestNotFound

router = APIRouter(tags=["oauth"])

_PAGE = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["request", "decision"],
                    "properties": {
                        "request": {"type": "string"},
                        "decision": {"type": "string", "enum": ["all", "chosen", "refuse"]},
                        "scope": {"type": "array", "items": {"type": "string"}},
                        "lang": {"type": "string", "enum": ["ja", "en"]},
                    },
                }
            }
        },
    }
}
_QUERY = {
    "parameters": [
        {
            "name": "request",
            "in": "query",
            "required": True,
            "schema": {"type": "string", "pattern": "^[0-9]{6}\\.[A-Za-z0-9_-]{43}$"},
        },
        {
            "name": "lang",
            "in": "query",
            "required": False,
            "schema": {"type": "string", "enum": ["ja", "en"]},
        },
    ]
}


@router.get(
    "/oauth/consent",
    summary="アプリに許可するかをたずねる画面",
    operation_id="platform_consent_page",
    response_class=Response,
    responses={**_PAGE, **refusals(ConsentRequestNotFound)},
    openapi_extra=_QUERY,
)
async def ask(request: Request, door: Door) -> Response:
    """Show the question that was put to this browser (OpenID Connect Core §3.1.2.4)."""
    language = language_of(request)
    handle = Handle.parse(request.query_params.get("request"))
    try:
        asked = await answering.read(door, handle, browser=_browser(request, door, handle))
    except ConsentRequestNotFound as problem:
        return _told(request, problem, language)
    return _page(asked, handle, language=language)


@router.post(
    "/oauth/consent",
    summary="アプリへの許可に答える",
    operation_id="platform_consent_answer",
    status_code=303,
    response_class=Response,
    responses=refusals(ConsentRequestNotFound, MalformedRequest, ForeignForm),
    openapi_extra=_FORM,
)
async def answer(request: Request, door: Door) -> Response:
    """Take somebody's answer and send them back to the application, with a code or without."""
    try:
        require_own_page(request, issuer=door.settings.issuer)
        return await _answered(request, door)
    except (ConsentRequestNotFound, Forbidden) as problem:
        return _told(request, problem, language_of(request))


async def _answered(request: Request, door: GatewayState) -> Response:
    fields = await read_form(request)
    handle, decision = Handle.parse(only(fields, "request")), only(fields, "decision")
    browser = _browser(request, door, handle)
    ticked = frozenset(value for name, value in fields if name == "scope")
    match decision:
        case "refuse":
            location = await answering.refuse(door, handle, browser=browser)
        case "all":
            location = await answering.accept(door, handle, browser=browser, ticked=None)
        case "chosen":
            try:
                location = await answering.accept(door, handle, browser=browser, ticked=ticked)
            except NothingChosen:
                asked = await answering.read(door, handle, browser=browser)
                language: Language = "en" if only(fields, "lang") == "en" else "ja"
                return _page(asked, handle, language=language, has_error=True)
        case _:
            raise MalformedRequest("decision is one of all, chosen and refuse.")
    sent = RedirectResponse(location, status_code=303, headers={"Cache-Control": "no-store"})
    if handle is not None:
        cookies.take_away(sent, handle, is_https=door.settings.is_https)
    return sent


def _browser(request: Request, door: GatewayState, handle: Handle | None) -> str:
    if handle is None:
        return ""
    return cookies.read(request, handle, is_https=door.settings.is_https)


def _page(
    asked: Asked, handle: Handle | None, *, language: Language, has_error: bool = False
) -> Response:
    name = handle.text if handle is not None else ""
    return page(
        pages.title_of(language, has_error=has_error),
        pages.question_page(
            asked, name, provider=asked.provider, language=language, has_error=has_error
        ),
        language=language,
        leads_to=(asked.question.redirect_uri, *sorted(asked.client.origins)),
        status=HTTPStatus.UNPROCESSABLE_ENTITY if has_error else HTTPStatus.OK,
    )


def _told(
    request: Request, problem: ConsentRequestNotFound | Forbidden, language: Language
) -> Response:
    """Tell a person on a page, and a program in the form of every other refusal."""
    if not wants_page(request):
        raise problem
    title, remedy = (
        (problem.title_ja, problem.remedy_ja)
        if language == "ja"
        else (problem.title, problem.remedy)
    )
    return notice(title, remedy, language=language, status=HTTPStatus(problem.status))
