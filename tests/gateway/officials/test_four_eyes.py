"""Whoever brings a directory could be anybody in it, so a colleague puts it to use."""

from tests.gateway.officials.town import TownHall

_REFUSED = (403, "/problems/platform/second-administrator-required")


class TestWhoeverDrewItUp:
    async def test_is_not_relieved_by_a_colleagues_examination(self, town: TownHall) -> None:
        await town.administrator("administrator2")
        directory = town.directory()
        elsewhere = "http://login.kitami.example/realms/staff/elsewhere"
        directory.metadata = directory.metadata | {"userinfo_endpoint": elsewhere}
        answer = await town.call("POST", "/identity-providers", json=town.registration())
        provider = answer.json()["id"]
        town.directory()
        path = f"/identity-providers/{provider}"
        await town.call("POST", f"{path}/examination", by="administrator2")
        await _tried_and_refused(town, provider)

    async def test_is_not_relieved_by_a_colleagues_group(self, town: TownHall) -> None:
        await town.administrator("administrator2")
        provider = (await town.registered())["id"]
        await _tried(town, provider)
        version = (await town.read(provider))["version"]
        groups = [*town.registration()["roles"], {"group": "税務課", "role": "clerk"}]
        path = f"/identity-providers/{provider}/roles"
        body = {"roles": groups}
        await town.call("PUT", path, by="administrator2", version=version, json=body)
        await _refused(town, provider)


class TestWhoeverRenamedIt:
    async def test_relieves_nobody_and_may_put_it_to_use(self, town: TownHall) -> None:
        await town.administrator("administrator2")
        provider = await town.registered()
        path = f"/identity-providers/{provider['id']}"
        renamed = await town.call(
            "PUT",
            path,
            by="administrator2",
            version=provider["version"],
            json=town.registration(name="職員の認証基盤"),
        )
        assert renamed.status_code == 200, renamed.text
        await _tried_and_refused(town, provider["id"])
        version = (await town.read(provider["id"]))["version"]
        used = await town.call("POST", f"{path}/activation", by="administrator2", version=version)
        assert (used.status_code, used.json().get("name")) == (200, "職員の認証基盤"), used.text


class TestWhoeverGaveAGroupASensitiveDuty:
    async def test_is_not_who_puts_it_to_use(self, town: TownHall) -> None:
        await town.administrator("administrator2")
        provider = (await town.registered())["id"]
        await _tried(town, provider)
        path = f"/identity-providers/{provider}"
        groups = [*town.registration()["roles"], {"group": "税務課", "role": "auditor"}]
        version = (await town.read(provider))["version"]
        body = {"roles": groups}
        mapped = await town.call(
            "PUT", f"{path}/roles", by="administrator2", version=version, json=body
        )
        assert mapped.status_code == 200, mapped.text
        for by in ("administrator1", "administrator2"):
            await _refused(town, provider, by=by)


async def _tried(town: TownHall, provider: str) -> None:
    for username in ("fake1", "fake2"):
        await town.tried(provider, username, "情報政策課")


async def _tried_and_refused(town: TownHall, provider: str) -> None:
    await _tried(town, provider)
    await _refused(town, provider)


async def _refused(town: TownHall, provider: str, *, by: str = "administrator1") -> None:
    version = (await town.read(provider))["version"]
    path = f"/identity-providers/{provider}/activation"
    answer = await town.call("POST", path, by=by, version=version)
    assert (answer.status_code, answer.json()["type"]) == _REFUSED
