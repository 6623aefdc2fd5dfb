"""The entrance of the `tamaire` command: `python -m operations`."""

import sys

try:
    from operations.cli import main
except KeyboardInterrupt:
    # Ctrl-C while we are still loading deserves no trace either.
    sys.exit(130)

main()
