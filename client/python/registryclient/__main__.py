# SPDX-License-Identifier: MIT
"""`python -m registryclient`: the commands for those who have the Python package and not the C tools."""

import sys

from registryclient._cli import main

if __name__ == "__main__":
    sys.exit(main())
