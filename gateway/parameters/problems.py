"""What can be refused about settings.

Problem
├── NotFound
│   ├── ParameterNotFound        404
│   └── ParameterValueNotFound   404
├── Forbidden
│   └── ParameterNotOverridable  403  its level may not set it
├── Conflict
│   ├── ParameterValuesOverlap   409  naming those that begin within the days
│   └── ParameterValueNotPlanned 409  it has begun, or stands no more
├── ParameterValueRefused        422  with the bounds
└── ParameterDaysRefused         422
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

from foundation.problems import JSON, Conflict, Forbidden, NotFound, Problem

_BOUNDS: Mapping[str, Mapping[str, JSON]] = {
    "least": {"type": ["integer", "null"], "description": "最小値"},
    "most": {"type": ["integer", "null"], "description": "最大値"},
    "choices": {"type": "array", "items": {"type": "string"}, "description": "選択肢"},
}
_STANDING: Mapping[str, Mapping[str, JSON]] = {
    "standing": {
        "type": "array",
        "items": {"type": "string", "format": "uuid"},
        "description": "指定した期間に始まる登録済みの値",
    }
}
_LEVELS: Mapping[str, Mapping[str, JSON]] = {
    "set_by": {
        "type": "array",
        "items": {"type": "string"},
        "description": "この設定を変更できるところ",
    }
}


class ParameterNotFound(NotFound):
    """No parameter of this key is declared."""

    slug = "platform/parameter-not-found"
    title = "There is no such parameter."
    title_ja = "該当する設定項目がありません。"
    remedy = "Choose a key from the list at /platform/v1/parameters."
    remedy_ja = "/platform/v1/parameters の一覧から項目を選んでください。"


class ParameterValueNotFound(NotFound):
    """This municipality entered no such value."""

    slug = "platform/parameter-value-not-found"
    title = "There is no such value of this parameter."
    title_ja = "該当する設定値がありません。"
    remedy = "Choose one from the parameter's history."
    remedy_ja = "設定項目の履歴から選んでください。"


class ParameterNotOverridable(Forbidden):
    """The declaration does not let this level set it."""

    slug = "platform/parameter-not-overridable"
    title = "This parameter is not set at this level."
    title_ja = "この設定項目は、この自治体では変更できません。"
    remedy = "Ask one of those named in `set_by` to set it."
    remedy_ja = "`set_by` に示された国・都道府県・市区町村に変更を依頼してください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = _LEVELS


class ParameterValuesOverlap(Conflict):
    """Other values begin within the same days; `standing` names them."""

    slug = "platform/parameter-values-overlap"
    title = "Other values already begin within these days."
    title_ja = "指定した期間に始まる値が、すでに登録されています。"
    remedy = "Choose other days, or send it again with `supersedes` to let them give way."
    remedy_ja = "期間を変えるか、置き換える場合は `supersedes` を付けてもう一度送信してください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = _STANDING


class ParameterValueNotPlanned(Conflict):
    """The value has begun already, or stands no more."""

    slug = "platform/parameter-value-not-planned"
    title = "Only a value that lies ahead can be withdrawn."
    title_ja = "取り下げられるのは、まだ始まっていない値だけです。"
    remedy = "Enter another value from today on."
    remedy_ja = "今日以降の新しい値を登録してください。"


class ParameterValueRefused(Problem):
    """It is not among the values the declaration allows."""

    slug = "platform/parameter-value-refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "This is not a value of the parameter."
    title_ja = "この設定項目に指定できない値です。"
    remedy = "Keep to `least` and `most`, or to `choices`."
    remedy_ja = "`least` から `most` まで、または `choices` の中から指定してください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = _BOUNDS


class ParameterDaysRefused(Problem):
    """It begins before today in Japan, or ends before it begins."""

    slug = "platform/parameter-days-refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "A value begins today or later, and ends after it begins."
    title_ja = "開始日は今日以降、終了日は開始日より後の日付にしてください。"
    remedy = "Past days stay as they were acted upon; choose another first day or last day."
    remedy_ja = "過去の日の値は変更できません。開始日か終了日を選び直してください。"
