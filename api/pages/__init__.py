"""What pages are made with, whichever site they are of: routes and sessions, views and tables, actions, templates,
languages and files, without a build step.

A page asks the API's own routes for what it shows, in this process and in the viewer's name (`api_calls.py`), and an
action sends the API's own commands. So roles, scopes, access records, limits and idempotency are the API's, and a page
reads nothing that the API does not show. A contract of `pyproject.toml` holds that.
"""
