"""Which of the nine value types is each customer, how does that change, and what should be done about it?

Source: the seed crosses time (past, present, future) with perceived value (functional, economic, psychological) and gives one clause
per cell; which records speak for which cell is this package's reading of it (`behaviour.catalogue`).
"""
