"""What the reader sees once everything stands: where to go, as whom, and what to try next."""

from rich.table import Table

from operations.folder import DataFolder
from operations.voice import Voice

from .programmes import Addresses

_NEXT = "./tamaire demo"


def welcome(folder: DataFolder, addresses: Addresses, voice: Voice) -> None:
    """Say it as one panel, or as one JSON object."""
    seconds = round(voice.elapsed_s, 1)
    urls = {
        "gateway": addresses.base_url,
        "documentation": f"{addresses.base_url}/docs",
        "openapi": f"{addresses.base_url}/openapi.json",
        "simulator": addresses.simulator_url,
    }
    table = Table.grid(padding=(0, 3))
    for name, url in urls.items():
        table.add_row(name, url)
    voice.panel(f"使えます / ready ({seconds} s)", table)
    voice.line(f"次に試す / next: {_NEXT}    止める / stop: Ctrl+C")
    voice.answer({"ready": True, "seconds": seconds, "data": str(folder.root), "urls": urls})
