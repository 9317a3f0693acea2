"""Hooks of MkDocs: what pages link to outside of docs becomes part of the site, so that their links need not change."""

import html
import posixpath
import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#|/)([^)\s#]+)")

# Pages that lie elsewhere in the tree, by their place in the site.
PAGES = {"first-run.md": "README.md", "contributing.md": "CONTRIBUTING.md"}
PLACES = {path: place for place, path in PAGES.items()} | {"docs": "README.md"}


def place(path):
    """Where the site has a file or folder of the tree, or None if there is no such thing."""
    if path in PLACES:
        return PLACES[path]
    if not (ROOT / path).exists():
        return None
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return f"tree/{path}/index.html" if (ROOT / path).is_dir() else f"tree/{path}"


def targets(markdown, folder):
    """The files and folders of the tree to which a text in a folder of the tree links."""
    return {posixpath.normpath(posixpath.join(folder, link)) for link in LINK.findall(markdown)}


def on_files(files, config):
    for uri, path in PAGES.items():
        files.append(File.generated(config, uri, content=(ROOT / path).read_text()))
    linked = set()
    for file in files.documentation_pages():
        source = PAGES.get(file.src_uri, "docs/" + file.src_uri)
        linked |= targets(file.content_string, posixpath.dirname(source))
    copies = {}  # by their place
    for path in sorted(linked):
        target = place(path)
        if target is None or not target.startswith("tree/"):
            continue  # a page, or broken, as MkDocs will say
        if not (ROOT / path).is_dir():
            copies[target] = ROOT / path
            continue
        inside = [p for p in sorted((ROOT / path).rglob("*")) if p.is_file() and "target" not in p.parts]
        names = [p.relative_to(ROOT / path).as_posix() for p in inside]
        copies.update({f"tree/{path}/{name}": source for name, source in zip(names, inside)})
        items = "".join(f'<li><a href="{n}">{html.escape(n)}</a></li>' for n in names)
        listing = f"<!doctype html><meta charset=utf-8><title>{path}</title><h1>{path}</h1><ul>{items}</ul>"
        files.append(File.generated(config, target, content=listing))
    for target, source in copies.items():
        files.append(File.generated(config, target, abs_src_path=str(source)))
    return files


def on_page_markdown(markdown, page, config, files):
    source = PAGES.get(page.file.src_uri, "docs/" + page.file.src_uri)
    folder = posixpath.dirname(source)
    here = posixpath.dirname(page.file.src_uri) or "."

    def moved(match):
        target = place(posixpath.normpath(posixpath.join(folder, match.group(1))))
        return match.group(0) if target is None else posixpath.relpath(target, here)

    return LINK.sub(moved, markdown)
