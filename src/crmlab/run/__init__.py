"""One run of the pipeline as a scheduler needs it: alone, logged, with an exit code and one line of alert."""

from crmlab.run.pipeline import run_pipeline

__all__ = ["run_pipeline"]
