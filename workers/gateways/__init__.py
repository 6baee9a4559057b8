"""The adapters that call the payment provider and the carrier over HTTP, and write mails."""
