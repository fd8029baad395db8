"""The figures of the quality page, and the check that tells them before a run."""
