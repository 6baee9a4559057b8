"""Tokens of an external issuer (OpenID Connect): its keys, and whose tokens they sign."""
