"""What the counter refuses."""

from foundation.problems import Conflict, Forbidden, NotFound


class SlipNotFound(NotFound):
    """No open slip has this code or number; whether one ever had is not said."""

    slug = "platform/slip-not-found"
    title = "No valid code of this kind is known."
    title_ja = "有効な窓口番号が見つかりません。"
    remedy = "Have the person sign in again and show the code that is displayed then."
    remedy_ja = "ご本人にもう一度サインインしていただき、表示された番号を入力してください。"


class RecordNotFound(NotFound):
    """No present resident of this municipality has this number."""

    slug = "platform/record-not-found"
    title = "There is no such resident."
    title_ja = "該当する住民が見つかりません。"
    remedy = "Search the register again and take the number from there."
    remedy_ja = "住民登録をもう一度検索し、その番号を指定してください。"


class AlreadyBound(Conflict):
    """The person is bound to a record already, so there is nothing to bind."""

    slug = "platform/already-bound"
    title = "This sign-in is bound to a record already."
    title_ja = "このサインインは、すでに住民登録と結び付いています。"
    remedy = "Release that binding first, if it is wrong."
    remedy_ja = "誤りがある場合は、先に今の結び付けを解除してください。"


class RecordTaken(Conflict):
    """Another sign-in holds the record; to supersede it must be meant."""

    slug = "platform/record-taken"
    title = "This record is bound to another sign-in."
    title_ja = "この住民登録は、別のサインインと結び付いています。"
    remedy = (
        "Ask whether the card was renewed; then send supersede: true, which ends the other sign-in."
    )
    remedy_ja = (
        "カードの更新かどうかを確かめ、更新であれば supersede を true にして送信してください。"
        "以前のサインインは終了します。"
    )


class SlipStateConflict(Conflict):
    """The slip does not stand where this could happen to it."""

    slug = "platform/slip-state-conflict"
    title = "This cannot be done with the request as it stands."
    title_ja = "この申し出は、いまその操作ができる状態にありません。"
    remedy = "Read the present state, then decide what is still to be done."
    remedy_ja = "現在の状態を確認してください。"


class SecondOfficialNeeded(Forbidden):
    """What a protected person's binding rests on is seen by two officials, never one twice."""

    slug = "platform/second-official-needed"
    title = "Another official must confirm this."
    title_ja = "別の職員による確認が必要です。"
    remedy = "Ask a colleague who did not propose it to confirm it."
    remedy_ja = "最初に確認した職員とは別の職員が確認してください。"
