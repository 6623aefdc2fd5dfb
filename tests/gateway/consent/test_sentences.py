"""That nobody is asked for anything in words they cannot understand."""

import re

import pytest

from gateway.clients.domain import KIND_SCOPES, SCOPES
from gateway.consent.sentences import SENTENCES, askable, in_order

_JARGON = re.compile(r"API|scope|スコープ|トークン|クライアント|ID|アクセス", re.IGNORECASE)


class TestSentences:
    @pytest.mark.parametrize("scope", SCOPES)
    def test_says_every_scope_in_both_languages(self, scope: str) -> None:
        sentence = SENTENCES[scope]
        assert sentence.ja.endswith("。")
        assert sentence.en.endswith(".")

    @pytest.mark.parametrize("scope", sorted(SENTENCES))
    def test_uses_no_word_of_the_trade(self, scope: str) -> None:
        assert _JARGON.search(SENTENCES[scope].ja) is None
        assert scope not in SENTENCES[scope].en

    def test_has_no_sentence_for_what_does_not_exist(self) -> None:
        assert SENTENCES.keys() <= set(SCOPES)

    def test_says_no_two_things_with_the_same_words(self) -> None:
        assert len({sentence.ja for sentence in SENTENCES.values()}) == len(SENTENCES)

    @pytest.mark.parametrize("scope", ["registry:read", "benefits:read", "benefits:write"])
    def test_marks_what_people_may_wish_to_keep_close(self, scope: str) -> None:
        assert SENTENCES[scope].is_sensitive

    def test_asks_for_nothing_it_has_no_words_for(self) -> None:
        assert askable({"openid", "registry:match", "unheard:of"}) == {"openid"}

    def test_reads_out_who_one_is_before_what_is_opened(self) -> None:
        assert in_order(KIND_SCOPES["resident"])[0] == "openid"
