"""Starts Alongside on one machine: embedded servers, web, workers and beat."""
