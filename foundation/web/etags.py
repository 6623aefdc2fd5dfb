"""Versions: nobody overwrites what they have not seen (RFC 9110 §13.1.1, RFC 6585 §3)."""

import re
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from foundation.problems import MalformedRequest, PreconditionFailed, PreconditionRequired

_ENTITY_TAG = re.compile(r'(W/)?"[\x21\x23-\x7e]*"')
_OURS = re.compile(r'"([1-9][0-9]{0,9})"')

ETAG_PATTERN = '^"[1-9][0-9]{0,9}"$'
"""The same for the published description."""


def etag(version: int) -> str:
    """Return the entity tag of a version."""
    return f'"{version}"'


async def if_match(request: Request) -> int:
    """Return the version the caller means to change.

    Raises:
        PreconditionRequired: none is named; `*` names none either.
        MalformedRequest: the header is no entity tag.
        PreconditionFailed: it is one that never was ours: weak, several, or not a version.
    """
    given = request.headers.getlist("if-match")
    if not given or given == ["*"]:
        raise PreconditionRequired
    tags = [tag.strip() for value in given for tag in value.split(",")]
    if not all(_ENTITY_TAG.fullmatch(tag) for tag in tags):
        raise MalformedRequest(
            "The If-Match header is not an entity tag.",
            detail_ja="If-Match ヘッダーの形式が正しくありません。",
        )
    ours = _OURS.fullmatch(tags[0])
    if len(tags) > 1 or ours is None:
        raise PreconditionFailed
    return int(ours[1])


IfMatch = Annotated[int, Depends(if_match)]
"""The version named in `If-Match`; the use case compares it with the present one."""
