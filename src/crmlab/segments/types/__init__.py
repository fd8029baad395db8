"""From features to the nine types: scores, the mixture, the simple lines beside it, and reasons."""
