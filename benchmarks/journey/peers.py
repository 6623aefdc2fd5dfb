"""What others would build over the same rows: PostGraphile, and Django REST with django-tenants."""

import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
import psutil

from benchmarks.processes import environment, running
from operations.postgres import DATABASE

from .house import House

PEERS: Final = Path(__file__).parents[1] / "peers"


class PeerMissing(Exception):
    """What a peer needs is not installed; the peer is left out, and the table says so."""


async def let_in(house: House) -> None:
    """Make what PostGraphile is shown."""
    connection = await asyncpg.connect(house.cluster.superuser_dsn(DATABASE))
    try:
        await connection.execute((PEERS / "postgraphile.sql").read_text("utf-8"))
    finally:
        await connection.close()


def open_postgraphile(stack: ExitStack, house: House, port: int) -> psutil.Process:
    """Start PostGraphile 5 as the benefits service's own role, with a pool of the same size.

    Raises:
        PeerMissing: its packages are not installed.
    """
    node = PEERS / "node_modules" / "node" / "bin" / "node"
    if not (PEERS / "node_modules" / "postgraphile").is_dir():
        raise PeerMissing("the packages of benchmarks/peers")
    command = [
        *(str(node) if node.exists() else "node", str(PEERS / "postgraphile.mjs")),
        *(str(port), str(house.folder / "access.public.pem")),
        *(house.dsn("benefits_app"), str(house.tenant_id)),
    ]
    production = environment({"NODE_ENV": "production", "GRAPHILE_ENV": "production"})
    return stack.enter_context(running(command, port, environment=production))


def open_django(stack: ExitStack, house: House, port: int, *, venv: Path | None) -> psutil.Process:
    """Start Django under gunicorn, two workers for two processors, over a copy of the rows.

    Args:
        stack: stops it.
        house: whose rows are copied.
        port: where it listens.
        venv: an environment that has its packages; one is made in the house's folder otherwise.

    Raises:
        PeerMissing: its packages cannot be installed.
    """
    binaries = _environment_of(house.folder, venv) / "bin"
    lay_out(PEERS / "django", house.folder / "django_peer")
    superuser = urlsplit(house.cluster.superuser_dsn(DATABASE))
    variables = environment(
        {
            "DJANGO_SETTINGS_MODULE": "django_peer.settings",
            "PEER_DATABASE": DATABASE,
            "PEER_PASSWORD": unquote(superuser.password or ""),
            "PEER_HOST": parse_qs(superuser.query)["host"][0],
            "PEER_KEY": str(house.folder / "access.public.pem"),
            "PEER_TENANT": str(house.tenant_id),
            "PYTHONPATH": str(house.folder),
        }
    )
    subprocess.run(  # noqa: S603 - our own commands
        [str(binaries / "python"), "-m", "django_peer.prepare"], env=variables, check=True
    )
    command = [
        *(str(binaries / "gunicorn"), "--workers", "2", "--bind", f"127.0.0.1:{port}"),
        *("--log-level", "error", "django.core.wsgi:get_wsgi_application()"),
    ]
    return stack.enter_context(running(command, port, environment=variables))


def _environment_of(folder: Path, given: Path | None) -> Path:
    if given is not None:
        return given
    made = folder / "django-environment"
    requirements = PEERS / "django" / "requirements.txt"
    try:
        subprocess.run([sys.executable, "-m", "venv", str(made)], check=True)  # noqa: S603
        subprocess.run(  # noqa: S603 - our own commands
            [str(made / "bin" / "pip"), "install", "-q", "-r", str(requirements)], check=True
        )
    except subprocess.CalledProcessError as error:
        raise PeerMissing("Django's packages could not be installed") from error
    return made


def lay_out(source: Path, target: Path) -> None:
    """Copy the peer's modules, which our own tools are not to read as ours, under their names."""
    for path in source.rglob("*.py.txt"):
        place = target / path.relative_to(source).with_suffix("")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
