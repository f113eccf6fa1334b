"""Lists as a person says them."""

from collections.abc import Sequence

MOST = 3


def join(items: Sequence[str]) -> str:
    """One as it is, "a and b", "a, b and c"; of more than three the first three. A comma inside makes semicolons."""
    chosen = list(items[:MOST])
    if len(chosen) < 2:  # noqa: PLR2004 - one needs no joining
        return "".join(chosen)
    mark = ";" if any("," in item or ";" in item for item in chosen) else ","
    if mark == "," and len(chosen) == 2:  # noqa: PLR2004 - two have no comma
        return f"{chosen[0]}{',' if _holds_and(chosen) else ''} and {chosen[1]}"
    last = f"{mark} and " if mark == ";" or _holds_and(chosen) else " and "
    return f"{mark} ".join(chosen[:-1]) + last + chosen[-1]


def _holds_and(items: Sequence[str]) -> bool:
    return any(" and " in item or " or " in item for item in items)
