"""From the bytes of a file to headers and rows, or a refusal in words. No database."""

from participants.reading.table import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    Row,
    Table,
    UnreadableFile,
    read_table,
)

__all__ = [
    "MAX_CELL",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "Row",
    "Table",
    "UnreadableFile",
    "read_table",
]
