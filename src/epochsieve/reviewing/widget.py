"""The page in a notebook: the same modules, with the kernel in the server's place."""

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from epochsieve.reviewing.answering import Question, answer
from epochsieve.reviewing.assets import list_assets, read_asset
from epochsieve.reviewing.desk import Desk


class ReviewWidget(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]  # Any where anywidget is not installed
    """Epochs to look at and to decide about, in a notebook's cell.

    Attributes
    ----------
    desk : Desk
        What is reviewed; ``desk.book.list_standing()`` gives the verdicts.

    Parameters
    ----------
    desk : Desk
        What is reviewed.
    picture : callable
        Draws a static picture, PNG, for those who see the notebook without a kernel.
    """

    _esm = read_asset("widget.js").decode()
    _css = read_asset("page.css").decode()
    modules = traitlets.Dict().tag(sync=True)

    def __init__(self, desk: Desk, picture: Callable[[], bytes]) -> None:
        names = [name for name in list_assets() if name.endswith(".js") and name not in {"main.js", "widget.js"}]
        super().__init__(modules={name: read_asset(name).decode() for name in names})
        self.desk = desk
        self._picture = picture
        self.on_msg(self._answer)

    def _answer(self, _: Any, asked: Mapping[str, Any], __: Any) -> None:
        """Answer one question of the page."""
        query = {str(name): str(value) for name, value in asked.get("query", {}).items()}
        question = Question(str(asked["method"]), str(asked["path"]), query, str(asked.get("body", "")).encode())
        said = answer(self.desk, question)
        self.send({"turn": asked["turn"], "status": said.status, "headers": dict(said.headers)}, [said.body])

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Show the widget, and a picture where there are no widgets."""
        bundle = super()._repr_mimebundle_(**kwargs)
        content, more = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**content, "image/png": self._picture()}, more
