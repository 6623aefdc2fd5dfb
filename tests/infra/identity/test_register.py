"""The three lists are read strictly, and a fault in them is named without repeating a secret."""

import json
from pathlib import Path

import pytest

from infra.identity.register import Register
from infra.identity.settings import SimulatorRefused
from tests.infra.identity.world import CALLBACK, OFFICIALS, card, write_lists

WRONG_CARDS: dict[str, list[dict[str, object]]] = {
    "PIN of three digits": [card("a", pin="123")],
    "PIN as number": [card("a", pin=1234)],
    "PIN in full-width digits": [card("a", pin="\uff11\uff12\uff13\uff14")],
    "signing PIN too short": [card("a", sign_pin="ABC12")],
    "signing PIN in small letters": [card("a", sign_pin="abc123")],
    "card_id that climbs": [card("../../etc")],
    "unknown gender": [card("a", gender="3")],
    "unknown condition": [card("a", condition="broken")],
    "unknown field": [card("a", my_number="123456789018")],
    "no such day": [card("a", birth_on="2023-02-29")],
    "flags of another length": [card("a", name_substitutes="01")],
    "the same card twice": [card("a"), card("a")],
}

WRONG_CLIENTS: dict[str, dict[str, object]] = {
    "no callback": {"redirect_uris": []},
    "relative callback": {"redirect_uris": ["/callback"]},
    "callback with fragment": {"redirect_uris": [f"{CALLBACK}#x"]},
    "script as callback": {"redirect_uris": ["javascript:alert(1)"]},
    "no keys": {"jwks_uri": None},
    "two sources of keys": {"jwks": {"keys": []}},
    "a secret": {"client_secret": "x"},
}


class TestCheck:
    def test_accepts_lists_in_order(self, tmp_path: Path) -> None:
        write_lists(tmp_path, [card("a", condition="ok", name_substitutes="10000")])
        Register(tmp_path).check()

    @pytest.mark.parametrize("case", WRONG_CARDS)
    def test_refuses_a_wrong_card(self, tmp_path: Path, case: str) -> None:
        write_lists(tmp_path, WRONG_CARDS[case])
        with pytest.raises(SimulatorRefused, match=r"cards\.json"):
            Register(tmp_path).check()

    @pytest.mark.parametrize("case", WRONG_CLIENTS)
    def test_refuses_a_wrong_client(self, tmp_path: Path, case: str) -> None:
        write_lists(tmp_path, [card("a")])
        client = {"client_id": "a", "redirect_uris": [CALLBACK], "jwks_uri": "http://x.test"}
        content = {"resident": [client | WRONG_CLIENTS[case]]}
        (tmp_path / "clients.json").write_text(json.dumps(content))
        with pytest.raises(SimulatorRefused, match=r"clients\.json"):
            Register(tmp_path).check()

    def test_refuses_two_officials_of_one_name_in_one_municipality(self, tmp_path: Path) -> None:
        write_lists(tmp_path, [card("a")])
        content = {"officials": [OFFICIALS[0], OFFICIALS[0]]}
        (tmp_path / "officials.json").write_text(json.dumps(content))
        with pytest.raises(SimulatorRefused, match="same username"):
            Register(tmp_path).check()

    @pytest.mark.parametrize("name", ["cards.json", "officials.json", "clients.json"])
    def test_refuses_to_go_without_a_list(self, tmp_path: Path, name: str) -> None:
        write_lists(tmp_path, [card("a")])
        (tmp_path / name).unlink()
        with pytest.raises(SimulatorRefused, match=name):
            Register(tmp_path).check()

    def test_repeats_no_secret_in_its_message(self, tmp_path: Path) -> None:
        write_lists(tmp_path, [card("a", pin="98765", name="秘密 太郎", gender="x")])
        with pytest.raises(SimulatorRefused) as refused:
            Register(tmp_path).check()
        assert "cards.0.pin" in str(refused.value)
        assert "98765" not in str(refused.value)
        assert "秘密" not in str(refused.value)

    def test_writes_names_in_composed_form(self, tmp_path: Path) -> None:
        write_lists(tmp_path, [card("a", name="か\u3099")])
        assert Register(tmp_path).cards()["a"].name == "が"
