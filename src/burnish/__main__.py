"""``python -m burnish`` is the command line."""

import sys

from burnish.apps.cli import main

if __name__ == "__main__":
    sys.exit(main())
