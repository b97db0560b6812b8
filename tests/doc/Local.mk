# tests: doc
