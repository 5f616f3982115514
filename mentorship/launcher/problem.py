"""What the launcher cannot do, in a sentence for the person who started it."""


class Problem(Exception):
    """Say in plain words what is wrong and what to do about it."""
