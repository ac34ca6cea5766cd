"""A carton with what lies in it, drawn from above and from the front right: an SVG without styles of its own."""

from collections.abc import Callable, Sequence
from html import escape

from lading.views.packing import ProposedParcel, ProposedPiece

Point = tuple[float, float]
Corner = tuple[float, float, float]
At = Callable[[Corner], Point]
"""Where a corner is on the paper."""

WIDE = 360
COLORS = ("#4c8bf5", "#f2a33a", "#43a770", "#c65fb8", "#e2604f", "#3aa6b9", "#8d7be0", "#a8923c", "#7a8794", "#d8779a")
"""By line: its units have one color, and a number that the list says too."""
_COS, _SIN = 0.866, 0.5


def picture(parcel: ProposedParcel, label: str) -> str:
    """The drawing. x goes to the right, y to the left, both towards who looks; z upwards."""
    inner = (parcel.inner.length_mm, parcel.inner.width_mm, parcel.inner.height_mm)
    scale = (WIDE - 20) / ((inner[0] + inner[1]) * _COS)
    high = ((inner[0] + inner[1]) * _SIN + inner[2]) * scale + 20
    left, top = 10 + inner[1] * _COS * scale, 10 + inner[2] * scale

    def at(corner: Corner) -> Point:
        x, y, z = corner
        return left + (x - y) * _COS * scale, top + ((x + y) * _SIN - z) * scale

    lines = list(dict.fromkeys(piece.line for piece in parcel.pieces))
    parts = [_shell(inner, at)]
    for number, piece in _from_behind(parcel.pieces):
        parts.append(_box(piece, number, COLORS[lines.index(piece.line) % len(COLORS)], at))
    parts.append(_front(inner, at))
    return (
        f'<svg class="carton" viewBox="0 0 {WIDE} {high:.0f}" role="img" aria-label="{escape(label)}">'
        + "".join(parts)
        + "</svg>"
    )


def color_of(parcel: ProposedParcel, line: int) -> str:
    """The color of a line's units."""
    lines = list(dict.fromkeys(piece.line for piece in parcel.pieces))
    return COLORS[lines.index(line) % len(COLORS)]


def _from_behind(pieces: Sequence[ProposedPiece]) -> list[tuple[int, ProposedPiece]]:
    """Each with the number in which it is laid down, in an order in which none is painted over by one that is behind it."""
    left = list(enumerate(pieces, 1))
    done: list[tuple[int, ProposedPiece]] = []
    while left:
        free = next(
            (one for one in left if not any(_hides(one[1], other[1]) for other in left if other is not one)), left[0]
        )
        left.remove(free)
        done.append(free)
    return done


def _ends(piece: ProposedPiece) -> tuple[Corner, Corner]:
    low = (piece.x_mm, piece.y_mm, piece.z_mm)
    return low, (low[0] + piece.length_mm, low[1] + piece.width_mm, low[2] + piece.height_mm)


def _hides(one: ProposedPiece, other: ProposedPiece) -> bool:
    """Whether one lies before the other, and their pictures overlap: what shows the same place differs by (1, 1, 1)."""
    (a1, a2), (b1, b2) = _ends(one), _ends(other)
    if not any(a1[axis] >= b2[axis] for axis in range(3)):
        return False
    return all(
        a1[first] - a2[second] < b2[first] - b1[second] and b1[first] - b2[second] < a2[first] - a1[second]
        for first, second in ((0, 1), (0, 2), (1, 2))
    )


def _polygon(points: Sequence[Point], more: str) -> str:
    return f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" {more}/>'


def _shade(color: str, share: float) -> str:
    """Darker by that share."""
    parts = (int(color[index : index + 2], 16) for index in (1, 3, 5))
    return "#" + "".join(f"{int(part * share):02x}" for part in parts)


def _box(piece: ProposedPiece, number: int, color: str, at: At) -> str:
    (x1, y1, z1), (x2, y2, z2) = _ends(piece)
    edge = 'stroke="#1b1f24" stroke-opacity=".55" stroke-width=".8" stroke-linejoin="round"'
    faces = (
        ([(x1, y1, z2), (x2, y1, z2), (x2, y2, z2), (x1, y2, z2)], 1.0),
        ([(x2, y1, z1), (x2, y2, z1), (x2, y2, z2), (x2, y1, z2)], 0.82),
        ([(x1, y2, z1), (x2, y2, z1), (x2, y2, z2), (x1, y2, z2)], 0.66),
    )
    drawn = "".join(
        _polygon([at(corner) for corner in face], f'fill="{_shade(color, share)}" {edge}') for face, share in faces
    )
    x, y = at(((x1 + x2) / 2, (y1 + y2) / 2, z2))
    text = f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="11" font-weight="700" fill="#111">{number}</text>'
    return f"<g><title>{escape(piece.sku)}</title>{drawn}{text}</g>"


def _shell(inner: Sequence[int], at: At) -> str:
    """Floor and the two walls at the back."""
    x, y, z = inner
    wall = 'fill="#c8a77a" fill-opacity=".28" stroke="#8a6d43" stroke-width="1"'
    faces = (
        [(0, 0, 0), (x, 0, 0), (x, y, 0), (0, y, 0)],
        [(0, 0, 0), (x, 0, 0), (x, 0, z), (0, 0, z)],
        [(0, 0, 0), (0, y, 0), (0, y, z), (0, 0, z)],
    )
    return "".join(_polygon([at(corner) for corner in face], wall) for face in faces)


def _front(inner: Sequence[int], at: At) -> str:
    """The edges in front, through which one looks."""
    x, y, z = inner
    edges = (
        ((x, y, 0), (x, y, z)), ((x, 0, z), (x, y, z)), ((0, y, z), (x, y, z)), ((x, 0, 0), (x, y, 0)), ((0, y, 0), (x, y, 0)),
        ((x, 0, 0), (x, 0, z)), ((0, y, 0), (0, y, z)),
    )  # fmt: skip
    drawn = []
    for start, end in edges:
        (x1, y1), (x2, y2) = at(start), at(end)
        drawn.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#8a6d43" stroke-width="1" stroke-dasharray="4 3"/>'
        )
    return "".join(drawn)
