"""What an operator may have forgotten to say."""

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
