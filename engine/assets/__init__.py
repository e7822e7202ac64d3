"""Hash-pinned files: model packs, single models, demo pictures.

Every file has an origin, a licence and a hash in a manifest, and is verified before it is used. The
built-in manifest is ``manifest.toml``; ``JIKCAM_MODELS`` names a folder with its own that goes first;
``JIKCAM_CACHE`` moves the place that fetched files go to.
"""

from engine.assets.adding import add_model
from engine.assets.download import Progress
from engine.assets.inventory import AssetStatus, fetch_pack, list_assets, verify_all
from engine.assets.packs import ModelFile, Pack, load_model, load_pack, load_picture

__all__ = [
    "AssetStatus",
    "ModelFile",
    "Pack",
    "Progress",
    "add_model",
    "fetch_pack",
    "list_assets",
    "load_model",
    "load_pack",
    "load_picture",
    "verify_all",
]
