"""What a municipality gave leave to stays what it was; what is ended costs nothing to end again."""

from tests.support.front_door import FrontDoor
from tests.support.vendors import Developer, metadata

BACK = "https://vendor.example.jp/back"
_COUNT = "SELECT count(*) FROM platform.revocations WHERE value = $1"


class TestAFrontEndOfResidents:
    async def test_never_becomes_one_of_officials(self, developer: Developer) -> None:
        """Leave is given by scope: it must not turn into leave to stand before officials."""
        base = {
            "environment": "production",
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid registry:read",
            "redirect_uris": [BACK],
        }
        registered = await developer.register(**base)
        assert registered["principal_kinds"] == ["resident"]
        for kinds in (["official"], ["resident", "official"]):
            body = metadata(**base, principal_kinds=kinds)
            changed = await developer.manage("PUT", json=body)
            assert changed.status_code == 400, changed.text
        again = await developer.manage("PUT", json=metadata(**base, principal_kinds=["resident"]))
        assert again.status_code == 200, again.text


class TestASuspendedClient:
    async def test_lengthens_no_list_by_being_suspended_again(
        self, developer: Developer, door: FrontDoor
    ) -> None:
        await developer.register()
        await developer.care("POST", "/suspension")
        once = await door.value(_COUNT, developer.client_id)
        for _ in range(5):
            assert (await developer.care("POST", "/suspension")).status_code == 200
        assert await door.value(_COUNT, developer.client_id) == once > 0
