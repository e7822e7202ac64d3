"""Published trackers, run beside ours by `jikcam bench tracking`, in an environment of their own.

    python tests/benchmarks/peers/create.py FOLDER      makes that environment, once
    FOLDER/bin/python -m peers list                     what is in it, as JSON
    FOLDER/bin/python -m peers run NAME IN OUT          IN/*.npz -> OUT/*.npz, see exchange.py

Nothing of this is imported by the product, and nothing of the product is imported here: boxmot is AGPL, and
several of them bring an OpenCV that would overwrite ours. All get the same detections, one picture after the
other, and no pictures; so what compensates camera motion from pictures is off.
"""
