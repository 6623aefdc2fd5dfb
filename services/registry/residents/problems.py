"""What can be refused about residents and households.

NotFound
├── ResidentNotFound    404
├── HouseholdNotFound   404
├── NoRecordOfOwn       404
└── NoMatch             404
"""

from http import HTTPStatus

from foundation.problems import Problem


class ResidentNotFound(Problem):
    """No such resident in this municipality."""

    slug = "registry/resident-not-found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such resident."
    title_ja = "該当する住民がいません。"
    remedy = "Search again by name, reading or date of birth."
    remedy_ja = "氏名・カナ・生年月日で探し直してください。"


class HouseholdNotFound(Problem):
    """No such household in this municipality."""

    slug = "registry/household-not-found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such household."
    title_ja = "該当する世帯がありません。"
    remedy = "Look the household up from one of its members."
    remedy_ja = "世帯員の記録から世帯を確認してください。"


class NoRecordOfOwn(Problem):
    """The person signed in, but is not bound to a record of this municipality."""

    slug = "registry/no-record-of-own"
    status = HTTPStatus.NOT_FOUND
    title = "You are signed in, but no record of this municipality is linked to you."
    title_ja = "サインインは済んでいますが、この自治体の記録と紐付いていません。"
    remedy = "Ask the residents' section to link your record; bring your card."
    remedy_ja = "マイナンバーカードをお持ちのうえ、市民課の窓口で紐付けをお申し出ください。"


class NoMatch(Problem):
    """Nobody, or not exactly one person, answers to the description; which, is not said."""

    slug = "registry/no-match"
    status = HTTPStatus.NOT_FOUND
    title = "The description does not lead to one resident."
    title_ja = "記載の内容では一人の住民に定まりません。"
    remedy = "An official has to link the person."
    remedy_ja = "職員による紐付けが必要です。"
