from support.views.queue import act, item, queue
from support.views.rules import reset, rules

__all__ = ["act", "item", "queue", "reset", "rules"]
