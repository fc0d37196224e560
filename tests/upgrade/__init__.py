"""State folders of earlier versions, on which this one must start."""
