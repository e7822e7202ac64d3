"""The 80 classes of things in COCO (Lin et al. 2014, arXiv 1405.0312), in the order of its detectors."""

from __future__ import annotations

import difflib

from engine.errors import JikcamError

PERSON = "person"

COCO_80 = (
    *("person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"),
    *("traffic light", "fire hydrant", "stop sign", "parking meter", "bench"),
    *("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"),
    *("backpack", "umbrella", "handbag", "tie", "suitcase"),
    *("frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove"),
    *("skateboard", "surfboard", "tennis racket"),
    *("bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl"),
    *("banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake"),
    *("chair", "couch", "potted plant", "bed", "dining table", "toilet"),
    *("tv", "laptop", "mouse", "remote", "keyboard", "cell phone"),
    *("microwave", "oven", "toaster", "sink", "refrigerator"),
    *("book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush"),
)


def coco_class(label: str) -> int:
    """The number of a class, 0 to 79; capital letters and spaces around it do not matter.

    Raises:
        JikcamError: there is no such class; it names the nearest ones.
    """
    wanted = " ".join(label.lower().split())
    if wanted in COCO_80:
        return COCO_80.index(wanted)
    near = _near(wanted)
    fix = (
        f"did you mean {' or '.join(map(repr, near))}?"
        if near
        else "take a class of COCO, e.g. 'sports ball'"
    )
    raise JikcamError(f"no detector knows the thing {label!r}", fix)


def thing_class(label: str) -> int:
    """``coco_class`` of a thing to be looked for beside people.

    Raises:
        JikcamError: there is no such class, or it is people, who are followed anyway.
    """
    number = coco_class(label)
    if COCO_80[number] == PERSON:
        raise JikcamError("people are followed anyway", "name a thing, for example 'sports ball'")
    return number


def _near(wanted: str) -> list[str]:
    words = [name for name in COCO_80 if wanted and set(wanted.split()) & set(name.split())]
    alike = difflib.get_close_matches(wanted, COCO_80, n=3, cutoff=0.7)
    return list(dict.fromkeys([*alike, *words]))[:3]
