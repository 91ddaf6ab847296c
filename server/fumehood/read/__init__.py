"""One logical line -> a reading: what its own text says, as unevaluated expressions."""
