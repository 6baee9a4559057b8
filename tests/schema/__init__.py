"""One stored payload of every version of every fact, which has to load for ever."""
