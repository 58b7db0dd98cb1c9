"""What happens when a record is made."""

COUNTS = {"posts": 0}


async def count_post(record) -> None:
    COUNTS["posts"] += 1
