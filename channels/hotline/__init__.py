"""The hotline: calls that the 12348 call centre hands over while every agent is busy. docs/hotline.md"""

from channels.hotline.transfers import transfers


def ready() -> None:
    """
    Raises:
        ContentError: the hotline's own files are broken.
    """
    transfers()
