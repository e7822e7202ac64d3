"""What `jikcam obs setup` adds to the running OBS and `jikcam obs remove` takes away again.

A plan is made from what is there and what is wanted, without asking OBS anything; carrying it out is another
matter. What is the user's own is never changed.
"""

from obs_plugin.setup.apply import apply
from obs_plugin.setup.inventory import Inventory, Request, read_inventory
from obs_plugin.setup.plan import plan_setup
from obs_plugin.setup.remove import plan_remove
from obs_plugin.setup.steps import Plan, Step
from obs_plugin.setup.wanted import Wanted, mark, wanted

__all__ = [
    "Inventory",
    "Plan",
    "Request",
    "Step",
    "Wanted",
    "apply",
    "mark",
    "plan_remove",
    "plan_setup",
    "read_inventory",
    "wanted",
]
