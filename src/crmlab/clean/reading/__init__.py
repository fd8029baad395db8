"""How the files of a company folder become text: every cell as it was written, with its file and line."""
