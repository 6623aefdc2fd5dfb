"""Which scopes there are, what each opens, and to whom: read before anything is asked for."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol, cast

from fastapi import APIRouter, Request
from pydantic import Field

from foundation.problems import ServiceUnavailable
from foundation.web import Wire
from gateway.clients.domain import KIND_SCOPES, SCOPES
from gateway.consent.sentences import SENTENCES
from gateway.descriptions import refusals

router = APIRouter(prefix="/platform/v1/scopes", tags=["vendors"])

_METHODS: Final = ("get", "post", "put", "patch", "delete")


class _Published(Protocol):
    """The interface as it is published now."""

    @property
    def document(self) -> Mapping[str, Any]: ...


class Interface(Protocol):
    """Where the whole published interface can be had."""

    async def current(self) -> _Published: ...


class OperationRead(Wire):
    """One operation a scope opens."""

    operation_id: str = Field(examples=["window_dx_list_windows"])
    method: str = Field(examples=["GET"])
    path: str = Field(examples=["/window-dx/v1/windows"])
    summary: str = Field(examples=["窓口の一覧を見る"])
    personal_data: bool = Field(description="個人の情報を扱うか。扱えば本人の利用記録に残ります。")
    principal_kinds: list[str] = Field(
        description="だれのトークンで呼べるか(resident 住民、official 職員、machine システム)"
    )


class ScopeRead(Wire):
    """One scope."""

    scope: str = Field(examples=["window-dx:read"])
    ja: str = Field(description="住民の同意画面に出る言葉")
    en: str
    personal_data: bool = Field(description="開く操作のどれかが個人の情報を扱うか")
    principal_kinds: list[str] = Field(description="だれのトークンに付けられるか")
    operations: list[OperationRead]


class ScopesRead(Wire):
    """Every scope."""

    items: list[ScopeRead]


@router.get(
    "",
    operation_id="platform_list_scopes",
    summary="scope の一覧と、それぞれで使える操作",
    responses=refusals(ServiceUnavailable),
)
async def list_scopes(request: Request) -> ScopesRead:
    """List every scope with the operations it opens; ask for the fewest that do."""
    interface = cast("Interface | None", getattr(request.app.state, "description", None))
    if interface is None:
        raise ServiceUnavailable
    return table((await interface.current()).document)


def table(document: Mapping[str, Any]) -> ScopesRead:
    """Return the scopes there are, with the operations of a published interface."""
    opened: dict[str, list[OperationRead]] = {scope: [] for scope in SCOPES}
    for scopes, operation in _operations(document):
        for scope in scopes & opened.keys():
            opened[scope].append(operation)
    return ScopesRead(items=[_scope(scope, found) for scope, found in opened.items()])


def _scope(scope: str, operations: list[OperationRead]) -> ScopeRead:
    sentence = SENTENCES[scope]
    return ScopeRead(
        scope=scope,
        ja=sentence.ja,
        en=sentence.en,
        personal_data=any(operation.personal_data for operation in operations),
        principal_kinds=sorted(kind for kind, given in KIND_SCOPES.items() if scope in given),
        operations=operations,
    )


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[set[str], OperationRead]]:
    paths = cast("Mapping[str, Mapping[str, Any]]", document.get("paths", {}))
    for path, item in sorted(paths.items()):
        for method in _METHODS:
            operation = item.get(method)
            if operation is None:
                continue
            ways = cast("list[Mapping[str, list[str]]]", operation.get("security", []))
            yield (
                {scope for way in ways for scopes in way.values() for scope in scopes},
                OperationRead(
                    operation_id=operation["operationId"],
                    method=method.upper(),
                    path=path,
                    summary=operation.get("summary", ""),
                    personal_data=operation.get("x-personal-data", False),
                    principal_kinds=operation.get("x-callers", []),
                ),
            )
