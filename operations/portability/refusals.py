"""Why a municipality's data is not moved: each refusal says what to do instead."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from operations.failures import Failure


class NoSuchMunicipality(Failure):
    """The code is nobody's today."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"{code} の自治体は、この環境にありません。",
            f"There is no municipality {code} here.",
            remedy_ja="`./tamaire tenants list` でコードを確かめてください。",
            remedy="Look its code up with `./tamaire tenants list`.",
        )


class SamePerson(Failure):
    """What takes two people was asked for by one."""

    def __init__(self) -> None:
        super().__init__(
            "申請した人と承認した人が同じです。何もしていません。",
            "The person who asks and the person who agrees are the same. Nothing was done.",
            remedy_ja="別の管理者の名前を `--confirmed-by` で指定してください。",
            remedy="Name another administrator with `--confirmed-by`.",
        )


class PlaceTaken(Failure):
    """Something is already where the archive would be written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} はすでにあります。上書きしません。",
            f"{path} exists already and is not written over.",
            remedy_ja="別の名前を指定してください。",
            remedy="Give another name.",
        )


class NotAnArchive(Failure):
    """What was given is not an archive of ours, or is one of a later format."""

    def __init__(self, path: Path, *, reason: str) -> None:
        super().__init__(
            f"{path} は書き出したデータとして読めません({reason})。",
            f"{path} cannot be read as an archive ({reason}).",
            remedy_ja="`tamaire tenants export` が作ったフォルダか .tar を指定してください。",
            remedy="Name a folder or .tar that `tamaire tenants export` made.",
        )


class FileChanged(Failure):
    """A file of the archive is not what was written; nothing of it is believed."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} が書き出したときと違います。何も取り込んでいません。",
            f"{name} is not what was written. Nothing was imported.",
            remedy_ja="元の保管場所からもう一度コピーしてください。",
            remedy="Copy it again from where it was first kept.",
        )


class WrongPassphrase(Failure):
    """The passphrase does not open the keys."""

    def __init__(self) -> None:
        super().__init__(
            "合言葉が違います。何も取り込んでいません。",
            "This is not the passphrase. Nothing was imported.",
            remedy_ja="書き出したときに自治体が決めた合言葉を使ってください。",
            remedy="Use the passphrase the municipality chose when the archive was made.",
        )


class PassphraseTooShort(Failure):
    """A passphrase that could be guessed protects nothing."""

    def __init__(self, least: int) -> None:
        super().__init__(
            f"合言葉は {least} 文字以上にしてください。",
            f"A passphrase has at least {least} characters.",
            remedy_ja="無関係な単語を 5 つ以上つなげると、長くて覚えやすくなります。",
            remedy="Five or more unrelated words are long and easy to keep.",
        )


class OtherRevision(Failure):
    """The tables here are not those the archive was made of."""

    def __init__(self, *, theirs: dict[str, str], ours: dict[str, str]) -> None:
        differing = sorted(name for name in theirs | ours if theirs.get(name) != ours.get(name))
        shown = ", ".join(
            f"{name}: {theirs.get(name, '-')} ≠ {ours.get(name, '-')}" for name in differing
        )
        super().__init__(
            f"表の版が違います({shown})。何も取り込んでいません。",
            f"The tables are of another revision ({shown}). Nothing was imported.",
            remedy_ja="書き出した側と同じ版の Tamaire で取り込み、そのあと更新してください。",
            remedy="Import with the same version of Tamaire, and bring it up to date afterwards.",
        )


class HasData(Failure):
    """There is something of this municipality here that an import would mix with."""

    def __init__(self, code: str, *, tables: list[str]) -> None:
        shown = ", ".join(tables[:5])
        super().__init__(
            f"{code} のデータがすでにあります({shown})。何も取り込んでいません。",
            f"There is data of {code} here already ({shown}). Nothing was imported.",
            remedy_ja="新しい環境に取り込むか、先に消去してください。",
            remedy="Import into a fresh installation, or erase what is here first.",
        )


class NumberTaken(Failure):
    """Another municipality has the number under which the archive is sealed."""

    def __init__(self, number: int, *, tables: list[str]) -> None:
        super().__init__(
            f"内部番号 {number} をほかの自治体が使っています({', '.join(tables[:5])})。",
            f"Another municipality uses the number {number} ({', '.join(tables[:5])}).",
            remedy_ja="その自治体を載せる前の環境に取り込んでください(ADR 0019)。",
            remedy="Import before that municipality is brought on board (ADR 0019).",
        )


class DoesNotHold(Failure):
    """What was read does not agree with itself, so none of it was kept."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"データのつじつまが合いません({what})。何も書き込んでいません。",
            f"The data does not agree with itself ({what}). Nothing was written.",
            remedy_ja="書き出した側で `./tamaire audit` を実行し、書き出し直してください。",
            remedy="Run `./tamaire audit` where it was exported, and export it again.",
        )


class ErasedBefore(Failure):
    """This municipality was erased, so what an old archive holds of it must not come back."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"{code} は消去ずみです。控えからは戻せません。",
            f"{code} was erased and cannot be brought back from a backup.",
            remedy_ja="消去証明書を確かめてください。"
            "戻せるのは、自治体が自ら保管した書き出しだけです。",
            remedy="See its certificate. Only an export that the town itself keeps can return.",
        )


class NotLeaving(Failure):
    """Only what has left is erased; a town that is served is not ended by a mistyped code."""

    def __init__(self, code: str, *, status: str) -> None:
        super().__init__(
            f"{code} は退会の手続き中ではありません({status})。消去を終えていません。",
            f"{code} has not left ({status}). It was not erased.",
            remedy_ja="先に `./tamaire tenants leave` で退会の手続きをしてください。",
            remedy="Let it leave first: `./tamaire tenants leave`.",
        )


class StillWritten(Failure):
    """Rows appear as fast as they are removed."""

    def __init__(self, code: str, *, tables: list[str]) -> None:
        super().__init__(
            f"{code} のデータがまだ書き込まれています({', '.join(tables[:5])})。",
            f"Data of {code} is still being written ({', '.join(tables[:5])}).",
            remedy_ja="`./tamaire restart` のあと、もう一度実行してください。"
            "証明書はまだ出ていません。",
            remedy="Run `./tamaire restart` and this again. No certificate was issued yet.",
        )


class NotOnBoard(Failure):
    """The town that others would join has not come on board."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"合併先の {code} はまだ参加していません。",
            f"{code}, which others would join, is not on board.",
            remedy_ja=f"先に `./tamaire tenants onboard {code}` で載せてください。",
            remedy=f"Bring it on board first: `./tamaire tenants onboard {code}`.",
        )


class TransfersUnderWay(Failure):
    """Money is between an approval and an account; what it was approved for must not change."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"進行中の振込が {count} 件あります。合併していません。",
            f"{count} transfers are under way. Nothing was merged.",
            remedy_ja="振込結果を記録するか、提案を取り下げてから合併してください。",
            remedy="Record their settlement, or withdraw the proposals, and merge afterwards.",
        )


class OtherTables(Failure):
    """Since the past minute the tables were brought to another revision."""

    def __init__(self, *, theirs: dict[str, str], ours: dict[str, str]) -> None:
        differing = sorted(name for name in theirs | ours if theirs.get(name) != ours.get(name))
        super().__init__(
            f"その時刻より後に、表の版が変わりました({', '.join(differing)})。何も変えていません。",
            f"The tables were changed after that minute ({', '.join(differing)}). "
            "Nothing was changed.",
            remedy_ja="版が変わったあとの時刻を指定するか、夜間の控えを、"
            "そのときの版の別の環境に戻してください。",
            remedy="Name a later time, or restore a night's backup into another installation "
            "of the version of that time.",
        )


class NotTaken(Failure):
    """A table is not wound back, and for a reason."""

    def __init__(self, table: str, *, why_ja: str, why: str, taken: Sequence[str]) -> None:
        super().__init__(
            f"{table} は過去に戻せません: {why_ja}。",
            f"{table} is not put back: {why}.",
            remedy_ja=f"戻せる表: {', '.join(taken)}。"
            "それ以外は、差分を見て画面から直してください。",
            remedy=f"What can be put back: {', '.join(taken)}. Mend the rest by hand.",
        )


class MoneyMoved(Failure):
    """Payments were proposed or made since; what they rest on stays."""

    def __init__(self, tables: Sequence[str]) -> None:
        super().__init__(
            f"その時刻より後に振込が動いています({', '.join(tables)})。何も戻していません。",
            f"Payments moved after that minute ({', '.join(tables)}). Nothing was put back.",
            remedy_ja="給付の表を除いて `--take` を指定するか、"
            "振込より後の時刻を指定してください。",
            remedy="Leave the tables of benefits out of `--take`, or name a time after them.",
        )


class MoneyBusy(Failure):
    """Somebody is at the payments, and does not come to an end."""

    def __init__(self) -> None:
        super().__init__(
            "振込の処理が続いているため、給付の表を戻せません。何も戻していません。",
            "Payments are being worked on, so no table of benefits can be put back now."
            " Nothing was put back.",
            remedy_ja="振込の処理が終わってから、もう一度実行してください。",
            remedy="Run it again once they are done.",
        )


class ProtectedSince(Failure):
    """The past has in clear what is withheld today: where a protected person lived."""

    def __init__(self) -> None:
        super().__init__(
            "その時刻より後に支援措置の対象になった人がいます。その時刻の書き出しには住所が"
            "そのまま載るため、書き出しません。",
            "Somebody came under protection after that minute, and an archive of it would have"
            " their address in clear. Nothing was written.",
            remedy_ja="支援措置より後の時刻を指定するか、`--export` を外して `--take` で戻して"
            "ください(保護中の人の行は戻りません)。",
            remedy="Name a minute after the protection began, or leave `--export` out and put"
            " tables back with `--take`, which leaves protected persons as they are.",
        )


class KeysGone(Failure):
    """The key that sealed a past cell has been destroyed since."""

    def __init__(self, table: str, *, number: int) -> None:
        super().__init__(
            f"{table} の封印された欄の鍵({number} 番)は、もうありません。何も戻していません。",
            f"Key {number}, which sealed cells of {table}, is gone. Nothing was put back.",
            remedy_ja="その表を除いて `--take` を指定してください。",
            remedy="Leave that table out of `--take`.",
        )


class WouldCollide(Failure):
    """Something that came since has what is unique to a past row."""

    def __init__(self, table: str, *, key: str) -> None:
        super().__init__(
            f"{table} に、あとから同じもの({key})が入っています。何も戻していません。",
            f"Something that came since has the same {key} in {table}. Nothing was put back.",
            remedy_ja="差分の「追加」を確かめ、どちらが正しいかを決めて、画面から直してください。",
            remedy="Look at what was added, decide which of them is right, and mend it by hand.",
        )


class WouldPointAtNothing(Failure):
    """A row that would be put back needs one that would not."""

    def __init__(self, table: str, *, target: str) -> None:
        super().__init__(
            f"{table} の行が指す {target} の行がありません。何も戻していません。",
            f"A row of {table} points at one of {target} that is not there. Nothing was put back.",
            remedy_ja=f"`--take` に {target} も加えるか、`--take all` を指定してください。",
            remedy=f"Add {target} to `--take`, or say `--take all`.",
        )


class ChangedMeanwhile(Failure):
    """Somebody wrote a row between the comparison and now."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"{table} の行が、比べているあいだに変わりました。何も戻していません。",
            f"A row of {table} was changed while we compared. Nothing was put back.",
            remedy_ja="もう一度実行してください。続くときは、先に `./tamaire tenants pause` で"
            "休止してください。",
            remedy="Run it again. If it goes on, pause the town first: `./tamaire tenants pause`.",
        )


class NotYet(Failure):
    """The minute that was asked for has not come."""

    def __init__(self, at: datetime) -> None:
        super().__init__(
            f"{at.isoformat()} はまだ来ていません。",
            f"{at.isoformat()} is yet to come.",
            remedy_ja="過去の時刻を、時差を付けて指定してください(例: 2026-11-24T10:15+09:00)。",
            remedy="Name a past time with its offset, such as 2026-11-24T10:15+09:00.",
        )


class NotATime(Failure):
    """The time was not understood, or could be meant in two ways."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text} は時刻として読めないか、時差がありません。",
            f"{text} is not a time, or has no offset.",
            remedy_ja="2026-11-24T10:15+09:00 のように、時差を付けて指定してください。",
            remedy="Write it with its offset, such as 2026-11-24T10:15+09:00.",
        )
