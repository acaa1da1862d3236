"""`python -m hubctl`."""

import sys

from hubctl.cli import main

if __name__ == "__main__":
    sys.exit(main())
