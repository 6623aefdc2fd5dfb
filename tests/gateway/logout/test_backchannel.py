"""That an application hears of an ended sign-in: what it must, and in spite of everything."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from foundation.database import Database
from foundation.events import JobQueue
from foundation.identity import InvalidToken
from foundation.identity.outbound import GuardedTransport
from gateway.farewells import KIND
from gateway.logout.backchannel import EVENT, messenger
from tests.gateway.logout.conftest import LISTENING, Album, Ear
from tests.support.forgery import claims_of, header_of
from tests.support.front_door import ISSUER

OpenDatabase = Callable[[str, str], Awaitable[Database]]


async def delivered(album: Album, database_of: OpenDatabase, ear: httpx.AsyncBaseTransport) -> int:
    """Let the messenger go once and return how many words it tried to deliver."""
    worker_database = await database_of("platform", "worker")
    return await messenger(album.door.state, worker_database, ear).run_once()


class TestLogoutToken:
    async def test_says_which_sign_in_of_whom_ended(
        self, album: Album, database_of: OpenDatabase
    ) -> None:
        tokens = await album.signs_in()
        await album.signs_out()
        ear = Ear()
        await delivered(album, database_of, ear)
        (token,) = ear.tokens
        said, given = claims_of(token), claims_of(tokens["id_token"])
        assert (said["iss"], said["aud"]) == (ISSUER, album.name)
        assert (said["sub"], said["sid"]) == (given["sub"], given["sid"])
        assert said["events"] == {EVENT: {}}
        assert said["exp"] - said["iat"] == 120
        assert said["jti"]
        assert "nonce" not in said

    async def test_is_of_its_own_kind_and_signed_with_a_published_key(
        self, album: Album, database_of: OpenDatabase
    ) -> None:
        await album.signs_in()
        await album.signs_out()
        ear = Ear()
        await delivered(album, database_of, ear)
        (token,) = ear.tokens
        assert header_of(token)["typ"] == "logout+jwt"
        published = (await album.door.http.get("/oauth/jwks.json")).json()["keys"]
        assert header_of(token)["kid"] in {key["kid"] for key in published}
        keys = album.door.state.keys.access_tokens.public
        assert keys.verify(token, typ="logout+jwt", algorithm="ES256")

    async def test_passes_for_no_token_of_another_kind(
        self, album: Album, database_of: OpenDatabase
    ) -> None:
        await album.signs_in()
        await album.signs_out()
        ear = Ear()
        await delivered(album, database_of, ear)
        (token,) = ear.tokens
        with pytest.raises(InvalidToken):
            album.door.state.access.verify(token)
        assert (await album.door.me(token)).status_code == 401

    async def test_goes_to_the_address_that_was_registered(
        self, album: Album, database_of: OpenDatabase
    ) -> None:
        await album.signs_in()
        await album.signs_out()
        ear = Ear()
        await delivered(album, database_of, ear)
        (request,) = ear.heard
        assert (request.method, str(request.url)) == ("POST", LISTENING)
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"


class TestWhen:
    async def test_is_left_by_every_way_a_sign_in_ends(
        self, album: Album, database_of: OpenDatabase
    ) -> None:
        tokens = await album.signs_in()
        await album.door.http.delete(
            "/platform/v1/sessions", headers={"Authorization": f"Bearer {tokens['access_token']}"}
        )
        ear = Ear()
        await delivered(album, database_of, ear)
        assert len(ear.heard) == 1

    async def test_is_left_once_for_one_end(self, album: Album, database_of: OpenDatabase) -> None:
        await album.signs_in()
        await album.signs_out()
        await album.signs_out()
        ear = Ear()
        await delivered(album, database_of, ear)
        assert await delivered(album, database_of, ear) == 0
        assert len(ear.heard) == 1

    async def test_is_not_left_for_who_does_not_listen(
        self, album: Album, database_of: OpenDatabase
    ) -> None:
        await album.door.as_owner(
            "UPDATE platform.clients SET backchannel_logout_uri = NULL WHERE client_id = $1",
            album.name,
        )
        await album.signs_in()
        await album.signs_out()
        assert await delivered(album, database_of, Ear()) == 0

    async def test_is_not_delivered_to_who_listens_no_more(
        self, album: Album, database_of: OpenDatabase
    ) -> None:
        await album.signs_in()
        await album.signs_out()
        await album.door.as_owner(
            "UPDATE platform.clients SET backchannel_logout_uri = NULL WHERE client_id = $1",
            album.name,
        )
        ear = Ear()
        await delivered(album, database_of, ear)
        assert ear.heard == []


class TestInSpiteOf:
    @pytest.mark.parametrize(
        "trouble",
        [500, 503, 400, 302, httpx.ConnectError("away"), httpx.ReadTimeout("slow")],
        ids=["fault", "busy", "refused", "moved", "away", "slow"],
    )
    async def test_is_told_again_after(
        self, album: Album, database_of: OpenDatabase, trouble: int | Exception
    ) -> None:
        await album.signs_in()
        await album.signs_out()
        ear = Ear(trouble, 204)
        await delivered(album, database_of, ear)
        await self._hurry(album)
        await delivered(album, database_of, ear)
        assert len(ear.heard) == 2
        assert await self._waiting(album) == 0

    async def test_is_laid_aside_after_ten_refusals(
        self, album: Album, database_of: OpenDatabase
    ) -> None:
        await album.signs_in()
        await album.signs_out()
        ear = Ear(400)
        for _ in range(12):
            await delivered(album, database_of, ear)
            await self._hurry(album)
        assert len(ear.heard) == 10
        async with album.door.state.database.transaction(album.door.tenancies.kitami) as work:
            (dead,) = await JobQueue("platform").dead(work)
        assert (dead["kind"], dead["attempts"]) == (KIND, 10)
        assert album.name not in str(dead["last_error"])

    async def test_survives_a_messenger_that_was_killed(
        self, album: Album, database_of: OpenDatabase
    ) -> None:
        await album.signs_in()
        await album.signs_out()
        await delivered(album, database_of, Ear(KeyboardInterruptedDelivery()))
        await self._hurry(album)
        ear = Ear()
        await delivered(album, database_of, ear)
        assert len(ear.heard) == 1

    @pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1"])
    async def test_never_leads_back_into_the_house(
        self, album: Album, database_of: OpenDatabase, address: str
    ) -> None:
        await album.signs_in()
        await album.signs_out()
        ear = Ear()

        async def resolve(host: str, port: int) -> list[str]:
            del host, port
            return [address]

        await delivered(album, database_of, GuardedTransport(ear, resolve=resolve))
        assert ear.heard == []
        assert await self._waiting(album) == 1

    async def _hurry(self, album: Album) -> None:
        """Let the rest after a failure be over."""
        await album.door.as_owner(
            "UPDATE platform.jobs SET available_at = now() - interval '1 second'"
            " WHERE dead_at IS NULL AND tenant_id = $1",
            int(album.door.tenancies.kitami.tenant_id),
        )

    async def _waiting(self, album: Album) -> int:
        async with album.door.state.database.transaction(album.door.tenancies.kitami) as work:
            session = await work.session()
            connection = await session.connection()
            rows = await connection.exec_driver_sql("SELECT id FROM platform.jobs")
            return len(rows.all())


class KeyboardInterruptedDelivery(Exception):
    """Whatever may befall a messenger on the road."""
