"""Takes the two pictures of the README from the recorded sample: `make pictures`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from serving import CHROMIUM_ARGUMENTS, chromium, serving
from stores import REPOSITORY, make_sample
from watching import new_view

FOLDER = REPOSITORY / "docs" / "pictures"
# File → page, and what its view is made of.
PICTURES = {"overview.png": ("", {}), "what-if.png": ("what-if", {"target": "job:train", "k": "4"})}
SIZE = {"width": 1280, "height": 1120}


def main() -> int:
    path = chromium()
    if path is None:
        sys.exit("pictures are taken with Debian's Chromium: apt-get install chromium")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="loopgauge-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
        home = make_sample(Path(folder) / "home")
        with serving(home, Path(folder) / "server.log") as server:
            for name, (page, parameters) in PICTURES.items():
                view = new_view(browser, viewport=SIZE, color_scheme="light").open(server.url(page, **parameters))
                view.page.screenshot(path=str(FOLDER / name))
                view.page.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
