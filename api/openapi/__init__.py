"""The OpenAPI document, and the page on which people read and try the API."""
