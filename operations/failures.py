"""How the command says that it could not do something: what happened, and what to do about it."""


class Failure(Exception):
    """A refusal the reader can act on: one sentence and one remedy, in Japanese and in English.

    It is not a defect: the command prints it without a trace and ends with `exit_status`.
    """

    exit_status = 1

    def __init__(self, japanese: str, english: str, *, remedy_ja: str, remedy: str) -> None:
        super().__init__(english)
        self.japanese = japanese
        self.english = english
        self.remedy_ja = remedy_ja
        self.remedy = remedy

    def as_json(self) -> dict[str, str]:
        """Return the same four sentences for a machine, beside a stable name."""
        return {
            "failure": type(self).__name__,
            "ja": self.japanese,
            "en": self.english,
            "remedy_ja": self.remedy_ja,
            "remedy": self.remedy,
        }
