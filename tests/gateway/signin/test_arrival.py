"""Who somebody becomes when they are received: a session, a name of this town, a record."""

import asyncpg
import pytest

from foundation.audit import entries_of_tenant
from foundation.identifiers import new_id
from tests.support.forgery import claims_of
from tests.support.front_door import CARD, FrontDoor


class TestBinding:
    async def test_binds_a_resident_found_in_the_register(self, door: FrontDoor) -> None:
        resident_id = new_id()
        door.register.residents["北見　花子"] = resident_id
        tokens = await door.resident_tokens()
        assert claims_of(tokens["access_token"])["resident_id"] == str(resident_id)
        said = (await door.me(tokens["access_token"])).json()
        assert (said["binding"], said["resident"]["resident_id"]) == ("bound", str(resident_id))

    async def test_passes_on_all_four_attributes(self, door: FrontDoor) -> None:
        await door.code()
        ((tenancy, card),) = door.register.asked
        assert tenancy == door.tenancies.kitami
        assert (card.name, card.address) == (CARD["name"], CARD["address"])
        assert (card.birth_on.isoformat(), card.gender) == ("1992-04-15", "2")

    async def test_asks_the_register_only_the_first_time(self, door: FrontDoor) -> None:
        door.register.residents["北見　花子"] = new_id()
        first = await door.resident_tokens()
        second = await door.resident_tokens()
        assert len(door.register.asked) == 1
        both = (claims_of(first["access_token"]), claims_of(second["access_token"]))
        assert both[0]["resident_id"] == both[1]["resident_id"]

    async def test_lets_an_unmatched_resident_in_and_says_what_to_do(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        assert "resident_id" not in claims_of(tokens["access_token"])
        said = (await door.me(tokens["access_token"])).json()
        assert said["binding"] == "unmatched"
        assert "窓口" in said["resident"]["next_step"]["ja"]

    async def test_lets_a_resident_in_while_the_register_is_away(self, door: FrontDoor) -> None:
        door.register.is_down = True
        tokens = await door.resident_tokens()
        said = (await door.me(tokens["access_token"])).json()
        assert said["binding"] == "unavailable"

    @pytest.mark.parametrize(
        "card",
        [
            {},
            CARD | {"birthdate": "1992-13-45"},
            CARD | {"birthdate": "４月１５日"},
            CARD | {"gender": "unknown"},
            CARD | {"name": ["北見"]},
            CARD | {"address": {"country": "JP"}},
            CARD | {"name": "北" * 501},
        ],
        ids=["none", "no day", "no date", "no gender", "no name", "no address", "a long name"],
    )
    async def test_asks_nothing_with_attributes_that_cannot_be_read(
        self, door: FrontDoor, card: dict[str, object]
    ) -> None:
        await door.code(says=card)
        assert door.register.asked == []

    async def test_finds_a_resident_bound_at_the_counter_meanwhile(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        resident_id = new_id()
        connection = await asyncpg.connect(door.house.dsn("platform_owner"))
        await connection.execute(
            "INSERT INTO platform.resident_bindings"
            " SELECT tenant_id, person, $2, 'official', now() FROM platform.sessions"
            " WHERE tenant_id = $1",
            int(door.tenancies.kitami.tenant_id),
            resident_id,
        )
        await connection.close()
        said = (await door.me(tokens["access_token"])).json()
        assert said["resident"]["resident_id"] == str(resident_id)
        following = (await door.refresh(tokens["refresh_token"])).json()
        assert claims_of(following["access_token"])["resident_id"] == str(resident_id)


class TestPseudonyms:
    async def test_one_person_is_two_people_in_two_municipalities(self, door: FrontDoor) -> None:
        here = await door.resident_tokens(door.tenancies.kitami)
        there = await door.resident_tokens(door.tenancies.kinokawa)
        assert claims_of(here["access_token"])["sub"] != claims_of(there["access_token"])["sub"]

    async def test_one_person_stays_the_same_in_one_municipality(self, door: FrontDoor) -> None:
        first, second = await door.resident_tokens(), await door.resident_tokens()
        assert claims_of(first["access_token"])["sub"] == claims_of(second["access_token"])["sub"]

    async def test_the_provider_s_name_of_a_person_is_written_nowhere(
        self, door: FrontDoor
    ) -> None:
        await door.resident_tokens(subject="ppid-canary-4711")
        await door.official_tokens("clerk", username="clerk-canary-4711")
        connection = await asyncpg.connect(door.house.dsn("platform_owner"))
        tables = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'platform'::regnamespace"
            " AND relkind = 'r'"
        )
        for (name,) in tables:
            found = await connection.fetchval(
                f"SELECT count(*) FROM platform.{name} t WHERE t::text LIKE '%canary-4711%'"
                " OR t::text LIKE '%花子%' OR t::text LIKE '%栄町%'"
            )
            assert found == 0, name
        await connection.close()


class TestTrail:
    async def test_a_sign_in_leaves_an_entry_about_the_resident(self, door: FrontDoor) -> None:
        resident_id = new_id()
        door.register.residents["北見　花子"] = resident_id
        await door.code()
        async with door.state.database.transaction(door.tenancies.kitami) as work:
            (entry,) = await entries_of_tenant(work)
        assert entry["action"] == "platform.sign-in"
        assert list(entry["subjects"]) == [resident_id]
        assert "花子" not in entry["detail"]
