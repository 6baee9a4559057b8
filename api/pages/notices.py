"""What a page says after something was done: the word stands in its address, and the text here."""

from __future__ import annotations

from collections.abc import Mapping

from api.pages.languages import N_

NOTICES: Mapping[str, str] = {
    "own_cancellation": N_("We have your request to cancel this order; this page shows what becomes of it."),
    "erasure": N_("The erasure was asked for; this page shows what becomes of it."),
    "rebuild": N_("The rebuild was asked for; this page shows how far it is."),
    "verification": N_("The verification was asked for; this page shows how far it is."),
    "webhook": N_("It is on record, and counts from now on."),
    "invited": N_("The invitation is on its way."),
    "member": N_("It is on record, and counts within two seconds."),
    "key": N_("The key is ended."),
    "session": N_("The session is over."),
    "own_account": N_("It is changed; a mail tells you, too."),
    "replay": N_("It is delivered once more; the list shows how it goes."),
    "redelivery": N_("It is delivered once more; this page shows how it goes."),
    "given_up": N_("It is given up; everything stays as it was."),
    "cancellation": N_("The cancellation was asked for; this page shows what becomes of it."),
    "refund": N_("The refund was asked for; this page shows what becomes of it."),
    "dispatch": N_("It is on record that the shipment left."),
    "delivery": N_("It is on record that the shipment arrived."),
    "receipt": N_("The pieces are in stock."),
    "adjustment": N_("The count is corrected."),
    "product": N_("The product is on sale as it stands here."),
    "off_sale": N_("The product is off sale."),
    "parked": N_("The decision is on record, and takes effect within seconds."),
    "intervention": N_("It is on record, and the process acts on it at once."),
}
