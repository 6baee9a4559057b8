"""What a person does on a page: clicks, types, ticks and chooses, by the words that stand there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from playwright.async_api import Locator, Page

W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class Click:
    """A link or a button of the page's content, by its whole text; the first where several say the same."""

    text: str

    def on(self, page: Page) -> Locator:
        """All there are."""
        content = page.locator("main")
        link, button = (content.get_by_role(role, name=self.text, exact=True) for role in ("link", "button"))
        return link.or_(button)


@dataclass(frozen=True, slots=True)
class Tick:
    """A box, by its label."""

    label: str


@dataclass(frozen=True, slots=True)
class Choose:
    """One of a list, by the list's label and the text of what is chosen."""

    label: str
    text: str


@dataclass(frozen=True)
class Type(Generic[W]):
    """A text, into the field of a label; the text may depend on what is there by then."""

    label: str
    text: str | Callable[[W], Awaitable[str]]


Step = Click | Tick | Choose | Type[W]


async def do(step: Step[W], page: Page, world: W) -> None:
    """Do it."""
    content = page.locator("main")
    match step:
        case Click():
            await step.on(page).first.click()
        case Tick(label):
            await content.get_by_label(label, exact=True).first.check()
        case Choose(label, text):
            await content.get_by_label(label, exact=True).select_option(label=text)
        case Type(label, text):
            typed = text if isinstance(text, str) else await text(world)
            await content.get_by_label(label, exact=True).fill(typed)
