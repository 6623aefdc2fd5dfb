"""Signing keys as files, and how they are changed under a running gateway's eyes."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from foundation import clock
from foundation.identity import InvalidToken, SigningKey
from foundation.identity.key_ring import ACCESS_TOKENS, INTERNAL, KeyRing

SOON = timedelta(seconds=1)
SPOILED = {
    "half a plan": "{",
    "an empty plan": '{"keys": []}',
    "a plan that leads elsewhere": '{"keys": [{"name": "../x", "published_at":'
    ' "2026-01-01T00:00:00+00:00", "used_from": null}]}',
    "no keys": None,
}


def ring_in(folder: Path) -> KeyRing:
    return KeyRing.load_or_create(folder, ACCESS_TOKENS)


def believes(ring: KeyRing, token: str) -> bool:
    try:
        ring.public.verify(token, typ="at+jwt", algorithm="ES256")
    except InvalidToken:
        return False
    return True


class TestKeyRing:
    def test_is_made_once(self, tmp_path: Path) -> None:
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(ring_in, [tmp_path] * 4))
        assert len({ring.signing.kid for ring in made}) == 1
        assert len({json.dumps(ring.document()) for ring in made}) == 1

    def test_publishes_the_next_key_before_it_signs(self, tmp_path: Path) -> None:
        ring = ring_in(tmp_path)
        signs, waits = (key["kid"] for key in ring.document()["keys"])
        assert ring.signing.kid == signs
        with clock.frozen(clock.now() + timedelta(days=1)):
            ring.rotate(lead=SOON)
            assert ring.reload()
            assert ring.signing.kid == waits

    def test_takes_up_a_rotation_by_somebody_else(self, tmp_path: Path) -> None:
        here, there = ring_in(tmp_path), ring_in(tmp_path)
        with clock.frozen(clock.now() + timedelta(seconds=2)):
            there.rotate(lead=SOON)
            assert (here.reload(), there.reload()) == (True, True)
            assert here.signing.kid == there.signing.kid
            assert (here.reload(), there.reload()) == (False, False)

    def test_who_has_not_looked_yet_believes_the_new_key_all_the_same(self, tmp_path: Path) -> None:
        here, there = ring_in(tmp_path), ring_in(tmp_path)
        with clock.frozen(clock.now() + timedelta(seconds=2)):
            there.rotate(lead=SOON)
            there.reload()
            assert believes(here, there.sign({"sub": "x"}, typ="at+jwt"))

    def test_believes_what_a_retired_key_signed_until_it_expired(self, tmp_path: Path) -> None:
        ring, now = ring_in(tmp_path), clock.now()
        old = ring.sign({"sub": "x"}, typ="at+jwt")
        with clock.frozen(now + timedelta(seconds=2)):
            ring.rotate(lead=SOON)
            ring.reload()
        for minutes, is_believed in ((1, True), (10, True), (12, False)):
            with clock.frozen(now + timedelta(minutes=minutes)):
                ring.reload()
                assert believes(ring, old) is is_believed

    def test_removes_the_file_of_a_key_that_is_withdrawn(self, tmp_path: Path) -> None:
        ring, now = ring_in(tmp_path), clock.now()
        for minutes in (1, 15, 30):
            with clock.frozen(now + timedelta(minutes=minutes)):
                ring.rotate(lead=SOON)
                ring.reload()
        files = sorted(path.name for path in (tmp_path / "access-tokens").glob("*.pem"))
        assert files == ["0003.pem", "0004.pem", "0005.pem"]
        assert [key.name for key, _, _ in ring.states()] == ["0003", "0004", "0005"]

    def test_is_read_by_its_owner_alone(self, tmp_path: Path) -> None:
        ring_in(tmp_path).rotate(lead=SOON)
        for path in (tmp_path / "access-tokens").iterdir():
            assert path.stat().st_mode & 0o077 == 0, path.name

    def test_lets_two_rotate_at_once(self, tmp_path: Path) -> None:
        ring = ring_in(tmp_path)
        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(ring_in(tmp_path).rotate, lead=SOON) for _ in range(4)]:
                done.result()
        ring.reload()
        assert [key.name for key, _, _ in ring.states()] == [f"{n:04}" for n in range(1, 7)]

    def test_believes_nothing_any_more_once_it_was_betrayed(self, tmp_path: Path) -> None:
        ring = ring_in(tmp_path)
        old = ring.sign({}, typ="at+jwt")
        ring.replace()
        assert ring.reload()
        assert not believes(ring, old)
        assert believes(ring, ring.sign({}, typ="at+jwt"))
        assert len(list((tmp_path / "access-tokens").glob("*.pem"))) == 2

    @pytest.mark.parametrize("plan", SPOILED.values(), ids=SPOILED)
    def test_keeps_what_it_has_when_the_folder_is_spoiled(
        self, tmp_path: Path, plan: str | None
    ) -> None:
        ring, folder = ring_in(tmp_path), tmp_path / "access-tokens"
        signing = ring.signing.kid
        if plan is None:
            for path in folder.glob("*.pem"):
                path.unlink()
        else:
            (folder / "plan.json").write_text(plan)
        with pytest.raises((OSError, ValueError)):
            ring.reload()
        assert ring.signing.kid == signing
        assert believes(ring, ring.sign({}, typ="at+jwt"))

    def test_takes_no_key_of_another_kind(self, tmp_path: Path) -> None:
        SigningKey.load_or_create(tmp_path / "access-tokens" / "0001.pem", "Ed25519")
        with pytest.raises(ValueError, match="ES256"):
            ring_in(tmp_path)

    def test_signs_what_travels_behind_the_gateway_with_another_kind(self, tmp_path: Path) -> None:
        assert KeyRing.load_or_create(tmp_path, INTERNAL).signing.algorithm == "Ed25519"
