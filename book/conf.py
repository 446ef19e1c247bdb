"""Settings of Sphinx for one language, which scripts/build_book.py chooses."""

import json
import os
import sys
from pathlib import Path

BOOK = Path(__file__).resolve().parent
sys.path.insert(0, str(BOOK.parent / "scripts"))  # for the extension

edition = os.environ.get("D2L_BN_BOOK_LANGUAGE", "en")
words = json.loads((BOOK / f"words.{edition}.json").read_text(encoding="utf-8"))

project = words["title"]
author = "d2l_bn contributors"
html_title = project
language = {"en": "en", "zh": "zh_CN"}[edition]
editions = os.environ.get("D2L_BN_BOOK_EDITIONS", edition).split()
html_context = {"words": words, "edition": edition, "editions": editions, "default_mode": "auto"}

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_codeautolink",
    "bookmaking.sphinx_links",
    "bookmaking.sphinx_search",
]
templates_path = [str(BOOK / "_templates")]
nitpicky = True
toc_object_entries = False
suppress_warnings = [
    "codeautolink.parse_block",  # code of a lesson may be wrong on purpose
    "codeautolink.match_block",  # examples in docstrings are not looked for in the pages
]

# lessons: executed before Sphinx comes
nb_execution_mode = "off"
nb_merge_streams = True
nb_render_markdown_format = "myst"  # tables and formulas of outputs
nb_output_stderr = "remove"
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "dollarmath"]
myst_heading_anchors = 4
myst_links_external_new_tab = False

# functions
autodoc_inherit_docstrings = False  # MXNet's are on other hosts, and not all are sound
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
add_module_names = False
python_use_unqualified_type_names = True
codeautolink_concat_default = True
codeautolink_autodoc_inject = True  # an entry lists the lessons that use it
codeautolink_search_css_classes = ["highlight-ipython3", "highlight-python"]

# page
html_theme = "sphinx_book_theme"
html_static_path = [str(BOOK / "_static")]
html_extra_path = [  # beside the pages: notebooks to download, pictures
    path for path in (str(BOOK / "_build/extra" / edition),) if Path(path).is_dir()
]
html_favicon = str(BOOK / "_static/icon.svg")
html_css_files = ["book.css"]
html_js_files = ["book.js"]
html_show_sourcelink = False
html_copy_source = False
html_permalinks_icon = "#"
html_last_updated_fmt = None
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "home_page_in_toc": False,
    "show_toc_level": 2,
    "article_header_end": ["book-buttons.html"],
    "navbar_persistent": [],
    "logo": {"text": project},
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "footer_content_items": ["book-footer.html"],
}
html_sidebars = {"**": ["navbar-logo.html", "search-button-field.html", "sbt-sidebar-nav.html"]}
mathjax_path = "vendor/mathjax-3.2.2-tex-svg-full.js"
mathjax_loading_method = "defer"
mathjax3_config = {
    "options": {"enableMenu": False},
    "tex": {"inlineMath": [["\\(", "\\)"]]},
}
copybutton_exclude = ".linenos, .gp, .go"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
