"""Who is answered when: admission, memory, and the workers' results."""
