"""The usual other way, a schema for each tenant: fifty of them, on the same server."""

import subprocess
import sys
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from benchmarks.journey.peers import PEERS, lay_out
from benchmarks.processes import environment
from operations.postgres import Cluster

_SCHEMAS: Final = 50
_ALL: Final = 1_741
_SCRIPT: Final = """
import time, django
from django.core.management import call_command
django.setup()
call_command("makemigrations", "tenants", "programmes", verbosity=0)
call_command("migrate_schemas", "--shared", verbosity=0)
from django_peer.tenants.models import Municipality
began = time.monotonic()
for n in range({count}):
    Municipality(schema_name=f"town_{{n}}", name=str(n)).save(verbosity=0)
print(time.monotonic() - began)
"""


def fifty_schemas(cluster: Cluster, folder: Path, venv: Path) -> None:
    """Create them by django-tenants, and say what all municipalities would take."""
    lay_out(PEERS / "django", folder / "django_peer")
    address = urlsplit(cluster.superuser_dsn("house"))
    variables = environment(
        {
            "DJANGO_SETTINGS_MODULE": "django_peer.settings",
            "PYTHONPATH": str(folder),
            "PEER_DATABASE": "house",
            "PEER_HOST": parse_qs(address.query)["host"][0],
            "PEER_PASSWORD": unquote(address.password or ""),
            "PEER_KEY": "",
            "PEER_TENANT": "0",
        }
    )
    done = subprocess.run(  # noqa: S603 - our own script
        [str(venv / "bin" / "python"), "-c", _SCRIPT.format(count=_SCHEMAS)],
        env=variables,
        check=True,
        capture_output=True,
        text=True,
    )
    took = float(done.stdout.split()[-1])
    sys.stdout.write(
        f"django-tenants: {_SCHEMAS} schemas in {took:.1f} s; {_ALL} would take"
        f" {took / _SCHEMAS * _ALL:.0f} s at the same pace (extrapolated)\n"
    )
