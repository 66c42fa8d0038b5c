"""``python -m embedded keep | run COMMAND… | url | stop | reset``."""

import sys

from embedded.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
