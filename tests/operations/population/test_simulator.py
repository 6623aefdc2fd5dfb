"""The simulator can read who exists, and everybody with a card is on the register."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from foundation.identifiers import MunicipalityCode
from infra.identity.register import CardRecord, Condition, Register
from operations.population import DEMONSTRATIONS, Population, generate, write_simulator_files
from services.registry.residents.domain import Description, Grade, grade_of

ISSUER = "http://127.0.0.1:8200"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_simulator_files(tmp_path, base_url=ISSUER)
    return tmp_path


def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def _recognised(card: CardRecord, population: Population) -> Grade | None:
    """Return the best grade at which anybody on the register is the person of the card."""
    shown = Description(
        name=card.name,
        birth_on=card.birth_on,
        address=card.address,
        kana=card.kana,
        gender=card.gender,
    )
    grades = {
        grade_of(
            shown,
            Description(
                name=resident.name.formal,
                birth_on=resident.born_on,
                address=household.address.text,
                kana=resident.name.kana,
                gender=resident.gender,
            ),
        )
        for household in population.households
        for resident in household.residents
    }
    return Grade.EXACT if Grade.EXACT in grades else max(filter(None, grades), default=None)


class TestFiles:
    def test_are_accepted_by_the_simulator(self, folder: Path) -> None:
        Register(folder).check()

    def test_are_for_our_eyes_only(self, folder: Path) -> None:
        for name in ("cards.json", "officials.json", "clients.json"):
            assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600

    def test_are_left_alone_when_nothing_changed(self, folder: Path) -> None:
        before = (folder / "cards.json").stat().st_ino
        write_simulator_files(folder, base_url=ISSUER)
        assert (folder / "cards.json").stat().st_ino == before


class TestNewcomers:
    def test_are_there_after_everything_was_written_anew(self, folder: Path) -> None:
        minato = MunicipalityCode.parse("131032")
        write_simulator_files(folder, base_url=ISSUER, codes=(*DEMONSTRATIONS, minato))

        write_simulator_files(folder, base_url=ISSUER)

        people = _read(folder, "officials.json")["officials"]
        assert "administrator1" in {
            one["username"] for one in people if one["municipality_code"] == minato
        }
        assert "tamaire-131032" in {
            one["client_id"] for one in _read(folder, "clients.json")["resident"]
        }

    def test_keep_the_addresses_registered_here_and_no_others(self, folder: Path) -> None:
        clients = _read(folder, "clients.json")
        own = f"{ISSUER}/oauth/callback/012084/1"
        clients["official"]["012084"][0]["redirect_uris"] += [own, "http://127.0.0.1:9/callback"]
        (folder / "clients.json").write_text(json.dumps(clients), encoding="utf-8")

        write_simulator_files(folder, base_url=ISSUER)

        found = _read(folder, "clients.json")["official"]["012084"][0]["redirect_uris"]
        assert found == [f"{ISSUER}/oauth/callback", own]


class TestCards:
    def test_name_the_people_of_the_story(self, folder: Path) -> None:
        cards = Register(folder).cards()
        for card in (
            "kitami-hanako",
            "kitami-taro",
            "kitami-takasaki",
            "kitami-yoshida",
            "kitami-minor",
            "kitami-nguyen",
            "kinokawa-hanako",
            "chiyoda-hanako",
        ):
            assert cards[card].condition is Condition.OK

    def test_include_some_that_must_not_open_anything(self, folder: Path) -> None:
        cards = Register(folder).cards()
        assert cards["kitami-expired"].condition is Condition.EXPIRED
        assert cards["kitami-revoked"].condition is Condition.REVOKED

    def test_agree_with_the_register(self, folder: Path) -> None:
        known = {
            (code, resident.birth_text, resident.gender, household.address.text)
            for code in DEMONSTRATIONS
            for household in generate(code).households
            for resident in household.residents
        }
        for card in _read(folder, "cards.json")["cards"]:
            said = (card["municipality_code"], card["birth_on"], card["gender"], card["address"])
            assert said in known

    def test_are_recognised_by_the_register(self, folder: Path) -> None:
        grades = {
            card.card_id: _recognised(card, generate(MunicipalityCode.parse(code)))
            for code in DEMONSTRATIONS
            for card in Register(folder).cards().values()
            if card.municipality_code == code
        }
        folded = {name for name, grade in grades.items() if grade is Grade.NORMALISED}
        assert folded == {"kitami-newcomer", "kinokawa-newcomer", "chiyoda-newcomer"}
        assert all(grades.values())

    def test_of_children_under_fifteen_cannot_sign(self, folder: Path) -> None:
        cards = Register(folder).cards()
        assert cards["kitami-minor"].sign_pin is None
        assert cards["kitami-hanako"].sign_pin == "ABC123"

    def test_flag_the_glyphs_they_print_in_another_shape(self, folder: Path) -> None:
        card = Register(folder).cards()["kitami-newcomer"]
        assert (card.name, card.name_substitutes) == ("斉藤　涼", "1000")


class TestOfficials:
    @pytest.mark.parametrize("code", DEMONSTRATIONS)
    def test_fill_every_role_and_share_no_name(self, folder: Path, code: str) -> None:
        officials = Register(folder).officials(code)
        assert len(officials) == 12
        groups = {group for official in officials.values() for group in official.groups}
        assert groups == {
            "registrar",
            "benefits_officer",
            "treasurer",
            "clerk",
            "counsellor",
            "administrator",
            "auditor",
        }

    def test_let_two_people_share_the_work_that_needs_four_eyes(self, folder: Path) -> None:
        officials = Register(folder).officials("012084")
        assert officials["treasurer1"].groups == officials["treasurer2"].groups == ("treasurer",)


class TestClients:
    def test_make_the_gateway_another_party_in_every_town(self, folder: Path) -> None:
        clients = Register(folder).resident_clients()
        assert set(clients) == {f"tamaire-{code}" for code in DEMONSTRATIONS}
        ways_back = (f"{ISSUER}/oauth/callback", f"{ISSUER}/oauth/signed")
        assert clients["tamaire-012084"].redirect_uris == ways_back

    def test_know_the_gateway_at_each_town_hall(self, folder: Path) -> None:
        assert set(Register(folder).official_clients("302082")) == {"tamaire"}
