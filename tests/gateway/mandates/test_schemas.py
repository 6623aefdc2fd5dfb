"""What a resident writes into a mandate stays a word in its sentence."""

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.mandates.schemas import Relationship

_WORD = TypeAdapter[str](Relationship)


class TestRelationship:
    @pytest.mark.parametrize(
        "word", ["母", "長男の妻", "いとこ", "パートナー", "父・母", "友人2", "佐々木家", "curator"]
    )
    def test_is_a_word(self, word: str) -> None:
        assert _WORD.validate_python(word) == word

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "子\u202e人理代\u202c",
            "子)。\u2066",
            "子)を代理人としません。(続柄:子",
            "子(孫)",
            "子、孫",
            "「子」",
            "子\u2028次",
            "子\u200b",
            "子\n",
            "子" * 21,
        ],
    )
    def test_is_no_sentence_and_nothing_unseen(self, text: str) -> None:
        with pytest.raises(ValidationError):
            _WORD.validate_python(text)
