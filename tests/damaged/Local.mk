# tests: damaged
