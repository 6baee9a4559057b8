"""For agents: the API's queries as tools of the Model Context Protocol."""
