"""Prints what an invented register looks like, or the register itself: no database is touched.

python -m operations.population 012084            a summary
python -m operations.population 012084 --csv      the file as it would be imported
"""

import argparse
import signal
import sys

from foundation.identifiers import MunicipalityCode

from .generator import SEED, generate
from .registry_csv import registry_csv
from .summary import summary


def main(arguments: list[str]) -> None:
    """Read the arguments and print; an unknown municipality ends the programme with a sentence."""
    parser = argparse.ArgumentParser(prog="python -m operations.population", description=__doc__)
    parser.add_argument("code", type=MunicipalityCode.parse, help="six digits, such as 012084")
    parser.add_argument("--size", type=int, help="how many people live there")
    parser.add_argument("--seed", default=SEED)
    parser.add_argument("--csv", action="store_true", help="print the register itself")
    chosen = parser.parse_args(arguments)
    try:
        population = generate(chosen.code, size=chosen.size, seed=chosen.seed)
    except ValueError as refusal:
        parser.error(str(refusal))
    lines = registry_csv(population.households) if chosen.csv else summary(population)
    for line in lines:
        print(line, end="" if chosen.csv else "\n")


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` is no error
    main(sys.argv[1:])
