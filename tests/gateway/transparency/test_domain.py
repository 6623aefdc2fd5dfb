"""An entry of the trail, said in a sentence."""

from typing import Any

import pytest

from foundation.identity import Purpose
from gateway.representations.acts import ACTS
from gateway.transparency.domain import Told, sentence, sentence_ja


def told(**changes: Any) -> Told:
    given: dict[str, Any] = {
        "action": "benefits.application.read",
        "actor_kind": "official",
        "own": False,
        "purpose": None,
        "service": "benefits",
        "decision": "allowed",
    }
    return Told(**(given | changes))


class TestSentence:
    @pytest.mark.parametrize("purpose", Purpose)
    def test_has_a_word_for_every_purpose(self, purpose: Purpose) -> None:
        entry = told(purpose=purpose.value, decision="denied")
        assert purpose.value not in sentence_ja(entry)
        assert sentence_ja(entry).endswith("断られました。")
        assert "was refused" in sentence(entry)

    def test_names_the_office_somebody_came_from_to_assist(self) -> None:
        entry = told(office="北海道")
        assert sentence_ja(entry) == "自治体を支援する北海道の職員が、給付の情報を利用しました。"
        assert sentence(entry) == (
            "An official of 北海道, who assists the municipality, used information of benefits."
        )

    def test_says_what_the_codes_say(self) -> None:
        entry = told(purpose="payment", service="registry")
        assert sentence_ja(entry) == "自治体の職員が、支払のために、住民登録の情報を利用しました。"
        assert sentence(entry) == (
            "An official of the municipality used information of the resident register"
            " (purpose: a payment)."
        )


class TestOfRepresentation:
    """What is done with the registration of a representative is called that."""

    @pytest.mark.parametrize(
        ("action", "changes", "japanese", "english"),
        [
            (
                "platform.representation.take-up",
                {"actor_kind": "resident", "relationship": "隣人"},
                "代理人(隣人)が、代理の登録を使いました。",
                "Your representative (隣人) used a registration to act for you.",
            ),
            (
                "platform.representation.held",
                {"actor_kind": "resident"},
                "代理人が、代理の登録を見ました。",
                "A representative looked at a registration to act for somebody.",
            ),
            (
                "platform.representation.confirm",
                {"purpose": "registration"},
                "自治体の職員が、住民登録の管理のために、代理の登録を確認しました。",
                (
                    "An official of the municipality checked a registration to act for somebody"
                    " (purpose: keeping the register)."
                ),
            ),
            (
                "platform.mandate.confirm",
                {},
                "自治体の職員が、代理の登録を確認しました。",
                "An official of the municipality checked a registration to act for somebody.",
            ),
            (
                "platform.representation.request",
                {"actor_kind": "resident", "own": True},
                "あなたご自身が、代理の登録を申し出ました。",
                "You yourself asked for a registration to act for somebody.",
            ),
        ],
    )
    def test_says_who_did_what(
        self, action: str, changes: dict[str, Any], japanese: str, english: str
    ) -> None:
        entry = told(action=action, service="platform", **changes)
        assert (sentence_ja(entry), sentence(entry)) == (japanese, english)

    @pytest.mark.parametrize("action", [act.action for act in ACTS])
    @pytest.mark.parametrize("decision", ["allowed", "denied"])
    def test_never_speaks_of_another_resident_or_of_signing_in(
        self, action: str, decision: str
    ) -> None:
        entry = told(action=action, service="platform", actor_kind="resident", decision=decision)
        said = sentence_ja(entry)
        assert "代理の登録" in said
        assert "別の住民" not in said
        assert "サインイン" not in said
