"""The form of a question to predict: choices, and a button that locks one in."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets


class PredictForm(anywidget.AnyWidget):
    """A question (``question``, str of HTML) with ``choices`` (list of str of HTML), none of them chosen at first.

    Once the button (``button``, str: its label) is pressed, ``chosen`` is the choice's index (int, before: None);
    observe it.  ``static`` are the forms for where no kernel runs (dict of media type to str).
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = Path(__file__).with_suffix(".css")
    question = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    button = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Int(None, allow_none=True).tag(sync=True)

    def __init__(self, static: dict[str, str], **traits: Any) -> None:
        super().__init__(**traits)
        self.static = static

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, **self.static}, metadata
