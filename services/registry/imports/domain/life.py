"""How a household is put together and what changes a record: the words a register may use."""

from typing import Final

HOUSEHOLDER: Final = "世帯主"
_RELATED: Final = frozenset(
    {"夫", "妻", "夫(未届)", "妻(未届)", "子", "父", "母", "兄", "姉", "弟", "妹"}
)
_OTHERS: Final = frozenset({HOUSEHOLDER, "縁故者", "同居人"})
_GENERATIONS: Final = 4
_BRACKETS: Final = str.maketrans({"（": "(", "）": ")"})

REASONS: Final = frozenset(
    {
        "国内転入", "国外転入等", "出生", "職権記載(帰化等)", "職権記載(国籍喪失)",
        "職権記載(その他)", "改製", "再製", "取消(増)", "国内転出", "国外転出", "死亡",
        "職権消除(帰化等)", "職権消除(国籍喪失)", "職権消除(その他)", "取消(減)", "転居",
        "軽微な修正", "職権修正",
        "誤記修正", "個人番号の変更請求", "個人番号の職権修正", "個人番号の職権記載",
        "住民票コードの変更請求", "住民票コードの職権記載", "世帯分離", "世帯合併", "世帯変更",
        "世帯主変更", "旧氏の記載", "旧氏の変更", "旧氏の削除", "通称の記載", "通称の削除",
        "取消(修正)",
    }
)  # fmt: skip
"""異動事由. Source: 住民記録システム標準仕様書, 異動事由."""


def is_relationship(text: str) -> bool:
    """Tell whether a register may say so of somebody and the householder.

    Related people are told step by step, joined by の, over at most four generations: 子の子, and
    never 孫. Source: 住民記録システム標準仕様書 (続柄).
    """
    plain = text.translate(_BRACKETS)
    if plain in _OTHERS:
        return True
    steps = plain.split("の")
    return len(steps) <= _GENERATIONS and all(step in _RELATED for step in steps)


def is_reason(text: str) -> bool:
    """Tell whether a record may have come about so; a file may leave it open."""
    return text == "" or text.translate(_BRACKETS) in REASONS
