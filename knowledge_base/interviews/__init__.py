"""Interviews: a few questions as data, and what follows from the answers.

One form for the legal-aid check and the other guides, for the calculators and for the papers a citizen can take
along: ``content/interviews/*.yml``. `model` is the form, `reading` understands an answer, `course` says what to ask
next, `findings` what comes of it. Chat and pages ask the same questions.
"""
