"""What an operator may have forgotten to say, or asked for in the wrong place."""

from pathlib import Path

from operations.failures import Failure


class NothingNamed(Failure):
    """Neither a municipality nor all of them were named."""

    def __init__(self) -> None:
        super().__init__(
            "自治体が指定されていません。",
            "No municipality was named.",
            remedy_ja="6 桁のコードか、すべてなら `--all` を指定してください。",
            remedy="Name a code of six digits, or `--all`.",
        )


class NotForEverybody(Failure):
    """What belongs to one municipality was said of all."""

    def __init__(self) -> None:
        super().__init__(
            "`--all` には、コード・管理者・認証基盤・架空の住民を一緒に指定できません。",
            "`--all` goes with no code, administrator, directory or invented residents.",
            remedy_ja="すべてなら `--all` だけを、1団体ならコードとその指定を付けてください。",
            remedy="Say `--all` alone, or name one municipality and what it begins with.",
        )


class NoInventedPeople(Failure):
    """Invented people among real ones could not be told apart again."""

    def __init__(self) -> None:
        super().__init__(
            "架空の住民は、シミュレーターのある環境でだけ入れられます。",
            "Invented residents are let in only where the simulator runs.",
            remedy_ja="手元の環境で試すか、試験市(990019)を使ってください。",
            remedy="Try it on an installation of your own, or in the municipality 990019.",
        )


class NoDirectory(Failure):
    """The officials' directory was not said in a way that can be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} を認証基盤の定義(JSON)として読めません。",
            f"{path} cannot be read as a directory, in JSON.",
            remedy_ja='`{"issuer": "https://…", "client_id": "…", "roles": {"グループ":'
            ' "administrator"}}` の形で書いてください。',
            remedy='Write `{"issuer": "https://…", "client_id": "…", "roles": {"group":'
            ' "administrator"}}`.',
        )
