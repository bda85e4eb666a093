"""Tables and texts for the terminal, one module per subject. Nothing here decides anything."""
