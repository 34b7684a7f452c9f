"""A local stand-in for the AvePoint Elements API: the token endpoint and both published contracts for seats."""
