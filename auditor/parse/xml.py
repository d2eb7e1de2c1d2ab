"""XML from devices and files: no DTD, no entities, a size cap, a depth cap; never raises."""

import re
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

CAP = 262_144
_DEPTH = 64
_DTD = re.compile(r"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST)", re.IGNORECASE)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")


class _Shallow(TreeBuilder):
    """Builds elements and gives up below a depth no honest reply reaches."""

    depth = 0

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        self.depth += 1
        if self.depth > _DEPTH:
            raise ParseError("too deep")
        return super().start(tag, attrs)

    def end(self, tag: str) -> Element:
        self.depth -= 1
        return super().end(tag)


def parse(text: str, cap: int = CAP) -> Element | None:
    """Return the root element, or nothing where it is too large or deep, has a DTD or is no XML."""
    # The bytes were decoded already; a declaration of another encoding would only mislead the parser.
    text = _DECLARATION.sub("", text.lstrip("\ufeff"), count=1)
    if len(text) > cap or _DTD.search(text):
        return None
    try:
        parser = XMLParser(target=_Shallow())  # noqa: S314 - a DTD was refused above, so there is no entity to expand
        parser.feed(text)
        root: Element | None = parser.close()
    except (ParseError, ValueError):
        return None
    return root


def local(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def texts(root: Element | None) -> dict[str, str]:
    """Return local name → text of the first element of each name that holds text alone."""
    values: dict[str, str] = {}
    for element in root.iter() if root is not None else ():
        value = (element.text or "").strip()
        if value and not len(element):
            values.setdefault(local(element), value)
    return values
