"""Everything that can be wrong with a line of a file, each with what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MOST_LINES_NAMED = 20


class FaultKind(StrEnum):
    """One cause; a file with a thousand lines of one cause has one thing to mend."""

    WRONG_COLUMN_COUNT = "wrong_column_count"
    RESIDENT_NUMBER = "resident_number"
    HOUSEHOLD_NUMBER = "household_number"
    DUPLICATE_RESIDENT = "duplicate_resident"
    NAME_MISSING = "name_missing"
    NAME_UNREPRESENTABLE = "name_unrepresentable"
    KANA = "kana"
    BIRTH_DATE = "birth_date"
    RESIDENCE_DATES = "residence_dates"
    GENDER = "gender"
    RELATIONSHIP_MISSING = "relationship_missing"
    RELATIONSHIP = "relationship"
    TAX_STATUS = "tax_status"
    NATIONALITY = "nationality"
    PROTECTION = "protection"
    PROTECTION_WOULD_END = "protection_would_end"
    KANA_VERIFIED = "kana_verified"
    POSTAL_CODE = "postal_code"
    ADDRESS_MISSING = "address_missing"
    TOO_LONG = "too_long"
    NO_SINGLE_HOUSEHOLDER = "no_single_householder"
    HISTORY_NUMBER = "history_number"
    CHANGE_REASON = "change_reason"
    CHANGE_DATES = "change_dates"


FAULTS: Mapping[FaultKind, tuple[str, str]] = {
    FaultKind.WRONG_COLUMN_COUNT: (
        "列の数が見出しと違います。",
        "カンマを含む値を二重引用符で囲んでください。",
    ),
    FaultKind.RESIDENT_NUMBER: (
        "宛名番号の検査数字が合わないか、先頭の0が落ちています。",
        "基幹システムから出力し直すか、桁落ち(先頭の0)を確認してください。",
    ),
    FaultKind.HOUSEHOLD_NUMBER: (
        "世帯番号の検査数字が合わないか、先頭の0が落ちています。",
        "基幹システムから出力し直すか、桁落ち(先頭の0)を確認してください。",
    ),
    FaultKind.DUPLICATE_RESIDENT: (
        "同じ宛名番号がファイルの中に2回以上あります。",
        "最新の1行だけを残してください。",
    ),
    FaultKind.NAME_MISSING: ("氏名が空です。", "氏名と氏名(正字)の両方を入れてください。"),
    FaultKind.NAME_UNREPRESENTABLE: (
        "氏名に外字、文字ではない符号、または欠けた文字の代わりの記号(? 〓 など)が含まれています。",
        "行政事務標準文字または IVS 付きの文字に置き換え、UTF-8 で出力してください。",
    ),
    FaultKind.KANA: (
        "氏名カナがカタカナではありません。",
        "全角または半角のカタカナで入れるか、不明なら空にしてください。",
    ),
    FaultKind.BIRTH_DATE: (
        "生年月日が日付ではありません。",
        "1985-03-15 の形で、不詳の月日は 00 で入れてください。",
    ),
    FaultKind.RESIDENCE_DATES: (
        "住民となった日・住民でなくなった日が日付ではないか、前後が逆です。",
        "2020-04-01 の形で、住民でなくなった日は空か、それ以後の日にしてください。",
    ),
    FaultKind.GENDER: ("性別が 1・2・9 のいずれでもありません。", "1 男、2 女、9 不明です。"),
    FaultKind.RELATIONSHIP_MISSING: ("続柄が空です。", "世帯主、妻、子の妻 などを入れてください。"),
    FaultKind.RELATIONSHIP: (
        "続柄に使えない言葉があります。",
        "夫・妻・子・父・母・兄弟姉妹を「の」で4代まで(孫は子の子)。他は縁故者・同居人です。",
    ),
    FaultKind.TAX_STATUS: (
        "課税区分が正しくありません。",
        "exempt・per_capita_only・taxed・unknown のいずれかにしてください。",
    ),
    FaultKind.NATIONALITY: (
        "国籍区分が正しくありません。",
        "japanese または foreign にしてください。",
    ),
    FaultKind.PROTECTION: ("支援措置の値が正しくありません。", "空か dv にしてください。"),
    FaultKind.PROTECTION_WOULD_END: (
        "支援措置の対象者が、このファイルでは対象外になっています。",
        "支援措置はファイルでは終了できません。dv と入れるか、解除の手続をしてください。",
    ),
    FaultKind.KANA_VERIFIED: ("カナ確認が 0・1 ではありません。", "0 か 1 にしてください。"),
    FaultKind.POSTAL_CODE: (
        "郵便番号が7桁の数字ではありません。",
        "ハイフンの有無は問いません。不明なら空にしてください。",
    ),
    FaultKind.ADDRESS_MISSING: ("住所が空です。", "住所を入れてください。"),
    FaultKind.TOO_LONG: ("長すぎる値があります。", "1つの値は200文字までです。"),
    FaultKind.NO_SINGLE_HOUSEHOLDER: (
        "世帯主が1人に定まらない世帯があります。",
        "世帯ごとに、続柄が世帯主の人を1人だけにしてください。",
    ),
    FaultKind.HISTORY_NUMBER: (
        "履歴番号が正の整数ではありません。",
        "1 から始まる番号を入れるか、列ごと省いてください(省けばこちらで数えます)。",
    ),
    FaultKind.CHANGE_REASON: (
        "異動事由の言葉が正しくありません。",
        "標準仕様書の異動事由(国内転入、出生、転居 など)にするか、空にしてください。",
    ),
    FaultKind.CHANGE_DATES: (
        "異動日または届出日が日付ではありません。",
        "2026-04-01 の形で入れるか、空にしてください。",
    ),
}
"""What is wrong, and the exact fix, in the words of a register's clerk."""


@dataclass(frozen=True, slots=True)
class FaultGroup:
    """One cause, how many lines it concerns, and the first of them."""

    kind: FaultKind
    count: int
    lines: tuple[int, ...]
