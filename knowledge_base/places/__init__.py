"""Where people find help: the city's institutions of public legal service, from a table a clerk keeps."""
