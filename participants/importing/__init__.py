"""From rows of a file to people in a cohort: guess, check, plan, write, undo."""
