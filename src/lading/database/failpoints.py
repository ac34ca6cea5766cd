"""A test may stop the world at a named point. In production a point costs one look at an empty dict."""

from collections.abc import Awaitable, Callable

_points: dict[str, Callable[[], Awaitable[None]]] = {}


async def reach(name: str) -> None:
    """Pass the point; whoever armed it decides how long that takes, or raises."""
    if _points and (action := _points.get(name)):
        await action()


def arm(name: str, action: Callable[[], Awaitable[None]]) -> None:
    """From now on run the action whenever the point is reached."""
    _points[name] = action


def disarm(name: str) -> None:
    """Forget the action of the point."""
    _points.pop(name, None)
