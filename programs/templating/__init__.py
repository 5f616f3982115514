"""Templates of cohorts: files in ``templates_data/``, read once and checked word by word."""

from programs.templating.files import Template, all_templates, find_template
from programs.templating.nodes import Node, TemplateError, Text
from programs.templating.sections import Section, register, sections

__all__ = [
    "Node",
    "Section",
    "Template",
    "TemplateError",
    "Text",
    "all_templates",
    "find_template",
    "register",
    "sections",
]
