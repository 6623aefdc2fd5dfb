"""Every scope says what it opens, in both languages, before anybody asks for it."""

from typing import Any

from gateway.clients.domain import KIND_SCOPES, SCOPES
from gateway.grants.scopes import table
from tests.support.front_door import FrontDoor

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/window-dx/v1/windows": {
            "get": {
                "operationId": "window_dx_list_windows",
                "summary": "窓口の一覧を見る",
                "security": [{"tamaire": ["window-dx:read"]}],
                "x-callers": ["machine", "resident"],
                "x-personal-data": False,
            }
        },
        "/registry/v1/me": {
            "get": {
                "operationId": "registry_read_own",
                "security": [{"tamaire": ["registry:read"]}],
                "x-callers": ["resident"],
                "x-personal-data": True,
            }
        },
        "/platform/v1/municipalities": {"get": {"operationId": "list", "security": []}},
    }
}


class TestTable:
    def test_has_every_scope_in_both_languages(self) -> None:
        rows = table(DOCUMENT).items
        assert [row.scope for row in rows] == SCOPES
        assert all(row.ja and row.en for row in rows)
        assert all(
            (kind in row.principal_kinds) == (row.scope in given)
            for row in rows
            for kind, given in KIND_SCOPES.items()
        )

    def test_names_the_operations_each_opens_and_whether_they_touch_people(self) -> None:
        rows = {row.scope: row for row in table(DOCUMENT).items}
        assert [one.operation_id for one in rows["window-dx:read"].operations] == [
            "window_dx_list_windows"
        ]
        assert not rows["window-dx:read"].personal_data
        assert rows["registry:read"].personal_data
        assert rows["benefits:pay"].operations == []


class TestListScopes:
    async def test_waits_for_an_interface_that_is_not_there_yet(self, door: FrontDoor) -> None:
        answer = await door.http.get("/platform/v1/scopes")
        assert answer.status_code == 503
