"""What can go wrong with a referral. Messages are for the person who tried."""


class ReferralError(Exception):
    """Base of every error here."""


class TicketNotFound(ReferralError):
    """No ticket has this code and PIN. Which of the two is wrong is not told."""


class TooManyTries(ReferralError):
    """The PIN of this code was tried wrongly too often; wait before the next try."""


class IncompleteDraft(ReferralError):
    """A ticket was asked for before the citizen had agreed and confirmed."""


class Refused(ReferralError):
    """A step that may not be taken; the message says why, in Chinese."""


class NotAllowed(Refused):
    """This person may not do it."""


class IllegalStep(Refused):
    """The ticket does not stand where this step begins, or something it needs is missing."""
