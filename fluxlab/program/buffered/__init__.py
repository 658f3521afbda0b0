"""Programs that compute in memory of their own, made once: every call of numpy writes where it is told to."""
