"""Every action of the console as a person does it: from the page that offers it, by what is clicked and typed there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from api.pages.notices import NOTICES
from tests.browser import action_world as world
from tests.browser.action_steps import Choose, Click, Step, Tick, Type
from tests.browser.action_world import World
from tests.integration.api.test_staff import PASSWORD

COPY = "Copy this now: no page shows it again."
ALL_DONE = "Done to 1 of 1."


@dataclass(frozen=True, slots=True)
class ConsoleAction:
    """How somebody does something."""

    begins: Callable[[World], Awaitable[str]]
    """Makes what there has to be; answers the page that offers the action, below the console's."""
    offer: Sequence[Step[World]]
    """What leads from there to the page that asks; its first click is what an auditor is not offered."""
    preview: str | None
    """What that page says will happen; None where there is none, as nothing does."""
    form: Sequence[Step[World]]
    """What is typed there."""
    verb: str
    """What is clicked then."""
    said: str | None
    """What the page says that comes after it; None where it is a file."""


def _of_cases(button: str, preview: str, verb: str, *form: Step[World], undone: bool = False) -> ConsoleAction:
    """A decision about what is chosen in the list of cases."""
    begins = world.a_case_of_an_undo if undone else world.a_case
    return ConsoleAction(begins, (Tick("Choose all"), Click(button)), preview, form, verb, ALL_DONE)


def _of_parked(button: str, preview: str, *form: Step[World]) -> ConsoleAction:
    offer = (Tick("Choose all"), Click(button))
    reason = Type[World]("Reason", "the number was a slip of the pen")
    return ConsoleAction(world.a_parked_group, offer, preview, (*form, reason), button, NOTICES["parked"])


_WHY = Type[World]("Reason", "they agreed on the telephone")
_PASSWORD = Type[World]("Present password", PASSWORD)
_CODE = Type("Code of your authenticator app, or a recovery code", world.own_code)
_INTERVENTION = NOTICES["intervention"]

ACTIONS: Mapping[str, ConsoleAction] = {
    "POST /console/cases/assignment": _of_cases(
        "Take, or give to somebody", "Whom you name looks after", "Give them", Type("Owner (optional)", "olga")
    ),
    "POST /console/cases/notes": _of_cases(
        "Note", "the timeline has all of them", "Note it", Type("Note", "asked them, ticket 4711")
    ),
    "POST /console/cases/retry": _of_cases("Ask once more", "under the same key", "Ask once more", _WHY),
    "POST /console/cases/skip": _of_cases(
        "Go on without an answer", "counts as done by hand", "Go on without an answer", _WHY, undone=True
    ),
    "POST /console/cases/compensate": _of_cases("Give up", "they end rejected", "Give orders up", _WHY),
    "POST /console/cases/resolve": _of_cases(
        "Close", "nothing more is done about it", "Close them", _WHY, Choose("What was done", "settled")
    ),
    "POST /console/parked/{group}/retry": _of_parked("Try again", "The events are tried again at once"),
    "POST /console/parked/{group}/discard": _of_parked("Leave it out", "The events are left out for good"),
    "POST /console/parked/{group}/edit": _of_parked(
        "Read it otherwise",
        "The events are read with other fields",
        Type("Fields that are replaced (optional)", '{"quantity": 4}'),
    ),
    "POST /console/shipping/dispatch": ConsoleAction(
        world.an_order_to_ship,
        (Tick("Choose all"), Click("They left the house")),
        "The pieces leave the stock",
        (),
        "Yes, they left",
        ALL_DONE,
    ),
    "POST /console/shipping/delivery": ConsoleAction(
        world.an_order_on_its_way,
        (Tick("Choose all"), Click("They arrived")),
        "These orders are delivered.",
        (),
        "Yes, they arrived",
        ALL_DONE,
    ),
    "POST /console/stock/{sku}/receipts": ConsoleAction(
        world.a_stocked_product,
        (Click("Receive pieces"),),
        "There are 10 of lamp now",
        (Type("Pieces", "7"),),
        "They are here",
        NOTICES["receipt"],
    ),
    "POST /console/stock/{sku}/adjustments": ConsoleAction(
        world.a_stocked_product,
        (Click("Correct the count"),),
        "The count is corrected.",
        (Type("Pieces more, or fewer", "-2"), Type("Reason", "two are broken")),
        "Correct it",
        NOTICES["adjustment"],
    ),
    "POST /console/catalogue/{sku}/terms": ConsoleAction(
        world.a_product,
        (Click("Change it, or put it on sale"),),
        "orders that were placed keep the prices they had",
        (Type("Name", "A brighter lamp"), Type("Prices in other currencies (optional)", "9.50 USD")),
        "Put it on sale so",
        NOTICES["product"],
    ),
    "POST /console/catalogue/{sku}/end": ConsoleAction(
        world.a_product,
        (Click("Take it off sale"),),
        "cannot be ordered any more",
        (),
        "Take it off sale",
        NOTICES["off_sale"],
    ),
    "POST /console/orders/{order_id}/cancellation": ConsoleAction(
        world.an_order,
        (Click("Cancel the order"),),
        "is undone: reserved stock",
        (_WHY,),
        "Ask for the cancellation",
        NOTICES["cancellation"],
    ),
    "POST /console/orders/{order_id}/erasure": ConsoleAction(
        world.an_order,
        (Click("Erase what is personal"),),
        "Gone for good: the name",
        (Choose("Why", "They object to what it is used for"),),
        "Erase it for good",
        NOTICES["erasure"],
    ),
    "POST /console/orders/{order_id}/process/retry": ConsoleAction(
        world.a_process,
        (Click("Ask once more"),),
        "Nothing is done twice: the request is the same.",
        (_WHY,),
        "Ask once more",
        _INTERVENTION,
    ),
    "POST /console/orders/{order_id}/process/skip": ConsoleAction(
        world.a_process_that_undoes,
        (Click("Go on without an answer"),),
        "counts as done by hand",
        (_WHY,),
        "Go on without an answer",
        _INTERVENTION,
    ),
    "POST /console/orders/{order_id}/process/compensate": ConsoleAction(
        world.a_process,
        (Click("Give the order up"),),
        "it ends rejected",
        (_WHY,),
        "Give the order up",
        _INTERVENTION,
    ),
    "POST /console/orders/{order_id}/process/resolve": ConsoleAction(
        world.a_process,
        (Click("Close the case"),),
        "This case is closed as decided:",
        (Choose("How it was decided", "false alarm"), _WHY),
        "Close the case",
        _INTERVENTION,
    ),
    "POST /console/orders/{order_id}/refund": ConsoleAction(
        world.a_paid_order,
        (Click("Give money back"), Type("Amount in EUR", "4.00"), Click("Show what it means")),
        "After that, €6.00 can still be given back.",
        (_WHY,),
        "Give it back",
        NOTICES["refund"],
    ),
    "POST /console/orders/{order_id}/shipments/{shipment_id}/dispatch": ConsoleAction(
        world.a_confirmed_order,
        (Click("The shipment left the house"),),
        "left with Parcels (TRK-1)",
        (),
        "Yes, it left",
        NOTICES["dispatch"],
    ),
    "POST /console/orders/{order_id}/shipments/{shipment_id}/delivery": ConsoleAction(
        world.a_shipped_order,
        (Click("The shipment arrived"),),
        "the order is delivered",
        (),
        "Yes, it arrived",
        NOTICES["delivery"],
    ),
    "POST /console/customers/{customer_id}/erasure": ConsoleAction(
        world.a_customer,
        (Click("Erase what is personal"),),
        "The account is closed at once.",
        (Choose("Why", "They withdraw their consent"),),
        "Erase it for good",
        NOTICES["erasure"],
    ),
    "POST /console/read-models/{name}/rebuild": ConsoleAction(
        world.a_read_model, (Click("Rebuild it"),), "is made again from the log", (), "Rebuild it", NOTICES["rebuild"]
    ),
    "POST /console/read-models/{name}/rebuild/end": ConsoleAction(
        world.a_rebuild, (Click("Give it up"),), "What is under way is given up", (), "Give it up", NOTICES["given_up"]
    ),
    "POST /console/read-models/{name}/verification": ConsoleAction(
        world.a_read_model, (Click("Verify it"),), "nothing is changed", (), "Verify it", NOTICES["verification"]
    ),
    "POST /console/read-models/{name}/verification/end": ConsoleAction(
        world.a_verification,
        (Click("Give it up"),),
        "What is under way is given up",
        (),
        "Give it up",
        NOTICES["given_up"],
    ),
    "POST /console/access/add-member": ConsoleAction(
        world.the_staff,
        (Click("Invite somebody"),),
        "A mail goes there.",
        (
            Type("E-mail address", "otto@shop.example"),
            Choose("Role", "auditor: sees everything and changes nothing"),
            Tick("read the log, and who looked audit:read"),
        ),
        "Send the invitation",
        NOTICES["invited"],
    ),
    "POST /console/access/staff/{member_id}/role": ConsoleAction(
        world.a_member_of_staff,
        (Click("Change what they may do"),),
        "in sessions that are open, too",
        (Choose("Role", "operator: does everything that staff may do"), Tick("decide cases cases:decide")),
        "Change it",
        NOTICES["member"],
    ),
    "POST /console/access/staff/{member_id}/invitation": ConsoleAction(
        world.a_member_of_staff,
        (Click("Invite them again"),),
        "what they log in with now is good",
        (),
        "Send the invitation",
        NOTICES["invited"],
    ),
    "POST /console/access/staff/{member_id}/removal": ConsoleAction(
        world.a_member_of_staff,
        (Click("Close the account"),),
        "their sessions end within two seconds",
        (),
        "Close it",
        NOTICES["member"],
    ),
    "POST /console/access/add-key": ConsoleAction(
        world.the_keys,
        (Click("Make an API key"),),
        "The key is shown once",
        (Type("Service", "till"), Tick("see stock stock:read")),
        "Make it",
        COPY,
    ),
    "POST /console/access/keys/{key_id}/rotation": ConsoleAction(
        world.an_api_key, (Click("Replace the key"),), "is good for 24 hours more", (), "Make another one", COPY
    ),
    "POST /console/access/keys/{key_id}/end": ConsoleAction(
        world.an_api_key,
        (Click("End the key"),),
        "is refused within two seconds, for good",
        (),
        "End it for good",
        NOTICES["key"],
    ),
    "POST /console/access/own/sessions/{session_id}/end": ConsoleAction(
        world.an_own_account,
        (Click("End it"),),
        "has to log in again, within two seconds",
        (),
        "End it",
        NOTICES["session"],
    ),
    "POST /console/access/own/password": ConsoleAction(
        world.an_own_account,
        (Click("Change your password"),),
        "You log in with the new password from now on.",
        (_PASSWORD, _CODE, Type("New password", "another sentence of hers")),
        "Change it",
        NOTICES["own_account"],
    ),
    "POST /console/access/own/recovery-codes": ConsoleAction(
        world.an_own_account,
        (Click("Get other recovery codes"),),
        "the present ones are good no more",
        (_PASSWORD, _CODE),
        "Get them",
        COPY,
    ),
    "POST /console/access/own/second-factor": ConsoleAction(
        world.an_own_account,
        (Click("Use another authenticator app"),),
        "The next page shows the secret",
        (_PASSWORD, _CODE),
        "Show the secret",
        "Put this into the app",
    ),
    "POST /console/access/own/second-factor/confirmation": ConsoleAction(
        world.an_own_account,
        (Click("Use another authenticator app"), _PASSWORD, _CODE, Click("Show the secret"), Click("The app has it")),
        "You log in by codes of the new app from now on.",
        (Type("Code that the new app shows", world.code_of_new_app),),
        "Confirm it",
        NOTICES["own_account"],
    ),
    "POST /console/webhooks/endpoints/new": ConsoleAction(
        world.the_webhooks,
        (Click("Add an endpoint"),),
        "From now on it is told what happens.",
        (Type("Address", "https://books.example/hooks"),),
        "Add it",
        COPY,
    ),
    "POST /console/webhooks/{endpoint_id}/change": ConsoleAction(
        world.an_endpoint,
        (Click("Change the endpoint"),),
        "It counts from now on",
        (Type("Address", "https://erp.example/hooks/2"),),
        "Change it",
        NOTICES["webhook"],
    ),
    "POST /console/webhooks/{endpoint_id}/rotation": ConsoleAction(
        world.an_endpoint,
        (Click("Give it a new secret"),),
        "are signed with a new secret",
        (),
        "Make a new secret",
        COPY,
    ),
    "POST /console/webhooks/{endpoint_id}/replay": ConsoleAction(
        world.an_endpoint,
        (Click("Deliver once more"),),
        "Everything since then is delivered",
        (Type("Since when", "2026-11-30T10:15"),),
        "Deliver it again",
        NOTICES["replay"],
    ),
    "POST /console/webhooks/{endpoint_id}/removal": ConsoleAction(
        world.an_endpoint,
        (Click("Remove the endpoint"),),
        "is told nothing any more",
        (),
        "Remove it",
        NOTICES["webhook"],
    ),
    "POST /console/webhooks/{endpoint_id}/deliveries/{position}/replay": ConsoleAction(
        world.a_delivery,
        (Click("Deliver once more"),),
        "is delivered to https://erp.example/hooks once more",
        (),
        "Deliver it again",
        NOTICES["redelivery"],
    ),
    "POST /console/integrity": ConsoleAction(
        world.a_signed_log,
        (),
        None,
        (Type("or paste what is in it", world.known_proof),),
        "Check it",
        "This proof holds",
    ),
    "POST /console/integrity/proof": ConsoleAction(
        world.a_signed_log, (), None, (Type("Order number or id", world.known_order),), "Download the proof", None
    ),
    "POST /console/integrity/verification": ConsoleAction(
        world.a_signed_log,
        (Click("Verify it"),),
        "Every event of the log is compared",
        (),
        "Verify it",
        NOTICES["verification"],
    ),
    "POST /console/integrity/verification/end": ConsoleAction(
        world.a_verification_of_the_log,
        (Click("Give it up"),),
        "What is under way is given up",
        (),
        "Give it up",
        NOTICES["given_up"],
    ),
}
"""How each action is done, by its row in `CONSOLE_PAGES`."""
