"""Names as they stand in the key of a thank-you."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache


def make_slugs(names: Iterable[str]) -> list[str]:
    """A name each as it stands in a key: `ada-park`, `interviewer` where nothing is left, `-2` where one repeats."""
    taken: list[str] = []
    for name in names:
        slug = unique = _slug(name)
        repeat = 1
        while unique in taken:
            repeat += 1
            unique = f"{slug}-{repeat}"
        taken.append(unique)
    return taken


@lru_cache(maxsize=1024)
def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "interviewer"
