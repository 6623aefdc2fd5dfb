"""No name, number or secret passes into a log, under whatever key and however it is written."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from pydantic import SecretStr
from typing_extensions import override

from foundation.telemetry import BLANK, redacted, redacted_text
from foundation.telemetry.redaction import entry, is_sensitive_key

_ADVERBS = st.sampled_from(["", "name_display", "resident", "old", "given"])
_SENSITIVE = st.sampled_from(
    ["name", "kana", "address", "birth", "account", "pin", "token", "authorization", "password"]
)
_WORDS = st.text(
    st.characters(codec="utf-8", categories=["Lu", "Ll", "Lo"]), min_size=3, max_size=20
)
_FILLER = st.sampled_from(["", "for ", "(", "no=", "id ", "番号:", "->"])
_AFTER = st.sampled_from(["", ".", " x", ")", "です"])


class TestSensitiveKeys:
    @given(prefix=_ADVERBS, word=_SENSITIVE, value=_WORDS)
    def test_hide_their_value_wherever_the_word_stands(
        self, prefix: str, word: str, value: str
    ) -> None:
        for key in (f"{prefix}_{word}", f"{word}_{prefix or 'x'}", f"x-{word}", word.upper()):
            assert entry(key, value) == BLANK

    @pytest.mark.parametrize("key", ["birthOn", "accountNumber", "氏名", "口座番号", "nameKana"])
    def test_are_known_in_other_spellings(self, key: str) -> None:
        assert is_sensitive_key(key)

    @pytest.mark.parametrize(
        "key", ["status", "operation", "seconds", "constraint_name", "mapping"]
    )
    def test_are_not_suspected_everywhere(self, key: str) -> None:
        assert not is_sensitive_key(key)

    def test_hide_whole_objects(self) -> None:
        assert entry("bank_account", {"number": "x"}) == BLANK

    @given(
        st.recursive(
            st.dictionaries(_SENSITIVE, st.just("CANARY"), min_size=1),
            lambda inner: st.lists(inner) | st.dictionaries(st.just("detail"), inner),
            max_leaves=20,
        )
    )
    def test_are_found_at_any_depth(self, value: Any) -> None:
        assert "CANARY" not in json.dumps(redacted(value))


class TestFreeText:
    @given(digits=st.from_regex(r"[0-9]{12}", fullmatch=True), before=_FILLER, after=_AFTER)
    def test_never_shows_an_individual_number(self, digits: str, before: str, after: str) -> None:
        assert digits not in redacted_text(before + digits + after)

    @given(
        digits=st.from_regex(r"[0-9]{4}([ \-－ー])[0-9]{4}\1[0-9]{4}", fullmatch=True),
        before=_FILLER,
    )
    def test_never_shows_a_grouped_individual_number(self, digits: str, before: str) -> None:
        assert digits[:4] not in redacted_text(before + digits)

    def test_never_shows_a_full_width_individual_number(self) -> None:
        assert redacted_text("１２３４５６７８９０１２") == BLANK

    @given(digits=st.from_regex(r"[0-9]{7}", fullmatch=True), before=_FILLER, after=_AFTER)
    def test_never_shows_a_bank_account(self, digits: str, before: str, after: str) -> None:
        assert digits not in redacted_text(before + digits + after)

    @pytest.mark.parametrize("number", ["090-1234-5678", "0157-25-1111", "09012345678"])
    def test_never_shows_a_telephone_number(self, number: str) -> None:
        assert "1234" not in redacted_text(f"call {number} now")
        assert redacted_text(number) == BLANK

    @pytest.mark.parametrize(
        "name", ["北見 花子", "キタミ ハナコ", "キタミ", "髙橋", "𠮷野家", "辻󠄀"]
    )
    def test_never_shows_a_name_in_japanese(self, name: str) -> None:
        shown = redacted_text(f"resident {name} refused")
        assert not any(part in shown for part in name.split())

    @pytest.mark.parametrize(
        "secret",
        [
            "eyJhbGciOiJFZDI1NTE5In0.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJl",
            "Bearer abcdefghijklmnop",
            "postgresql://benefits_app:s3cret@localhost/tamaire",
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----",
            "hanako@example.jp",
        ],
    )
    def test_never_shows_a_secret(self, secret: str) -> None:
        shown = redacted_text(f"got {secret} here")
        assert secret not in shown
        assert "s3cret" not in shown
        assert "MC4CAQ" not in shown

    @given(number=st.uuids())
    def test_keeps_the_identifier_of_a_record(self, number: UUID) -> None:
        assert redacted_text(f"case {number} closed") == f"case {number} closed"

    @pytest.mark.parametrize("text", ["012084", "0.1234567 seconds", "2026-04-01T09:00:00+09:00"])
    def test_keeps_what_is_nobody(self, text: str) -> None:
        assert redacted_text(text) == text

    def test_is_cut_when_endless(self) -> None:
        assert len(redacted_text("word " * 10_000)) < 5_000


class TestValues:
    def test_of_a_secret_type_are_blank(self) -> None:
        assert redacted(SecretStr("x")) == BLANK
        assert redacted(b"x") == BLANK

    def test_of_an_unknown_type_show_only_their_type(self) -> None:
        class Person:
            @override
            def __repr__(self) -> str:
                return "CANARY"

        assert "CANARY" not in str(redacted(Person()))

    def test_that_count_are_kept(self) -> None:
        assert redacted({"rows": 1_234_567, "ok": True, "seconds": 0.5, "cause": None}) == {
            "rows": 1_234_567,
            "ok": True,
            "seconds": 0.5,
            "cause": None,
        }

    def test_that_are_individual_numbers_are_not(self) -> None:
        assert redacted(123_456_789_012) == BLANK

    def test_nested_without_end_stop(self) -> None:
        nested: list[Any] = []
        nested.append(nested)
        assert BLANK in json.dumps(redacted(nested))
