"""How Sphinx makes the site: scripts/docs builds it."""

from epochsieve import __version__

project = "epochsieve"
author = "The epochsieve developers"
copyright = author  # noqa: A001 - Sphinx's name for it
version = release = __version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",  # formulas need no other site
]
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 3
numpydoc_show_class_members = False
autodoc_typehints = "none"  # the docstrings say it in words
exclude_patterns = ["_build", "benchmarks"]
html_theme = "pydata_sphinx_theme"
html_title = "epochsieve"
html_show_sourcelink = False
html_sidebars = {
    name: [] for name in ("*method", "embedders", "architecture")
}  # single pages have no others beside them
html_theme_options = {
    "header_links_before_dropdown": 4,
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_end": [],
}
