"""``python -m config.embedded keep | run COMMAND… | url | stop | reset``."""

import sys

from config.embedded.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
