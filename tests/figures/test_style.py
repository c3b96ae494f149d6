import itertools

import pytest

from course.figures.style import INKS, LINES, SHEET_OPACITY, SOLIDS, SURFACES, css, palette


def channels(colour):
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def luminance(colour):
    """WCAG 2.2, "relative luminance"."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """WCAG 2.2, "contrast ratio"."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def over(top, bottom, opacity):
    return [opacity * a + (1 - opacity) * b for a, b in zip(top, bottom, strict=True)]


def grounds(dark):
    """Everything that a text or a line can lie on: each surface, and one, two, three sheets over each other."""
    colours = palette(dark)
    found = {name: channels(colours[name]) for name in SURFACES}
    pile = found["canvas"]
    for count in (1, 2, 3):
        pile = over(found["sheet"], pile, SHEET_OPACITY)
        found[f"{count} sheets"] = pile
    return found


def test_black_on_white_has_a_contrast_of_21():
    assert contrast([0, 0, 0], [1, 1, 1]) == pytest.approx(21)


@pytest.mark.parametrize(("ink", "dark"), list(itertools.product(INKS, [False, True])))
def test_every_ink_can_be_read_on_every_surface(ink, dark):
    text = channels(palette(dark)[ink])
    low = {name: round(contrast(text, ground), 2) for name, ground in grounds(dark).items()}
    assert {name: ratio for name, ratio in low.items() if ratio < 4.5} == {}


@pytest.mark.parametrize(("solid", "dark"), list(itertools.product(SOLIDS, [False, True])))
def test_text_on_a_solid_surface_can_be_read(solid, dark):
    colours = palette(dark)
    assert contrast(channels(colours[f"on-{solid}"]), channels(colours[solid])) >= 4.5


@pytest.mark.parametrize(("line", "dark"), list(itertools.product([*LINES, *SOLIDS], [False, True])))
def test_every_outline_can_be_told_from_what_it_lies_on(line, dark):
    colour = channels(palette(dark)[line])
    low = {name: round(contrast(colour, ground), 2) for name, ground in grounds(dark).items()}
    assert {name: ratio for name, ratio in low.items() if ratio < 3} == {}


def test_both_themes_name_the_same_colours():
    assert palette(dark=False).keys() == palette(dark=True).keys()


def test_the_style_sheet_follows_jupyterlab_before_the_readers_preference():
    rules = css()
    assert rules.index("prefers-color-scheme") < rules.index('[data-jp-theme-light="true"]')
    for dark, selector in ((False, '[data-jp-theme-light="true"]'), (True, '[data-jp-theme-light="false"]')):
        rule = rules.partition(selector)[2].partition("}")[0]
        assert all(f"--lbl-{name}:{colour};" in rule for name, colour in palette(dark).items())


def test_every_rule_is_about_figures_only():
    selectors = [rule.rpartition("{")[0] for rule in css().replace("@media print{", "").split("}") if rule]
    assert all("lbl-figure" in selector for selector in selectors)
