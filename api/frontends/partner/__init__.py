"""The front door for partners, whose services use the API: a page that shows their key and how much they use."""
