"""The faults and loads that messaging has to stand, injected into the real service (make chaos; a short form in CI)."""
