"""The self-service kiosk: its page, and what the page asks of the gateway."""

from channels.kiosk import pages, talk

ROOMS = (pages, talk)
