"""What proves who hands a register in: a machine's key, or a token of somebody who signed in."""

from pathlib import Path

from foundation.identity import SigningKey
from operations.failures import Failure


class NoProof(Failure):
    """Neither a key nor a token can be read at that place."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} から鍵またはトークンを読めません。",
            f"No key or token can be read from {path}.",
            remedy_ja="機械なら `--client-id` と `--key`、職員なら `--token-file` を"
            "指定してください。",
            remedy="Give `--client-id` and `--key` of a machine, or `--token-file` of an official.",
        )


def key_of(path: Path) -> SigningKey:
    """Return a machine's private key.

    Raises:
        NoProof: there is none, or the file is none.
    """
    try:
        return SigningKey.load(path)
    except (OSError, ValueError) as error:
        raise NoProof(path) from error


def token_of(path: Path) -> str:
    """Return an access token.

    Raises:
        NoProof: there is none.
    """
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NoProof(path) from error
    if not token:
        raise NoProof(path)
    return token
