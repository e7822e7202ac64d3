"""The laws of motion of other programs, ported from what they publish; one file each.

Every file says where the law comes from, which numbers are its documented defaults, and what could not be
known. The code here is our own. All laws get perfect boxes of the right person in every picture and start on
them: this compares laws of motion, not the programs, whose detection, latency and rest are not in here.
"""
