import html
import json
import re
import subprocess

import pytest
from drawn import SVG, Drawn
from models import ODD
from test_figures import every_sample

from course import figures
from course.figures.lettering import EM, is_measured, width
from course.figures.style import FONTS, css, palette
from course.layers.layer import Layer

pytestmark = pytest.mark.browser

CHROMIUM = (
    "chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --virtual-time-budget=3000 --dump-dom"
).split()


def told_by(script, body, tmp_path, dark=False):
    """What the script told (JSON) about a page with this body, seen by a reader who prefers light or dark."""
    page = tmp_path / "page.html"
    page.write_text(
        f"<!doctype html><meta charset=utf-8><body>{body}<pre id=told></pre><script type=module>"
        f"const told = await (async () => {{{script}}})();"
        "document.getElementById('told').textContent = JSON.stringify(told)</script>",
        "utf-8",
    )
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    command = [*CHROMIUM, f"--user-data-dir={tmp_path / 'profile'}", scheme, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return json.loads(html.unescape(re.search('<pre id="told">(.*?)</pre>', done.stdout, re.DOTALL)[1]))


def odd_figures():
    layers = [Layer.of({f"/{name}": name.encode("utf-8", "surrogateescape") for name in ODD})]
    return [figures.union_beside_stack(layers, rows=99), *(figures.provenance(layers, f"/{name}") for name in ODD)]


def test_no_text_is_wider_than_the_room_it_was_given(tmp_path):
    some = [*every_sample(), *odd_figures()]
    script = "return [...document.querySelectorAll('svg.lbl-figure text')].map(text => text.getComputedTextLength())"
    lengths = told_by(script, "".join(figure.svg for figure in some), tmp_path)
    texts = [text for figure in some for text in Drawn(figure).root.iter(f"{SVG}text")]
    assert len(texts) == len(lengths) > 200
    wider = [
        (text.text, round(length), width(text.text, FONTS[text.get("class").split()[0][4:]]))
        for text, length in zip(texts, lengths, strict=True)
        if is_measured(text.text) and length > width(text.text, FONTS[text.get("class").split()[0][4:]])
    ]
    assert not wider, wider


def test_no_letter_is_wider_than_it_is_taken_for(tmp_path):
    letters = [(letter, look) for letter in EM for look in FONTS]
    texts = "".join(f'<text class="lbl-{look}">{html.escape(letter)}</text>' for letter, look in letters)
    body = f"<svg class=lbl-figure><style>{css()}</style>{texts}</svg>"
    script = "return [...document.querySelectorAll('text')].map(text => text.getComputedTextLength())"
    lengths = told_by(script, body, tmp_path)
    wider = [
        (letter, look, length, width(letter, FONTS[look]))
        for (letter, look), length in zip(letters, lengths, strict=True)
        if length > width(letter, FONTS[look]) + 0.01
    ]
    assert not wider, wider


@pytest.mark.parametrize("prefers_dark", [False, True])
def test_a_figure_follows_the_theme_of_jupyterlab_whatever_the_reader_prefers(prefers_dark, tmp_path):
    svg = every_sample()[0].svg
    body = "".join(f'<div data-jp-theme-light="{theme}">{svg}</div>' for theme in ("true", "false"))
    script = "return [...document.querySelectorAll('.lbl-canvas')].map(rect => getComputedStyle(rect).fill)"
    assert told_by(script, body, tmp_path, prefers_dark) == [rgb("canvas", dark=False), rgb("canvas", dark=True)]


@pytest.mark.parametrize("prefers_dark", [False, True])
def test_a_picture_in_a_readme_follows_what_the_reader_prefers(prefers_dark, tmp_path):
    every_sample()[0].save(tmp_path / "picture.svg")
    script = """
        const picture = new Image();
        picture.src = URL.createObjectURL(new Blob([document.getElementById('svg').textContent],
                                                   {type: 'image/svg+xml'}));
        await picture.decode();
        const canvas = document.createElement('canvas');
        const pen = canvas.getContext('2d');
        pen.drawImage(picture, 0, 0);
        return 'rgb(' + [...pen.getImageData(60, 90, 1, 1).data].slice(0, 3).join(', ') + ')';
    """
    body = f"<pre id=svg>{html.escape((tmp_path / 'picture.svg').read_text('utf-8'))}</pre>"
    assert told_by(script, body, tmp_path, prefers_dark) == rgb("canvas", prefers_dark)


def test_what_is_not_trusted_shows_the_words_and_what_is_trusted_the_drawing(tmp_path):
    figure = every_sample()[0]
    sanitized = re.sub("<(/?)(?!div|/div|pre|/pre)[^>]*>", "", re.sub("<style>.*?</style>", "", figure.html))
    script = """
        return [...document.querySelectorAll('.lbl-drawing, .lbl-words')].map(part => part.checkVisibility());
    """
    told = told_by(script, f"<section>{figure.html}</section><section>{sanitized}</section>", tmp_path)
    assert told == [True, False, False, True]


def rgb(name, dark):
    colour = palette(dark)[name]
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"
