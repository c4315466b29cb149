"""A figure as compact SVG inside a page: text stays text, colours follow the page."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex, to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.image import AxesImage
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform, Transform
from numpy.typing import ArrayLike, NDArray

from analysis.plots.frame import ReportFigure
from analysis.plots.style import COLOR_NAMES, cell_names, text_size, theme
from analysis.storage.write import show_hidden

_POINTS = 72  # of an inch
_FINE = 10  # units of the drawing in a point: whole numbers are short, and finer than a pixel
_Box: TypeAlias = tuple[float, float, float, float]


def draw_inline(figure: ReportFigure, name: str) -> str:
    """Draw a figure as an SVG element for a page that has the project's font and colours.

    Colours are classes (``f-blue`` fills, ``s-blue`` strokes), which the style of the page sets for
    light and dark. The readings of the marks (`ReportFigure.tell`) are in ``data-marks`` as JSON.
    What is too tall for half a sheet of paper is followed by slices of it, cut between its panels,
    which print takes in its place: a sheet may end between them.

    Parameters
    ----------
    name
        Begins every id of the element, so it must be the only one of its name in the page.

    Examples
    --------
    >>> from analysis.plots.frame import blank_figure
    >>> figure = blank_figure(1.0, 2.0)
    >>> figure.text(0, 0.5, "Price & more", size=10) and None
    >>> draw_inline(figure, "price").splitlines()[-1]
    '<g class="f-ink" font-size="100"><text x="0" y="360">Price &amp; more</text></g></svg>'
    """
    width, height = (float(side) * _POINTS for side in figure.get_size_inches())
    canvas = _Canvas(width, height, name)
    with theme(), _bare(figure):
        figure.draw(canvas)
        marks = _readings(figure, height)
        cuts = [] if figure.is_narrow else _cuts(figure, canvas)
    size = f"{round(width * _FINE)} {round(height * _FINE)}"
    told = f" data-marks='{marks}'" if marks else ""
    kind = "narrow" if figure.is_narrow else "wide"
    kind += " tall" * bool(cuts)
    head = (
        f'<svg class="{kind}" viewBox="0 0 {size}" role="img" aria-labelledby="{name}-title" '
        f'aria-describedby="{name}-alt"{told}><title id="{name}-title">{escape(figure.title)}'
        f'</title><desc id="{name}-alt">{escape(figure.alt)}</desc>'
    )
    if not cuts:
        return "\n".join([head, *canvas.elements()]) + "</svg>"
    whole = [head, f'<g id="{name}-drawn">', *canvas.elements(), "</g></svg>"]
    slices = [
        f'<svg class="slice" viewBox="0 {top} {round(width * _FINE)} {low - top}" '
        f'aria-hidden="true"><use href="#{name}-drawn"/></svg>'
        for top, low in pairwise([0, *cuts, round(height * _FINE)])
    ]
    return "\n".join([*whole, *slices])


# Of the width: a slice of 190 mm width is at most as high as the style of the page lets print
# draw a figure, and a figure that is higher by a fifth is cut and not made smaller.
_HALF_SHEET, _CUT_FROM = 0.62, 0.75


def _cuts(figure: ReportFigure, canvas: "_Canvas") -> list[int]:
    """Find where a figure too tall for half a sheet can be cut: below a row of its panels.

    The headline stays with the first row, and the source line with the last.
    """
    if canvas.height < _CUT_FROM * canvas.width:
        return []
    panels = [box for axes in figure.axes if (box := axes.get_tightbbox(canvas)) is not None]
    texts = [text.get_window_extent(canvas) for text in figure.texts if text.get_text()]
    taken = sorted((canvas.height - box.y1, canvas.height - box.y0) for box in [*panels, *texts])
    low, gaps = 0.0, []
    for top, end in taken:
        gap = canvas.height - (low + top) / 2
        if top > low + 1 and any(box.y0 > gap for box in panels) and end < taken[-1][1]:
            gaps.append((low + top) / 2)
        low = max(low, end)
    cuts, start = [], 0.0
    for gap, after in pairwise([*gaps, canvas.height]):
        if after - start > _HALF_SHEET * canvas.width and gap > start:
            cuts.append(_units(gap))
            start = gap
    return cuts


@contextmanager
def _bare(figure: ReportFigure) -> Iterator[None]:
    """Take the white grounds away, at a point a unit, and leave the figure as it was."""
    grounds = [figure.patch, *(axes.patch for axes in figure.axes)]
    shown = [ground.get_visible() for ground in grounds]
    images = figure.findobj(AxesImage)
    smooth = [image.get_interpolation() for image in images]
    dpi = figure.get_dpi()
    try:
        figure.set_dpi(_POINTS)
        for ground in grounds:
            ground.set_visible(False)
        for image in images:
            image.set_interpolation("none")  # hands over the cells as they are
        yield
    finally:
        figure.set_dpi(dpi)
        for ground, was in zip(grounds, shown, strict=True):
            ground.set_visible(was)
        for image, kind in zip(images, smooth, strict=True):
            image.set_interpolation(kind)


def _readings(figure: ReportFigure, height: float) -> str:
    """Write what the marks tell as JSON for the script of the page.

    Of each pair of axes the side along which marks stand, its box, and place and text of each mark.
    """
    told = []
    for reading in figure.readings:
        box = reading.axes.get_window_extent()
        edges = [_units(side) for side in (box.x0, height - box.y1, box.x1, height - box.y0)]
        marks = []
        for place, text in zip(reading.places, reading.texts, strict=True):
            x, y = reading.axes.transData.transform(place)
            if np.isfinite([x, y]).all():
                y = min(max(y, box.y0), box.y1)
                marks.append([_units(x), _units(height - y), show_hidden(text)])
        told.append([reading.along, edges, marks])
    written = json.dumps(told, ensure_ascii=False, separators=(",", ":")) if told else ""
    return escape(written, quote=False).replace("'", "&#39;")


@dataclass(frozen=True)
class _Style:
    """The look of a path."""

    fill: str = ""
    stroke: str = ""
    width: int = 0
    dashes: tuple[int, ...] = ()
    opacity: float = 1.0
    is_dot: bool = False
    pattern: str = ""

    def attributes(self) -> str:
        """Write the look as attributes: colours as classes, what is usual not at all."""
        classes = [f"f-{self.fill}" if self.fill else "", f"s-{self.stroke}" if self.stroke else ""]
        parts = [f'class="{" ".join(filter(None, classes))}"' if any(classes) else ""]
        if self.stroke:
            parts.append(f'stroke-width="{self.width}"')
        if self.dashes:
            parts.append(f'stroke-dasharray="{" ".join(map(str, self.dashes))}"')
        if self.is_dot:
            parts.append('stroke-linecap="round"')
        if self.opacity < 1:
            parts.append(f'opacity="{self.opacity}"')
        if self.pattern:
            parts.append(f'fill="url(#{self.pattern})"')
        return " ".join(filter(None, parts))


@dataclass
class _Drawn:
    """A path of one look, to which others of the look are added as long as nothing lies between."""

    style: _Style
    pen: "_Pen"
    box: _Box

    def widen(self, box: _Box) -> None:
        """Take the place of a further part in."""
        old = self.box
        self.box = (
            min(old[0], box[0]), min(old[1], box[1]), max(old[2], box[2]), max(old[3], box[3])
        )  # fmt: skip


@dataclass
class _Pen:
    """Writes path data in whole units, each step from the last point."""

    data: str = ""
    at: tuple[int, int] = (0, 0)
    start: tuple[int, int] = (0, 0)
    letter: str = ""

    def move(self, x: int, y: int) -> None:
        """Begin a part."""
        self._write("m", x - self.at[0], y - self.at[1]) if self.data else self._write("M", x, y)
        self.at = self.start = (x, y)

    def line(self, x: int, y: int) -> None:
        """Draw a line; none where it would have no length."""
        across, down = x - self.at[0], y - self.at[1]
        if across and down:
            self._write("l", across, down)
        elif across or down:
            self._write("h" if across else "v", across or down)
        self.at = (x, y)

    def curve(self, points: Sequence[tuple[int, int]]) -> None:
        """Draw a curve with one or two points that pull it."""
        steps = [side - self.at[at % 2] for at, side in enumerate(sum(points, ()))]
        self._write("q" if len(points) == 2 else "c", *steps)
        self.at = points[-1]

    def dot(self, x: int, y: int) -> None:
        """Draw a point, which a round end makes a disc."""
        self.move(x, y)
        self._write("h", 0)

    def close(self) -> None:
        """End a part where it began."""
        self._write("z")
        self.at = self.start

    def _write(self, letter: str, *numbers: int) -> None:
        """Write a step; its letter is left out after the same one, a blank before a minus."""
        for place, number in enumerate(numbers):
            is_named = place == 0 and (letter != self.letter or letter in "mM")
            blank = "" if is_named or number < 0 else " "
            self.data += f"{letter if is_named else ''}{blank}{number}"
        self.data += "" if numbers else letter
        self.letter = letter


class _Canvas(RendererBase):
    """Takes what matplotlib draws, in points, and keeps it as few SVG elements."""

    def __init__(self, width: float, height: float, name: str) -> None:
        super().__init__()
        self.width, self.height, self.name = width, height, name
        self.paths: list[_Drawn] = []
        self.texts: list[tuple[str, str]] = []  # look and element
        self.patterns: dict[str, str] = {}
        # By path and scale: a mark is drawn at thousands of places, and its ends are slow to find.
        self._marks: dict[tuple[int, bytes], tuple[Path, NDArray[np.float64]]] = {}

    def elements(self) -> Iterator[str]:
        """Give the elements: patterns, paths in order, and the texts above them all."""
        if self.patterns:
            yield f"<defs>{''.join(self.patterns.values())}</defs>"
        for drawn in self.paths:
            yield f'<path {drawn.style.attributes()} d="{drawn.pen.data}"/>'
        look, group = "", ""
        for own, element in self.texts:
            if own != look and group:
                yield f"<g {look}>{group}</g>"
                group = ""
            look, group = own, group + element
        if group:
            yield f"<g {look}>{group}</g>"

    # What matplotlib asks of a canvas.

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self.width, self.height

    def flipy(self) -> bool:
        return True

    def option_image_nocomposite(self) -> bool:
        return True

    def option_scale_image(self) -> bool:
        return True

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,  # noqa: ANN401, N803 - the name is matplotlib's
    ) -> None:
        clip = gc.get_clip_rectangle()
        style = self._style(gc, rgbFace)
        if not style.fill and not style.stroke:
            return
        if _is_circle(path) and style.fill and style.stroke in ("", style.fill):
            box = self._extents(path, transform)
            if clip is None or _holds(clip, box):
                self._dot(style, box)
            return
        if style.fill and clip is not None and not _is_inside(path, transform, clip):
            path = transform.transform_path(path).clip_to_bbox(clip)
            transform = IdentityTransform()
        # What cuts lines leaves a unit more at each side.
        edges = None if clip is None or style.fill else _corners(clip.padded(-1))
        self._add(style, path, transform, edges)
        hatch = gc.get_hatch()
        if hatch:
            pattern = self._pattern(hatch, _name_of(gc.get_hatch_color()))
            self._add(_Style(pattern=pattern, opacity=style.opacity), path, transform, None)

    def _extents(self, path: Path, transform: Transform) -> Bbox:
        matrix = np.asarray(transform.get_matrix())
        key = id(path), matrix[:2, :2].tobytes()
        if key not in self._marks:
            scale = Affine2D(np.hstack([matrix[:, :2], [[0], [0], [1]]]))
            self._marks[key] = path, np.asarray(path.get_extents(scale).extents)
        return Bbox.from_extents(self._marks[key][1] + np.tile(matrix[:2, 2], 2))

    def draw_text(  # noqa: PLR0917 - as matplotlib calls it
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,  # noqa: ANN401
        mtext: Text | None = None,
    ) -> None:
        told = s.strip()
        if not told:
            return
        size = prop.get_size_in_points()
        width = self._width(s.rstrip(), prop)
        # Blanks at the start of a line have no width in SVG.
        x += self._width(s[: len(s) - len(s.lstrip())], prop) if s != s.lstrip() else 0
        width -= width - self._width(told, prop) if s != s.lstrip() else 0
        anchor = "start" if mtext is None or angle else str(mtext.get_horizontalalignment())
        x += {"center": width / 2, "right": width}.get(anchor, 0.0)
        ends = {"center": "middle", "right": "end"}.get(anchor, "")
        look = f'class="f-{_name_of(gc.get_rgb())}" font-size="{_units(size)}"'
        look += f' text-anchor="{ends}"' if ends else ""
        place = f'x="{_units(x)}" y="{_units(y)}"'
        if angle:
            place += f' transform="rotate({-round(angle)} {_units(x)} {_units(y)})"'
        self.texts.append((look, f"<text {place}>{escape(told, quote=False)}</text>"))

    def draw_image(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        im: ArrayLike,
        transform: Transform | None = None,
    ) -> None:
        if transform is None:
            return
        names = _shades(np.asarray(im))
        rows, columns = names.shape
        corner, end = transform.transform([(0, 0), (1, 1)]) + np.array([x, y])
        across = np.linspace(corner[0], end[0], columns + 1)
        down = np.linspace(corner[1], end[1], rows + 1)
        for name in sorted(set(names.ravel())):
            pen = _Pen()
            for row, first, last in _runs(names == name):
                left, right = _units(across[first]), _units(across[last])
                top, low = self._y(down[row]), self._y(down[row + 1])
                pen.move(left, top)
                pen.line(right, top)
                pen.line(right, low)
                pen.line(left, low)
                pen.close()
            box = (min(across), min(down), max(across), max(down))
            self.paths.append(_Drawn(_Style(fill=str(name)), pen, box))

    def get_text_width_height_descent(
        self,
        s: str,
        prop: FontProperties,
        ismath: Any,  # noqa: ANN401
    ) -> tuple[float, float, float]:
        width, height, descent = text_size(s)
        size = prop.get_size_in_points()
        return width * size, height * size, descent * size

    def _width(self, text: str, prop: FontProperties) -> float:
        return float(self.get_text_width_height_descent(text, prop, False)[0]) if text else 0.0

    def _y(self, y: float) -> int:
        return _units(self.height - y)

    def _style(self, gc: GraphicsContextBase, face: Any) -> _Style:  # noqa: ANN401
        color, width = gc.get_rgb(), gc.get_linewidth()
        forced = gc.get_alpha() if gc.get_forced_alpha() else None
        faced = face is not None and (len(face) < 4 or face[3] > 0)
        lined = width > 0 and color[3] > 0
        clear = [
            float(rgba[3]) if len(rgba) > 3 else 1.0
            for rgba, is_drawn in ((face, faced), (color, lined))
            if is_drawn
        ]
        dashes: Any = gc.get_dashes()[1]
        return _Style(
            fill=_name_of(face) if faced else "",
            stroke=_name_of(color) if lined else "",
            width=_units(width) if lined else 0,
            dashes=tuple(_units(dash) for dash in dashes) if dashes is not None and lined else (),
            opacity=round(float(forced if forced is not None else min(clear, default=1.0)), 2),
        )

    def _dot(self, style: _Style, box: Bbox) -> None:
        """Draw a disc as a point with a round end: thousands of them are one short path."""
        width = _units(box.width) + (style.width if style.stroke else 0)
        look = _Style(stroke=style.fill, width=width, opacity=style.opacity, is_dot=True)
        pen = self._pen(look, _corners(box))
        pen.dot(_units((box.x0 + box.x1) / 2), self._y((box.y0 + box.y1) / 2))

    def _add(self, style: _Style, path: Path, transform: Transform, clip: _Box | None) -> None:
        corners = transform.transform(path.vertices)
        corners = corners[np.isfinite(corners).all(axis=1)]
        if not len(corners):
            return
        pen = self._pen(style, _corners(Bbox([corners.min(axis=0), corners.max(axis=0)])))
        for points, code in path.iter_segments(
            transform, clip=clip, simplify=False, remove_nans=True
        ):
            placed = [
                (_units(points[at]), self._y(points[at + 1])) for at in range(0, len(points), 2)
            ]
            if code == Path.MOVETO:
                pen.move(*placed[0])
            elif code == Path.LINETO:
                pen.line(*placed[0])
            elif code == Path.CLOSEPOLY:
                pen.close()
            else:
                pen.curve(placed)

    def _pen(self, style: _Style, box: _Box) -> _Pen:
        """Give the pen of an earlier path of the look where nothing was drawn over this place."""
        x0, y0, x1, y1 = box
        wide = style.width / _FINE / 2
        own = (x0 - wide, y0 - wide, x1 + wide, y1 + wide)
        for drawn in reversed(self.paths) if style.opacity == 1 else ():
            if drawn.style == style:
                drawn.widen(own)
                return drawn.pen
            if _overlap(drawn.box, own):
                break
        self.paths.append(_Drawn(style, _Pen(), own))
        return self.paths[-1].pen

    def _pattern(self, hatch: str, color: str) -> str:
        """Give the id of a pattern of slanted lines."""
        name = f"{self.name}-{'down' if hatch.startswith(chr(92)) else 'up'}-{color}"
        turn = -45 if hatch.startswith("\\") else 45
        self.patterns[name] = (
            f'<pattern id="{name}" width="30" height="30" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate({turn})"><path class="s-{color}" stroke-width="10" '
            'd="M0 0v30"/></pattern>'
        )
        return name


def _corners(box: Bbox) -> _Box:
    return float(box.x0), float(box.y0), float(box.x1), float(box.y1)


def _units(points: float) -> int:
    return round(float(points) * _FINE)


def _name_of(color: Any) -> str:  # noqa: ANN401
    """Name a colour of the palette; the nearest one where it is none of them."""
    code = to_hex(tuple(color)[:3])
    if code in COLOR_NAMES:
        return COLOR_NAMES[code]
    return _nearest(np.array([to_rgb(code)]), COLOR_NAMES)[0]


def _nearest(colors: NDArray[np.float64], called: Mapping[str, str]) -> list[str]:
    """Name the nearest of the colours that have a name."""
    known, names = np.array([to_rgb(code) for code in called]), list(called.values())
    gaps = ((colors[:, None, :] - known[None, :, :]) ** 2).sum(axis=2)
    return [names[place] for place in gaps.argmin(axis=1)]


def _shades(image: NDArray[np.uint8]) -> NDArray[np.str_]:
    """Name the shade of each cell."""
    rows, columns = image.shape[:2]
    codes, places = np.unique(image.reshape(-1, image.shape[2])[:, :3], axis=0, return_inverse=True)
    return np.array(_nearest(codes / 255, cell_names()))[places.ravel()].reshape(rows, columns)


def _runs(cells: NDArray[np.bool_]) -> Iterator[tuple[int, int, int]]:
    """Give row, first cell and end of each run of marked cells."""
    for row, marks in enumerate(cells):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(int)))
        for first, end in edges.reshape(-1, 2).tolist():
            yield row, first, end


def _is_circle(path: Path) -> bool:
    circle = Path.unit_circle()
    return path is circle or (
        path.codes is not None
        and len(path) == len(circle)
        and np.array_equal(np.asarray(path.codes), np.asarray(circle.codes))
    )


def _holds(clip: Bbox, box: Bbox) -> bool:
    """Say whether the middle of a mark lies inside, with a little room at the edge."""
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return bool(clip.x0 - 1 <= x <= clip.x1 + 1 and clip.y0 - 1 <= y <= clip.y1 + 1)


def _is_inside(path: Path, transform: Transform, clip: Bbox) -> bool:
    box, edge = path.get_extents(transform), 0.01
    return bool(
        clip.x0 - edge <= box.x0
        and clip.y0 - edge <= box.y0
        and box.x1 <= clip.x1 + edge
        and box.y1 <= clip.y1 + edge
    )


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
