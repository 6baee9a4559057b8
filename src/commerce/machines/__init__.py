"""The machines that use the API: services, and the keys that they are known by."""
