"""An entry of the trail, said in a sentence."""

import pytest

from foundation.identity import Purpose
from gateway.transparency.domain import sentence


class TestSentence:
    @pytest.mark.parametrize("purpose", Purpose)
    def test_has_a_word_for_every_purpose(self, purpose: Purpose) -> None:
        said = sentence(
            actor_kind="official",
            own=False,
            purpose=purpose.value,
            service="benefits",
            decision="denied",
        )
        assert purpose.value not in said
        assert said.endswith("断られました。")

    def test_says_what_the_codes_say(self) -> None:
        said = sentence(
            actor_kind="official",
            own=False,
            purpose="payment",
            service="registry",
            decision="allowed",
        )
        assert said == "自治体の職員が、支払のために、住民登録の情報を利用しました。"
