"""firewatch: wildfire early warning and joint dispatch."""
