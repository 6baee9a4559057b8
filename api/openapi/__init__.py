"""The OpenAPI document, and the page on which the API is read and tried out."""
