"""boxmot (AGPL-3.0, a benchmark peer only), with the settings the authors give for DanceTrack."""

from __future__ import annotations

from typing import Any

import boxmot
import numpy as np
import torch
from boxmot.structures import Boxes, Detections
from peers.exchange import F64, Sight, Stage, Update

torch.set_num_threads(1)

#: What no tracker of boxmot accepts as a finding.
LEAST_SCORE = 0.1
LEAST_SIDE_PX = 1.0

#: name -> class, settings, whether it is fed embeddings.
TRACKERS: dict[str, tuple[str, dict[str, Any], bool]] = {
    # The authors' DanceTrack settings (their exps/example/mot/yolox_dancetrack_val_hybrid_sort.py): height-
    # modulated IoU, score cue in both steps, weak detections used, no appearance.
    "Hybrid-SORT": (
        "HybridSort",
        {
            "det_thresh": 0.6, "iou_threshold": 0.15, "inertia": 0.05, "asso_func": "hmiou", "delta_t": 3,
            "use_byte": True, "low_thresh": 0.1, "TCM_first_step": True, "TCM_byte_step": True,
            "TCM_byte_step_weight": 1.0, "max_age": 30, "min_hits": 3, "track_thresh": 0.6,
            "use_embeddings": False, "cmc_method": None,
        },
        False,
    ),
    # As the authors run DanceTrack: w_assoc_emb 1.25, aw_param 1. At 1 exactly boxmot divides by zero; just
    # below, adaptive weighting is as good as off, which is what 1 means.
    "Deep-OC-SORT": (
        "DeepOcSort",
        {
            "det_thresh": 0.6, "iou_threshold": 0.3, "inertia": 0.2, "delta_t": 3, "max_age": 30,
            "min_hits": 3, "w_association_emb": 1.25, "aw_param": 1 - 1e-6, "alpha_fixed_emb": 0.95,
            "cmc_off": True,
        },
        True,
    ),
    # boxmot's own configuration file, which is StrongSORT's.
    "StrongSORT": (
        "StrongSort",
        {
            "min_conf": 0.6, "max_cos_dist": 0.4, "max_iou_dist": 0.7, "n_init": 3, "nn_budget": 100,
            "mc_lambda": 0.98, "ema_alpha": 0.9, "max_age": 30,
        },
        True,
    ),
}  # fmt: skip


def tracker(name: str, stage: Stage) -> Update:
    """That tracker with an empty memory and without camera compensation: there are no pictures."""
    kind, settings, looks = TRACKERS[name]
    follow = getattr(boxmot, kind)(**settings)
    follow.cmc = None
    follow._requires_frame = False
    clock = iter(range(1, 1 << 31))

    def update(sight: Sight) -> tuple[Any, Any]:
        usable = sight.above(LEAST_SCORE)
        boxes, scores = usable.boxes, usable.scores
        good = (boxes[:, 2:] - boxes[:, :2] > LEAST_SIDE_PX).all(axis=1)
        boxes, scores = boxes[good], scores[good]
        if looks:
            if usable.bodies is None:
                raise SystemExit(f"{name} needs embeddings")
            found = follow.update(_seen(boxes, scores, usable.bodies[good], str(next(clock))))
            return found.track_ids.numpy(), found.geometry.values.numpy()
        rows = np.asarray(
            follow.update(np.column_stack([boxes, scores, np.zeros(len(boxes))]).astype(np.float32))
        )
        rows = rows.reshape(-1, rows.shape[-1] if rows.size else 8)
        return rows[:, 4], rows[:, :4]

    return update


def _seen(boxes: F64, scores: F64, bodies: F64, sample: str) -> Detections:
    # A crop that was not taken looks like nobody: the same small cosine to all.
    blank = ~bodies.any(axis=1)
    bodies = bodies.copy()
    bodies[blank] = 1.0 / np.sqrt(max(bodies.shape[1], 1))
    return Detections(
        Boxes(torch.from_numpy(boxes.astype(np.float32))),
        torch.from_numpy(scores.astype(np.float32)),
        torch.zeros(len(scores), dtype=torch.int64),
        sample_id=sample,
        embeddings=torch.from_numpy(bodies.astype(np.float32)),
    )
