"""Records: frozen values that the store returns and takes."""
