"""The gateway may change its keys without a service being started again."""

import json
import os
from pathlib import Path

import pytest

from foundation.identifiers import MunicipalityCode, TenantId
from foundation.identity import Caller, InternalTokenIssuer, InvalidToken, SigningKey
from foundation.tenancy import Tenancy
from foundation.web.state import Gatekeeper
from tests.support.callers import a_machine

CALLER = Caller(
    principal=a_machine(), tenancy=Tenancy(TenantId(1), MunicipalityCode.parse("012084"))
)


def _publish(path: Path, *keys: SigningKey, at: int) -> None:
    path.write_text(json.dumps({"keys": [key.public() for key in keys]}), encoding="utf-8")
    os.utime(path, ns=(at, at))


class TestGatekeeper:
    def test_believes_a_key_that_was_added_meanwhile(self, tmp_path: Path) -> None:
        old, new = SigningKey.generate("Ed25519"), SigningKey.generate("Ed25519")
        path = tmp_path / "keys.json"
        _publish(path, old, at=1)
        gatekeeper = Gatekeeper(path, audience="benefits")
        token = InternalTokenIssuer(new).mint(CALLER, audience="benefits")
        with pytest.raises(InvalidToken):
            gatekeeper.verify(token)
        _publish(path, old, new, at=2)
        assert gatekeeper.verify(token).principal.subject == "demo-vendor"

    def test_does_not_believe_a_key_that_was_never_there(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        _publish(path, SigningKey.generate("Ed25519"), at=1)
        gatekeeper = Gatekeeper(path, audience="benefits")
        stranger = InternalTokenIssuer(SigningKey.generate("Ed25519"))
        _publish(path, SigningKey.generate("Ed25519"), at=2)
        with pytest.raises(InvalidToken):
            gatekeeper.verify(stranger.mint(CALLER, audience="benefits"))

    def test_believes_a_key_that_was_taken_away_for_a_second_at_most(self, tmp_path: Path) -> None:
        old, new, now = SigningKey.generate("Ed25519"), SigningKey.generate("Ed25519"), [0.0]
        path = tmp_path / "keys.json"
        _publish(path, old, at=1)
        gatekeeper = Gatekeeper(path, audience="benefits", monotonic=lambda: now[0])
        token = InternalTokenIssuer(old).mint(CALLER, audience="benefits")
        gatekeeper.verify(token)
        _publish(path, new, at=2)
        now[0] = 1.1
        with pytest.raises(InvalidToken):
            gatekeeper.verify(token)
