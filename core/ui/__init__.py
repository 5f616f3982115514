"""The parts every page is made of: template tags, charts, form widgets."""
