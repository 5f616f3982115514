"""Managers' pages for pairing: the policy and its runs, the review of a run, publishing."""
