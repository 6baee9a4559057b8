"""One stored payload of every version of every event, which has to load for ever."""
