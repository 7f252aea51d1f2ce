"""What can go wrong with a referral."""


class ReferralError(Exception):
    """Base of every error here."""


class TicketNotFound(ReferralError):
    """No ticket has this code and PIN. Which of the two is wrong is not told."""


class TooManyTries(ReferralError):
    """The PIN of this code was tried wrongly too often; wait before the next try."""


class IncompleteDraft(ReferralError):
    """A ticket was asked for before the citizen had agreed and confirmed."""
