"""The open format: what lies in an archive, and how it is read without being unpacked.

    manifest.json            what this is, of whom, as of when, and the SHA-256 of every file
    keys.json                the municipality's keys, closed with its passphrase
    tables/<table>.jsonl     one JSON object for each row, in the order of its key
    companions/<table>.jsonl rows of nobody's that the municipality's own point at
    audit/checkpoints.txt    the seals of the trail, as they lay outside the database
    README.txt               how to read it, in Japanese and English

A folder, or the same as one tar. It appears under its name when it is whole, and not before.
"""

import hashlib
import json
import shutil
import tarfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from .refusals import FileChanged, NotAnArchive, PlaceTaken

FORMAT: Final = "tamaire-tenant-export"
VERSION: Final = 1
MANIFEST, KEYS, SEALS = "manifest.json", "keys.json", "audit/checkpoints.txt"
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of the archive."""

    path: str
    rows: int | None
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the archive says of itself."""

    municipality: dict[str, Any]
    """`tenant_id`, `code`, its line of the directory and its codes with their dates."""
    made_at: str
    revisions: dict[str, str]
    totals: dict[str, int]
    """What means something to the town: residents, households, open benefits in yen, cases."""
    files: list[Part]
    left_behind: dict[str, str]
    audit_verifier: str | None
    """The public key under which the seals of the trail are checked."""
    format: str = FORMAT
    version: int = VERSION
    notes: list[str] = field(default_factory=list[str])

    @property
    def tenant_id(self) -> int:
        return int(self.municipality["tenant_id"])

    @property
    def code(self) -> str:
        return str(self.municipality["code"])

    def as_bytes(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=2).encode()

    def table(self, name: str, *, folder: str = "tables") -> Part | None:
        wanted = f"{folder}/{name}.jsonl"
        return next((part for part in self.files if part.path == wanted), None)


def parsed(content: bytes, *, path: Path) -> Manifest:
    """Read a manifest.

    Raises:
        NotAnArchive: it is none of ours, or of a later format.
    """
    try:
        said = json.loads(content)
        if (said["format"], said["version"]) != (FORMAT, VERSION):
            raise NotAnArchive(path, reason=f"{said['format']} {said['version']}")
        return Manifest(**said | {"files": [Part(**part) for part in said["files"]]})
    except (ValueError, TypeError, KeyError) as error:
        raise NotAnArchive(path, reason=MANIFEST) from error


class Writing:
    """An archive that is being written; it has another name until it is whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.parts: list[Part] = []

    @contextmanager
    def part(self, path: str, *, counting_lines: bool = True) -> Generator["Sink"]:
        """Give somewhere to write one file, and take note of what it came to."""
        target = self._folder / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with target.open("wb") as file:
            sink = Sink(file)
            yield sink
        self.parts.append(
            Part(
                path=path,
                rows=sink.lines if counting_lines else None,
                bytes=sink.bytes,
                sha256=sink.digest.hexdigest(),
            )
        )

    def put(self, path: str, content: bytes) -> None:
        """Write a file the manifest does not list: itself, and what closes it."""
        (self._folder / path).write_bytes(content)


class Sink:
    """Takes the bytes of one file and counts and hashes them on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.lines = self.bytes = 0

    async def take(self, content: bytes) -> None:
        """Write; as a coroutine because that is what the database driver calls."""
        self.write(content)

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self.digest.update(content)
        self.lines += content.count(b"\n")
        self.bytes += len(content)


@contextmanager
def writing(path: Path) -> Generator[Writing]:
    """Write an archive to `path`: a folder, or one tar if the name ends in `.tar`.

    Raises:
        PlaceTaken: something is there already.
    """
    if path.exists():
        raise PlaceTaken(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    try:
        yield Writing(unfinished)
        if path.suffix == ".tar":
            packed = path.with_name(f".{path.name}.packed")
            with tarfile.open(packed, "w", format=tarfile.PAX_FORMAT) as tar:
                for file in sorted(unfinished.rglob("*")):
                    if file.is_file():
                        tar.add(file, arcname=str(file.relative_to(unfinished)))
            packed.chmod(0o600)
            packed.rename(path)
        else:
            unfinished.rename(path)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


class Archive:
    """An archive that is read. Only names that the manifest lists are ever opened."""

    def __init__(self, path: Path, tar: tarfile.TarFile | None) -> None:
        self._path, self._tar = path, tar
        self.manifest_bytes = self.content(MANIFEST)
        self.manifest = parsed(self.manifest_bytes, path=path)

    def content(self, name: str) -> bytes:
        with self._opened(name) as file:
            return file.read()

    def lines(self, part: Part) -> Iterator[bytes]:
        """Yield the rows of a file, one after another."""
        with self._opened(part.path) as file:
            for line in file:
                yield line.rstrip(b"\n")

    def check(self) -> None:
        """Compare every file with what the manifest says of it.

        Raises:
            FileChanged: one is missing, or not what was written.
        """
        for part in self.manifest.files:
            digest, size = hashlib.sha256(), 0
            with self._opened(part.path) as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
            if (digest.hexdigest(), size) != (part.sha256, part.bytes):
                raise FileChanged(part.path)

    @contextmanager
    def _opened(self, name: str) -> Generator[IO[bytes]]:
        try:
            file = self._tar.extractfile(name) if self._tar else (self._path / name).open("rb")
        except (OSError, KeyError, tarfile.TarError) as error:
            if name == MANIFEST:
                raise NotAnArchive(self._path, reason=MANIFEST) from error
            raise FileChanged(name) from error
        if file is None:
            raise FileChanged(name)
        with file:
            yield file


@contextmanager
def reading(path: Path) -> Generator[Archive]:
    """Open an archive.

    Raises:
        NotAnArchive: it is none.
    """
    if path.is_dir():
        yield Archive(path, None)
        return
    try:
        tar = tarfile.open(path, "r:")  # noqa: SIM115 - closed below; entering it would hide its errors
    except (OSError, tarfile.TarError) as error:
        raise NotAnArchive(path, reason="tar") from error
    with tar:
        yield Archive(path, tar)
