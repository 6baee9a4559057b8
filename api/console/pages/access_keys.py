"""API keys: which service has which, what each is good for, and until when; made, replaced and ended."""

from __future__ import annotations

from fastapi import Response

from api.console.pages.access import scopes_text
from api.console.scope_words import SCOPE_WORDS, SERVICE_SCOPES, scope_boxes, with_scopes
from api.http.sites import CONSOLE
from api.pages.actions import Body, Field, PageAction, Preview, declare_action
from api.pages.api_calls import Document
from api.pages.cells import Link, Status, moment_of
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.tables import Column
from api.pages.view import View

pages = Pages()

_KEYS = "/api/v1/auth/keys"


def ends_at(key: Document) -> str:
    """When a key ends, by its own time or because another one takes its place."""
    return min(str(key["expires_at"]), str(key["ends_at"] or key["expires_at"]))


KEYS = (
    Column(N_("Service"), lambda key: Link(key["service"], f"{CONSOLE}/access/keys/{key['key_id']}")),
    Column(N_("Begins with"), lambda key: key["beginning"]),
    Column(N_("Scopes"), scopes_text),
    Column(N_("Status"), lambda key: Status(key["status"])),
    Column(N_("Good until"), lambda key: moment_of(ends_at(key))),
    Column(N_("Last used"), lambda key: moment_of(key["last_used_at"])),
)


@pages.page("/access/keys")
async def list_keys(view: View) -> Response:
    """List the keys."""
    query = {"service": view.query.get("service")}
    return await view.table_page("keys.html", _KEYS, query, KEYS)


@pages.page("/access/keys/{key_id}")
async def show_key(view: View) -> Response:
    """Show one, and lead to what was done with it."""
    key = await view.get(f"{_KEYS}/{view.path['key_id']}")
    return view.page("key.html", key=key, ends_at=ends_at(key), words=SCOPE_WORDS)


async def _preview_new(view: View) -> Preview:
    return Preview(
        [
            view.text(N_("The key is shown once, on the next page; only its beginning is kept.")),
            view.text(N_("What is done with it is on record as done by this service.")),
        ]
    )


async def _preview_rotation(view: View) -> Preview:
    key = await view.find(f"{_KEYS}/{view.path['key_id']}")
    if key is None:
        return Preview((), impossible=view.text(_NONE))
    said = {"service": key["service"], "beginning": key["beginning"]}
    sentences = [
        view.text(N_("%(service)s gets another key with the same scopes; it is shown once, on the next page.")),
        view.text(N_("The present one (%(beginning)s…) is good for 24 hours more; end it where others know it.")),
    ]
    return Preview([one % said for one in sentences])


async def _preview_end(view: View) -> Preview:
    key = await view.find(f"{_KEYS}/{view.path['key_id']}")
    if key is None:
        return Preview((), impossible=view.text(_NONE))
    text = N_("Whatever %(service)s asks for with the key %(beginning)s… is refused within two seconds, for good.")
    return Preview([view.text(text) % {"service": key["service"], "beginning": key["beginning"]}])


def _for_a_day(_typed: Body) -> Body:
    """The API's own time until the present key ends."""
    return {"ends_at": None}


_NONE = N_("There is no such key.")
_KEY = "/access/keys/{key_id}"
_ACTIONS = (
    PageAction(
        path="/access/add-key",
        command=f"POST {_KEYS}",
        title=N_("Make an API key"),
        verb=N_("Make it"),
        back="/access/keys",
        done="key",
        preview=_preview_new,
        fields=(
            Field("service", N_("Service"), help=N_("What the program is called, such as warehouse.")),
            Field(
                "expires_at",
                N_("Good until"),
                "date",
                N_("At most 366 days; left blank: 90 days."),
                is_required=False,
            ),
            *scope_boxes(SERVICE_SCOPES),
        ),
        body=with_scopes,
        template="scoped_action.html",
        result="secret.html",
        is_grave=True,
    ),
    PageAction(
        path=f"{_KEY}/rotation",
        command=f"POST {_KEYS}/{{key_id}}/rotation",
        title=N_("Replace the key"),
        verb=N_("Make another one"),
        back=_KEY,
        done="key",
        preview=_preview_rotation,
        body=_for_a_day,
        result="secret.html",
        is_grave=True,
    ),
    PageAction(
        path=f"{_KEY}/end",
        command=f"DELETE {_KEYS}/{{key_id}}",
        title=N_("End the key"),
        verb=N_("End it for good"),
        back=_KEY,
        done="key",
        preview=_preview_end,
        is_grave=True,
    ),
)
for _action in _ACTIONS:
    declare_action(pages, _action)
