# SPDX-License-Identifier: MIT
"""`python -m registryclient`: the commands for machines without the C tools."""

import sys

from registryclient._cli import main

if __name__ == "__main__":
    sys.exit(main())
