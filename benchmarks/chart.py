# SPDX-License-Identifier: BSD-3-Clause
"""Charts as SVG, with the standard library alone: a page of panels, each with
lines over logarithmic or linear axes, or with stacked bars."""
import html
import math

COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9",
           "#000000", "#8c564b", "#7f7f7f", "#bcbd22", "#6a3d9a", "#aec7e8",
           "#98df8a", "#ff9896", "#c5b0d5", "#c49c94"]
WIDTH, HEIGHT = 470, 330  # of a panel, pixels
LEFT, RIGHT, TOP, BOTTOM = 66, 16, 34, 50
ROW = 16  # height of a line of the legend


def number(value):
    """Short text of an axis label: 1200 -> 1200, 2e6 -> 2M, 0.25 -> 0.25."""
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            return "%.3g%s" % (value / (1e3 if letter == "k" else limit),
                               letter)
    return "%.4g" % value


class Axis:
    """Maps values to pixels, and has the places of its labels."""

    def __init__(self, values, start, end, log, at=None):
        low, high = min(values), max(values)
        self.log, self.start, self.end = log, start, end
        if log:
            if at is None:
                at = log_ticks(low, high)
            low, high = min(low, at[0]), max(high, at[-1])
            if low == high:
                low, high = low / 2, high * 2
        else:
            low = 0
            at = linear_ticks(high)
            high = max(high, at[-1])
        self.low, self.high, self.at = low, high, at

    def __call__(self, value):
        if self.log:
            part = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)


def log_ticks(low, high):
    """1, 2, 5 of every decade, or decades alone where there are many."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    digits = (1, 2, 5) if last - first <= 2 else (1,)
    every = 1 if last - first <= 7 else 2
    ticks = [d * 10.0 ** e for e in range(first, last + 1, every)
             for d in digits]
    inside = [t for t in ticks if low / 2.5 <= t <= high * 2.5]
    below = [t for t in inside if t <= low] or inside[:1]
    above = [t for t in inside if t >= high] or inside[-1:]
    return [t for t in inside if below[-1] <= t <= above[0]]


def linear_ticks(high):
    high = high if high > 0 else 1
    step = 10.0 ** math.floor(math.log10(high))
    for part in (0.1, 0.2, 0.25, 0.5, 1, 2):
        if high / (step * part) <= 6:
            step *= part
            break
    return [step * i for i in range(math.ceil(high / step - 1e-9) + 1)]


def text(x, y, words, anchor="middle", size=12, turn=False, colour="#000"):
    place = ' transform="rotate(-90 %.1f %.1f)"' % (x, y) if turn else ""
    return ('<text x="%.1f" y="%.1f" font-size="%d" text-anchor="%s" '
            'fill="%s"%s>%s</text>' % (x, y, size, anchor, colour, place,
                                       html.escape(words)))


def line(points, colour, dash="", width=1.8):
    return ('<polyline fill="none" stroke="%s" stroke-width="%s"%s points="%s"'
            '/>' % (colour, width,
                    ' stroke-dasharray="%s"' % dash if dash else "",
                    " ".join("%.1f,%.1f" % p for p in points)))


class Panel:
    """One chart. lines: of (label, [(x, y)], style), where style has any of
    colour (number), dash (SVG's), dots (bool), hidden (no legend)."""

    def __init__(self, title, x_label, y_label):
        self.title, self.x_label, self.y_label = title, x_label, y_label
        self.lines, self.bars = [], []
        self.x_log = self.y_log = True
        self.x_ticks = None
        self.names = []  # of all panels' bars, for the same colours

    def add(self, label, points, **style):
        points = [p for p in points if p[1] is not None and
                  (p[1] > 0 or not self.y_log)]
        if points:
            self.lines.append((label, points, style))

    def legend(self):
        if self.bars:
            names = []
            for _, parts in self.bars:
                names += [n for n, _ in parts if n not in names]
            all_names = self.names or names
            return [(n, {"colour": all_names.index(n), "box": True})
                    for n in names]
        seen = []
        for label, _, style in self.lines:
            if label and label not in [s[0] for s in seen]:
                seen.append((label, style))
        return seen

    def height(self):
        return HEIGHT + ROW * ((len(self.legend()) + 1) // 2)

    def draw(self, left, top, plot_bottom):
        out = [text(left + WIDTH / 2, top + 20, self.title, size=14)]
        x0, x1 = left + LEFT, left + WIDTH - RIGHT
        y0, y1 = plot_bottom - BOTTOM, top + TOP
        if self.bars:
            out += self.draw_bars(x0, x1, y0, y1)
        else:
            out += self.draw_lines(x0, x1, y0, y1)
        out.append(text((x0 + x1) / 2, plot_bottom - 12, self.x_label))
        out.append(text(left + 15, (y0 + y1) / 2, self.y_label, turn=True))
        for i, (label, style) in enumerate(self.legend()):
            x = x0 - 40 + (i % 2) * (WIDTH - 40) / 2
            y = plot_bottom + 8 + ROW * (i // 2)
            colour = COLOURS[style.get("colour", 0) % len(COLOURS)]
            if style.get("box"):
                out.append('<rect x="%.1f" y="%.1f" width="12" height="10" '
                           'fill="%s"/>' % (x + 6, y - 9, colour))
            else:
                out.append(line([(x, y - 4), (x + 24, y - 4)], colour,
                                style.get("dash", "")))
            out.append(text(x + 30, y, label, "start", 11))
        return out

    def frame(self, x0, x1, y0, y1, y_axis):
        out = []
        for value in y_axis.at:
            y = y_axis(value)
            out.append(line([(x0, y), (x1, y)], "#dddddd", width=1))
            out.append(text(x0 - 6, y + 4, number(value), "end", 11))
        out.append(line([(x0, y1), (x0, y0), (x1, y0)], "#000", width=1))
        return out

    def draw_lines(self, x0, x1, y0, y1):
        points = [p for _, some, _ in self.lines for p in some]
        if not points:
            return [text((x0 + x1) / 2, (y0 + y1) / 2, "nothing to draw")]
        x_axis = Axis([p[0] for p in points], x0 + 12, x1 - 12, self.x_log,
                      self.x_ticks)
        y_axis = Axis([p[1] for p in points], y0, y1, self.y_log)
        out = self.frame(x0, x1, y0, y1, y_axis)
        for value in x_axis.at:
            out.append(line([(x_axis(value), y0), (x_axis(value), y0 + 4)],
                            "#000", width=1))
            out.append(text(x_axis(value), y0 + 17, number(value), size=11))
        for _, some, style in self.lines:
            colour = COLOURS[style.get("colour", 0) % len(COLOURS)]
            place = [(x_axis(x), y_axis(y)) for x, y in sorted(some)]
            if len(place) > 1:
                out.append(line(place, colour, style.get("dash", "")))
            if style.get("dots"):
                out += ['<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"/>' %
                        (x, y, colour) for x, y in place]
        return out

    def draw_bars(self, x0, x1, y0, y1):
        totals = [sum(v for _, v in parts) for _, parts in self.bars]
        y_axis = Axis(totals, y0, y1, False)
        colour = {n: COLOURS[s["colour"] % len(COLOURS)]
                  for n, s in self.legend()}
        out = self.frame(x0, x1, y0, y1, y_axis)
        step = (x1 - x0) / len(self.bars)
        wide = min(0.7 * step, 60)
        for i, (label, parts) in enumerate(self.bars):
            centre, base = x0 + (i + 0.5) * step, 0
            for name, value in parts:
                out.append('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f"'
                           ' fill="%s"/>' % (centre - wide / 2,
                                             y_axis(base + value), wide,
                                             y_axis(base) -
                                             y_axis(base + value),
                                             colour[name]))
                base += value
            out.append(text(centre, y0 + 17, label, size=11))
        return out


def write(path, title, note, panels, across=2):
    """Draw the panels in rows of (across), a title above, a note below."""
    rows = [panels[i:i + across] for i in range(0, len(panels), across)]
    across = min(across, len(panels))
    width = WIDTH * across
    out, top = [text(width / 2, 24, title, size=16)], 36
    for row in rows:
        for i, panel in enumerate(row):
            out += panel.draw(WIDTH * i, top, top + HEIGHT)
        top += max(p.height() for p in row) + 6
    notes = wrap(note, width // 7)
    out += [text(12, top + 14 + 15 * i, words, "start", 11, colour="#444")
            for i, words in enumerate(notes)]
    top += 24 + 15 * len(notes)
    with open(path, "w", encoding="utf-8") as file:
        file.write('<svg xmlns="http://www.w3.org/2000/svg" width="%d" '
                   'height="%d" font-family="sans-serif">\n'
                   '<rect width="100%%" height="100%%" fill="#fff"/>\n%s\n'
                   '</svg>\n' % (width, top, "\n".join(out)))


def wrap(words, most):
    lines = [""]
    for word in words.split():
        if len(lines[-1]) + len(word) > most:
            lines.append("")
        lines[-1] = (lines[-1] + " " + word).strip()
    return lines
