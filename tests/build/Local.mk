# tests: build
