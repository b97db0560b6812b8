# tests: unit
