"""Asking the register who somebody is."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import pytest

from foundation.identifiers import MunicipalityCode, TenantId, new_id
from foundation.identity import (
    InternalTokenIssuer,
    InternalTokenVerifier,
    KeySet,
    Machine,
    Purpose,
    SigningKey,
)
from foundation.tenancy import Tenancy
from gateway.bindings.matching import (
    CardFace,
    RegisterUnavailable,
    RegistryMatcher,
    card_face,
)
from gateway.forwarding.failures import ConnectionLost

KITAMI = Tenancy(TenantId(7), MunicipalityCode.parse("012084"))
KEY = SigningKey.generate("Ed25519")
HANAKO = CardFace(name="北見　花子", birth_on=date(1992, 4, 15), gender="2", address="北見市")


@dataclass
class FakeRegistry:
    """Our own port of the registry service; answers what it was told to."""

    status: int = 404
    body: bytes = b"{}"
    is_away: bool = False
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(
        default_factory=list[tuple[str, str, dict[str, str], bytes]]
    )

    async def request(
        self,
        method: str,
        path: str,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> tuple[int, object, bytes]:
        self.asked.append((method, path, dict(headers), body))
        if self.is_away:
            raise ConnectionLost("away")
        return self.status, (), self.body


class TestMatch:
    async def test_asks_as_the_gateways_own_machine(self) -> None:
        registry = FakeRegistry()
        assert (
            await RegistryMatcher(registry, internal=InternalTokenIssuer(KEY)).match(KITAMI, HANAKO)
            is None
        )
        ((method, path, headers, body),) = registry.asked
        assert (method, path) == ("POST", "/registry/v1/matches")
        assert json.loads(body) == {
            "name": "北見　花子",
            "birth_on": "1992-04-15",
            "gender": "2",
            "address": "北見市",
        }
        token = headers["authorization"].removeprefix("Internal ")
        caller = InternalTokenVerifier(KeySet.of(KEY), "registry").verify(token)
        assert caller.principal == Machine(
            client_id="gateway", scopes=frozenset({"registry:match"})
        )
        assert (caller.tenancy, caller.purpose) == (KITAMI, Purpose.REGISTRATION)

    @pytest.mark.parametrize("grade", ["exact", "normalised"])
    async def test_returns_the_record_and_how_it_was_found(self, grade: str) -> None:
        resident_id = new_id()
        said = json.dumps({"resident_id": str(resident_id), "grade": grade}).encode()
        registry = FakeRegistry(status=200, body=said)
        found = await RegistryMatcher(registry, internal=InternalTokenIssuer(KEY)).match(
            KITAMI, HANAKO
        )
        assert found is not None
        assert (found.resident_id, found.grade) == (resident_id, grade)

    @pytest.mark.parametrize(
        "registry",
        [
            FakeRegistry(is_away=True),
            FakeRegistry(status=500),
            FakeRegistry(status=401),
            FakeRegistry(status=200, body=b"<html>"),
            FakeRegistry(status=200, body=b"{}"),
            FakeRegistry(status=200, body=b'{"resident_id": "x", "grade": "exact"}'),
            FakeRegistry(status=200, body=b'{"resident_id": 1, "grade": "guessed"}'),
        ],
        ids=["away", "500", "401", "no JSON", "empty", "no record", "an unknown grade"],
    )
    async def test_tells_silence_from_nobody(self, registry: FakeRegistry) -> None:
        matcher = RegistryMatcher(registry, internal=InternalTokenIssuer(KEY))
        with pytest.raises(RegisterUnavailable):
            await matcher.match(KITAMI, HANAKO)


class TestCardFace:
    @pytest.mark.parametrize("birthdate", ["19920415", "1992-04-15"])
    @pytest.mark.parametrize("gender", ["2", "female", 2], ids=["text", "word", "number"])
    @pytest.mark.parametrize("address", ["北見市", {"formatted": "北見市"}])
    def test_reads_every_form_a_provider_writes(
        self, birthdate: str, gender: object, address: object
    ) -> None:
        claims = {"name": "北見　花子", "birthdate": birthdate, "gender": gender}
        assert card_face(claims | {"address": address}) == HANAKO

    def test_is_not_shown_when_printed(self) -> None:
        assert "花子" not in repr(HANAKO)
        assert "北見市" not in repr(HANAKO)
