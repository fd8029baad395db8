"""What a type is good for: what each cell gets, and whether types predict anything."""
