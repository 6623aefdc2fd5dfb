"""Where a verifier fetches the roots, the lists and OCSP answers, as the certificates say."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping

from cryptography.hazmat.primitives import serialization
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.identity.bodies import read_body

from .authority import Authority
from .revocation import ocsp_answer, revocation_list

Handler = Callable[[Request], Awaitable[Response]]


def jpki_routes(authorities: Mapping[str, Authority]) -> list[Route]:
    """`/jpki/{authority}/…`: certificate and CRL (RFC 5280 §4.2.1.13), OCSP (RFC 6960 App. A)."""

    def found(handler: Callable[[Authority, Request], Awaitable[Response]]) -> Handler:
        async def endpoint(request: Request) -> Response:
            authority = authorities.get(request.path_params["authority"])
            return await handler(authority, request) if authority else Response(status_code=404)

        return endpoint

    return [
        Route("/jpki/{authority}/certificate.cer", found(_certificate)),
        Route("/jpki/{authority}/list.crl", found(_list)),
        Route("/jpki/{authority}/ocsp", found(_ocsp_post), methods=["POST"]),
        Route("/jpki/{authority}/ocsp/{request:path}", found(_ocsp_get)),
    ]


async def _certificate(authority: Authority, _request: Request) -> Response:
    root = await run_in_threadpool(lambda: authority.certificate)
    return Response(
        root.public_bytes(serialization.Encoding.DER), media_type="application/pkix-cert"
    )


async def _list(authority: Authority, _request: Request) -> Response:
    content = await run_in_threadpool(revocation_list, authority)
    return Response(content, media_type="application/pkix-crl")


async def _ocsp_post(authority: Authority, request: Request) -> Response:
    if request.headers.get("content-type") != "application/ocsp-request":
        return Response(status_code=415)
    return await _ocsp(authority, await read_body(request))


async def _ocsp_get(authority: Authority, request: Request) -> Response:
    try:
        content = base64.b64decode(request.path_params["request"], validate=True)
    except binascii.Error:
        content = b""
    return await _ocsp(authority, content)


async def _ocsp(authority: Authority, content: bytes) -> Response:
    answer = await run_in_threadpool(ocsp_answer, authority, content)
    return Response(answer, media_type="application/ocsp-response")
