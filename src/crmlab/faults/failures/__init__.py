"""What fails how often: rates per machine-year, failures that emerge, lives of parts."""
