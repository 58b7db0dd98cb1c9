"""Where reports read from: connectors the platform finds in the group honeyframe.connectors."""

import csv
from pathlib import Path


class CsvConnector:
    """Reads a folder of CSV files, one table each."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def tables(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.csv"))

    def rows(self, table: str) -> list[dict[str, str]]:
        with open(self.folder / f"{table}.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
