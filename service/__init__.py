"""The service: bundles behind HTTP. `server.serve` runs it, or BentoML ``app:service``."""
