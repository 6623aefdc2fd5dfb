"""The database folds what it keeps as the code folds what is asked, or nobody would be found."""

import asyncio

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from services.registry.residents.domain import search_kana, search_name
from services.registry.residents.domain.names import VARIANTS
from tests.support.house import House

_FOLDED = "".join(map(chr, VARIANTS))
_LETTERS = st.text(
    st.one_of(
        st.sampled_from(_FOLDED + "高崎辺󠄀󠄁 　ﾊﾞｶﾞｰーｰ-ＡａéÉßゃャュゅんヴ・佐藤"),
        st.characters(min_codepoint=0x3041, max_codepoint=0x30FA),
        st.characters(min_codepoint=0x41, max_codepoint=0x17F),
    ),
    max_size=12,
)


class TestFolding:
    @pytest.mark.parametrize("function", ["name_key", "kana_key"])
    async def test_is_the_same_for_every_letter_that_is_folded(
        self, house: House, function: str
    ) -> None:
        fold = {"name_key": search_name, "kana_key": search_kana}[function]
        letters = _FOLDED + "".join(map(chr, range(0x3041, 0x30FF))) + "ケーコオーノｶﾞｰ󠄀 "
        assert await _folded(house, function, [letters]) == [fold(letters)]

    @settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(words=st.lists(_LETTERS, min_size=100, max_size=200))
    def test_is_the_same_for_any_word(self, house: House, words: list[str]) -> None:
        names = asyncio.run(_folded(house, "name_key", words))
        assert names == [search_name(word) for word in words]
        readings = asyncio.run(_folded(house, "kana_key", words))
        assert readings == [search_kana(word) for word in words]


async def _folded(house: House, function: str, words: list[str]) -> list[str]:
    connection = await asyncpg.connect(house.dsn("registry_app"))
    try:
        rows = await connection.fetch(
            f"SELECT registry.{function}(word)"
            " FROM unnest($1::text[]) WITH ORDINALITY AS w (word, n) ORDER BY n",
            words,
        )
    finally:
        await connection.close()
    return [row[0] for row in rows]
