"""How a stream of server-sent events looks, for the description of the API."""

from __future__ import annotations

from pydantic.config import JsonDict
from pydantic_core import to_json

from api.http.resource import Answer
from api.live.blocks import MEDIA_TYPE
from api.queries.consistency import write_position
from commerce.audit.items import Item

_ENDS = """The stream ends with an event of the type `dropped` (you read too slowly), `expired` (the token, or an
hour, is over), `closing` (the process stops) or `failed` (a part of the system does not answer); its `data` says
`last_event_id`, to go on from."""


def events_answer(item: JsonDict, model: type = Item) -> Answer:
    """A stream of items, or of what else a model describes, with an example of one."""
    position = item["position"]
    assert isinstance(position, int)
    text = (
        f"id: p1-0\nretry: 2400\n\ndata: {to_json(item).decode()}\nid: {write_position(position)}\n\n: keep-alive\n\n"
    )
    return Answer(model, example=text, description=" ".join(_ENDS.split()), media_type=MEDIA_TYPE)
