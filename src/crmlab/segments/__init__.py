"""Which of the nine value types is each customer: what they do, scored on six axes, named by a mixture.

Source: the seed crosses time (past, present, future) with perceived value (functional, economic, psychological)
and gives one clause per cell; which records speak for which axis is this package's reading of it (`features`).
"""
