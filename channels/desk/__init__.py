"""The desk at /desk: pages made on the server with Jinja and htmx, for those who work on tickets."""

from channels.desk import account, live, numbers, overview, people, platforms, queue, ticket

ROOMS = (account, queue, ticket, live, people, numbers, overview, platforms)
