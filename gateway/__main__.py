"""`python -m gateway [HOST] [PORT]`: open the door."""

import sys

from gateway.server import main

main(sys.argv[1:])
