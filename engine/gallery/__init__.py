"""Enrolled people as folders that their owner can read: pictures beside numbers, private, deletable.

``GALLERY/NAME/member.json`` holds the embeddings, the pictures lie beside it. Nothing leaves the computer.
"""

from engine.gallery.folders import delete_member, rename_member
from engine.gallery.gallery import Gallery
from engine.gallery.live import LiveGallery
from engine.gallery.load import load_gallery
from engine.gallery.store import Models, Picture, add_to_member, save_member
from engine.gallery.where import default_folder, gallery_folder

__all__ = [
    "Gallery",
    "LiveGallery",
    "Models",
    "Picture",
    "add_to_member",
    "default_folder",
    "delete_member",
    "gallery_folder",
    "load_gallery",
    "rename_member",
    "save_member",
]
