"""The shop's pages for customers: the catalogue, logging in, their orders, one order as it goes on, its cancellation.

They rest on what the console's pages rest on: each asks the API's routes in the customer's name.
"""
