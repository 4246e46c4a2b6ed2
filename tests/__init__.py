"""The tests: unit (pure, seconds), integration (real parts), contract (fake and real alike), architecture."""
