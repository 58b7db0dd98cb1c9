"""`crm-import FILE.csv`: checks a list of customers before it is loaded."""

import csv
import sys


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: crm-import FILE.csv", file=sys.stderr)
        return 2
    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    nameless = [number for number, row in enumerate(rows, 2) if not row.get("name")]
    for number in nameless:
        print(f"{sys.argv[1]}:{number}: a customer needs a name", file=sys.stderr)
    print(f"{len(rows) - len(nameless)} of {len(rows)} customers can be loaded")
    return 1 if nameless else 0
