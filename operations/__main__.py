"""The entrance of the `tamaire` command: `python -m operations`."""

from operations.cli import main

main()
