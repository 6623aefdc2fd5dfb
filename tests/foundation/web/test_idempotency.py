"""What is sent twice takes effect once, and both times gets the same answer."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import pytest

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import Role
from foundation.web import AppState
from foundation.web.idempotency import KEPT_FOR, REPLAYED, statements_of
from tests.foundation.web.conftest import Office
from tests.foundation.web.example import SERVICE
from tests.support.callers import a_representative, an_official

NOTES = "/benefits/v1/notes"
NOTE = {"text": "控え", "amount": 3}


def _key(value: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": value or str(new_id())}


class TestRepeat:
    async def test_gets_the_same_answer_and_has_no_second_effect(self, office: Office) -> None:
        clerk, key = office.clerk(), _key()
        first = await clerk.post(NOTES, json=NOTE, headers=key)
        second = await clerk.post(NOTES, json=NOTE, headers=key)
        assert (second.status_code, second.content) == (201, first.content)
        for name in ("location", "etag", "content-type"):
            assert second.headers[name] == first.headers[name]
        assert REPLAYED not in first.headers
        assert second.headers[REPLAYED] == "true"
        assert await office.effects() == 1

    async def test_is_on_record_as_one_and_about_the_same_people(self, office: Office) -> None:
        clerk, key = office.clerk(), _key()
        await clerk.post(NOTES, json=NOTE, headers=key)
        await clerk.post(NOTES, json=NOTE, headers=key)
        first, second = await office.entries()
        assert json.loads(second["detail"]) == {"replayed": True}
        assert second["subjects"] == first["subjects"] != []

    async def test_is_known_in_another_spelling_of_the_same_content(self, office: Office) -> None:
        clerk, key = office.clerk(), _key() | {"Content-Type": "application/json"}
        await clerk.post(NOTES, content=b'{"text":"a","amount":1}', headers=key)
        second = await clerk.post(NOTES, content=b'{ "amount": 1, "text": "a" }', headers=key)
        assert second.headers[REPLAYED] == "true"

    async def test_with_another_content_is_refused(self, office: Office) -> None:
        clerk, key = office.clerk(), _key()
        await clerk.post(NOTES, json=NOTE, headers=key)
        second = await clerk.post(NOTES, json={**NOTE, "amount": 4}, headers=key)
        assert second.status_code == 422
        assert second.json()["type"] == "/problems/platform/idempotency-key-reused"
        assert await office.effects() == 1

    async def test_at_another_address_is_refused(self, office: Office) -> None:
        clerk, key = office.clerk(), _key()
        await clerk.post(NOTES, json=NOTE, headers=key)
        second = await clerk.post(f"{NOTES}/failing", json=NOTE, headers=key)
        assert second.json()["type"] == "/problems/platform/idempotency-key-reused"

    async def test_of_something_refused_is_tried_anew(self, office: Office) -> None:
        clerk, key = office.clerk(), _key()
        assert (await clerk.post(NOTES, json={"text": ""}, headers=key)).status_code == 422
        assert (await clerk.post(NOTES, json=NOTE, headers=key)).status_code == 201

    async def test_after_its_time_is_a_new_request(self, office: Office) -> None:
        clerk, key = office.clerk(), _key()
        with clock.frozen(clock.now() - KEPT_FOR - timedelta(minutes=1)):
            await clerk.post(NOTES, json=NOTE, headers=key)
        second = await clerk.post(NOTES, json={**NOTE, "amount": 9}, headers=key)
        assert second.status_code == 201
        assert (await office.effects(), await office.kept_answers()) == (2, 1)


class TestKeys:
    async def test_of_two_people_are_two_keys(self, office: Office) -> None:
        key = _key("same")
        await office.clerk().post(NOTES, json=NOTE, headers=key)
        await office.clerk().post(NOTES, json=NOTE, headers=key)
        assert await office.effects() == 2

    async def test_of_one_who_acts_for_two_are_two_keys(self, office: Office) -> None:
        key = _key("same")
        for person in (UUID(int=1), UUID(int=2)):
            acting = a_representative(person, subject="one-and-the-same")
            answer = await office.client.as_(acting, tenancy=office.tenancies.kitami).post(
                NOTES, json=NOTE, headers=key
            )
            assert answer.status_code == 201
            assert REPLAYED not in answer.headers
        assert await office.effects() == 2

    async def test_of_two_municipalities_are_two_keys(self, office: Office) -> None:
        official, key = an_official(Role.CLERK), _key("same")
        for tenancy in (office.tenancies.kitami, office.tenancies.chiyoda):
            answer = await office.client.as_(official, tenancy=tenancy).post(
                NOTES, json=NOTE, headers=key
            )
            assert REPLAYED not in answer.headers
        assert await office.effects(office.tenancies.chiyoda) == 1

    async def test_are_required_of_everything_with_an_effect(self, office: Office) -> None:
        caller = office.clerk().caller
        response = await office.client.http.post(
            NOTES, json=NOTE, headers={"Authorization": f"Internal {office.token(caller)}"}
        )
        assert response.status_code == 400
        assert response.json()["type"] == "/problems/platform/idempotency-key-missing"

    async def test_are_not_asked_of_a_search(self, office: Office) -> None:
        caller = office.clerk().caller
        response = await office.client.http.post(
            f"{NOTES}/search",
            json=NOTE,
            headers={"Authorization": f"Internal {office.token(caller)}"},
        )
        assert response.status_code == 200

    @pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256])
    async def test_are_one_visible_word(self, office: Office, key: str) -> None:
        response = await office.clerk().post(NOTES, json=NOTE, headers={"Idempotency-Key": key})
        assert response.status_code == 400

    async def test_keep_no_answer_that_others_can_read(self, office: Office) -> None:
        await office.clerk().post(NOTES, json=NOTE, headers=_key())
        (row,) = await office.witness.fetch(
            "SELECT response, fingerprint FROM benefits.idempotency_keys WHERE tenant_id = $1",
            office.tenancies.kitami.tenant_id,
        )
        assert "控え".encode() not in row["response"]
        assert len(row["fingerprint"]) == 16


class TestAtTheSameMoment:
    async def test_exactly_one_takes_effect_and_the_others_hear_of_it(self, office: Office) -> None:
        clerk, key = office.clerk(), _key()
        answers = await asyncio.gather(
            *(clerk.post(NOTES, json=NOTE, headers=key) for _ in range(8))
        )
        assert await office.effects() == 1
        fresh = [a for a in answers if a.status_code == 201 and REPLAYED not in a.headers]
        assert len(fresh) == 1
        for answer in answers:
            assert answer.status_code in {201, 409}
            if answer.status_code == 409:
                assert answer.json()["type"] == "/problems/platform/request-in-flight"
                assert answer.headers["retry-after"] == "1"


class TestSweep:
    async def test_takes_away_what_has_expired_and_nothing_else(self, office: Office) -> None:
        with clock.frozen(clock.now() - KEPT_FOR - timedelta(minutes=1)):
            await office.clerk().post(NOTES, json=NOTE)
        await office.clerk().post(NOTES, json=NOTE)
        assert await office.kept_answers() == 2
        state: AppState = office.client.application.state.office
        async with state.database.transaction(office.tenancies.kitami) as tx:
            swept = await tx.execute(statements_of(SERVICE).sweep, now=clock.now(), rows=10)
        assert (swept, await office.kept_answers()) == (1, 1)
