# tests: golden
